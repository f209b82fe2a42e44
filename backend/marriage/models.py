"""Tables of the marriage room: offices, their days, slots with counted places, appointments and their history."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.identity import IdType, Sex
from backend.marriage.kinds import Area
from backend.marriage.rules import ACTIVE_STATES, Kind, ResidentGroup, State
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id


class Office(Base):
    """A marriage registry (婚姻登记处). `code` is its parameter scope; `node_id` ties it to the staff's tree."""

    __tablename__ = "marriage_offices"

    id: Mapped[uuid.UUID] = primary_id()
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    node_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id", unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    address: Mapped[str] = mapped_column(sa.String(160))
    phone: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int] = mapped_column(default=0)


class Slot(Base):
    """A stretch of time in one area of a registry, with the window-minutes that can be booked online.

    `kinds` are those that may be booked in it, by their values. `taken` is moved only by `backend.marriage.places`.
    """

    __tablename__ = "marriage_slots"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "area", "starts_at"),
        sa.Index("ix_marriage_slots_office_id_area_day", "office_id", "area", "day"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("cardinality(kinds) > 0", name="for_something"),
        sa.CheckConstraint("reserved >= 0", name="reserved_minutes"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    area: Mapped[Area] = enum_column(Area)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.String(40)))
    day: Mapped[date] = mapped_column(sa.Date)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]  # window-minutes
    taken: Mapped[int] = mapped_column(default=0)  # window-minutes
    reserved: Mapped[int] = mapped_column(default=0)  # of the capacity, for couples whose window closes (§2.5-3)

    office: Mapped[Office] = relationship(lazy="raise")


class FurtherSlot(Base):
    """A slot from which an appointment takes minutes because it is longer than the one people come to."""

    __tablename__ = "marriage_further_slots"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="some_minutes"),
        sa.Index("ix_marriage_further_slots_slot_id", "slot_id"),
    )

    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE", primary_key=True)
    slot_id: Mapped[uuid.UUID] = foreign_id("marriage_slots.id", primary_key=True)
    minutes: Mapped[int]


class Closure(Base):
    """Days on which a registry, or one area of it, does not open; `reason` is read by residents."""

    __tablename__ = "marriage_closures"
    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="in_order"),
        sa.Index("ix_marriage_closures_office_id_last_day", "office_id", "last_day"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    first_day: Mapped[date] = mapped_column(sa.Date)
    last_day: Mapped[date] = mapped_column(sa.Date)
    area: Mapped[Area | None] = enum_column(Area, nullable=True)
    reason: Mapped[str] = mapped_column(sa.String(80))


class PeakDay(Base):
    """A day with hours, windows, kinds and a release of its own (domain-rules §2.5 "Peak days").

    `hours` as the parameter `marriage.hours` has them; `kinds` by their values.
    """

    __tablename__ = "marriage_peak_days"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "day"),
        sa.CheckConstraint("extra_windows >= 0", name="no_fewer_windows"),
        sa.CheckConstraint("online_share >= 0 AND online_share <= 1", name="share_of_one"),
        sa.CheckConstraint("cardinality(kinds) > 0", name="for_something"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    day: Mapped[date] = mapped_column(sa.Date)
    hours: Mapped[list[Any]] = mapped_column(JSONB)
    extra_windows: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.String(40)))
    online_share: Mapped[float]
    open_even_if_rest: Mapped[bool]
    release_at: Mapped[datetime | None] = mapped_column(Moment)


class Via(StrEnum):
    """Where an appointment was made."""

    CHAT = "chat"
    API = "api"
    DESK = "desk"  # a registrar, for somebody at the window or on the telephone


_ACTIVE = ", ".join(f"'{state.value}'" for state in ACTIVE_STATES)


class Appointment(Base):
    """A place of a couple or one person (domain-rules §2.5-7). A HELD one has no number and no parties yet, and runs
    out. `minutes` are all its window-minutes; what its slot cannot hold lies in its `FurtherSlot`s. A HELD one with a
    `waiting_id` is the offer of a place to whoever waits for one (`backend.marriage.waiting`), and nobody else's.

    `active` is derived by the database and carried to the parties by their foreign key, so that one person can never
    have two active appointments of a kind, whatever code does.
    """

    __tablename__ = "marriage_appointments"
    __table_args__ = (
        sa.UniqueConstraint("id", "active"),
        sa.Index("ix_marriage_appointments_slot_id_state", "slot_id", "state"),
        sa.Index("ix_marriage_appointments_booked_by_created_at", "booked_by", "created_at"),
        sa.Index("ix_marriage_appointments_state_changed_at", "state", "changed_at"),
        sa.Index(
            "uq_marriage_appointments_one_hold",
            "booked_by",
            unique=True,
            postgresql_where=sa.text("state = 'held' AND waiting_id IS NULL"),
        ),
        sa.Index(
            "uq_marriage_appointments_one_offer",
            "waiting_id",
            unique=True,
            postgresql_where=sa.text("state = 'held' AND waiting_id IS NOT NULL"),
        ),
        sa.Index("ix_marriage_appointments_waiting_id", "waiting_id"),
        sa.Index(
            "ix_marriage_appointments_hold_expires_at",
            "hold_expires_at",
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.CheckConstraint("(state IN ('held', 'expired')) = (number IS NULL)", name="number_once_booked"),
        sa.CheckConstraint("(state <> 'held') OR (hold_expires_at IS NOT NULL)", name="hold_expires"),
        sa.CheckConstraint("minutes > 0", name="some_minutes"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    slot_id: Mapped[uuid.UUID] = foreign_id("marriage_slots.id")
    kind: Mapped[Kind] = enum_column(Kind)
    minutes: Mapped[int]
    state: Mapped[State] = enum_column(State)
    active: Mapped[bool] = mapped_column(sa.Computed(f"state IN ({_ACTIVE})", persisted=True))
    booked_by: Mapped[uuid.UUID] = foreign_id("persons.id")
    via: Mapped[Via] = enum_column(Via)
    hold_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    rescheduled: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    blocked_at: Mapped[datetime | None] = mapped_column(Moment)  # since when it is only stored (PIPL 47)
    waiting_id: Mapped[uuid.UUID | None] = foreign_id("marriage_waiting.id", ondelete="SET NULL", nullable=True)

    slot: Mapped[Slot] = relationship(lazy="raise")
    parties: Mapped[list[Party]] = relationship(lazy="raise", order_by="Party.position", viewonly=True)
    events: Mapped[list[AppointmentEvent]] = relationship(lazy="raise", order_by="AppointmentEvent.id", viewonly=True)


class PartyColumns:
    """What is kept of a person who comes to the registry, or waits for a place there.

    Each table names its own `Sealed` attributes, because one finds out once by which column its table is bound.
    """

    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    id_type: Mapped[IdType] = enum_column(IdType)
    id_number_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last4: Mapped[str] = mapped_column(sa.String(4))
    sex: Mapped[Sex | None] = enum_column(Sex, nullable=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    resident_group: Mapped[ResidentGroup] = enum_column(ResidentGroup)


class Party(PartyColumns, Base):
    """A person of an appointment. Names and numbers are fixed once booked (anti-resale, §2.5-2)."""

    __tablename__ = "marriage_parties"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["appointment_id", "active"],
            ["marriage_appointments.id", "marriage_appointments.active"],
            onupdate="CASCADE",
            ondelete="CASCADE",
            name="fk_marriage_parties_appointment",
        ),
        sa.UniqueConstraint("appointment_id", "position"),
        # E8: no active booking of the same kind anywhere in the system (domain-rules §2.4)
        sa.Index(
            "uq_marriage_parties_one_active",
            "kind",
            "id_number_index",
            unique=True,
            postgresql_where=sa.text("active"),
        ),
        sa.Index("ix_marriage_parties_id_number_index", "id_number_index"),
        sa.Index("ix_marriage_parties_name_index", "name_index"),
        sa.Index("ix_marriage_parties_last4", "last4"),
        sa.Index("ix_marriage_parties_phone_last4", "phone_last4"),
        # What `fill_search_columns` still has to do; empty once it is done.
        sa.Index("ix_marriage_parties_unfilled", "id", postgresql_where=sa.text("name_index IS NULL")),
        # Whoever takes a telephone away takes its tail along.
        sa.CheckConstraint("phone_last4 IS NULL OR phone_sealed IS NOT NULL", name="tail_of_a_phone"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    active: Mapped[bool]
    position: Mapped[int] = mapped_column(sa.SmallInteger)
    kind: Mapped[Kind] = enum_column(Kind)
    name_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(sa.String(4))

    name = Sealed()
    id_number = Sealed()
    phone = Sealed()


class AppointmentEvent(EventColumns, Base):
    """One move of an appointment: when, by whom, from where to where, why."""

    __tablename__ = "marriage_appointment_events"
    __table_args__ = (sa.Index("ix_marriage_appointment_events_appointment_id", "appointment_id"),)

    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE")
    from_state: Mapped[State | None] = enum_column(State, constraint="from_state", nullable=True)
    to_state: Mapped[State] = enum_column(State, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))


class AppointmentCount(Base):
    """How many appointments a month had, by how they ended: what stays of those that were erased. Names nobody."""

    __tablename__ = "marriage_appointment_counts"
    __table_args__ = (
        sa.CheckConstraint("appointments > 0", name="counted"),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name="first_of_the_month"),
    )

    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id", primary_key=True)
    kind: Mapped[Kind] = enum_column(Kind, primary_key=True)
    month: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    state: Mapped[State] = enum_column(State, primary_key=True)
    via: Mapped[Via] = enum_column(Via, primary_key=True)
    appointments: Mapped[int]


class DayListTaken(Base):
    """Somebody of a registry has opened the list of a day, to print it; it waits at the desk until then."""

    __tablename__ = "marriage_day_lists_taken"

    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id", primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
