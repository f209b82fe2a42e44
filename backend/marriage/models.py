"""Tables of the marriage room: offices, slots with counted places, appointments of couples and their history."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.identity import IdType, Sex
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
    """A stretch of time with `capacity` places online; `taken` is moved only by `backend.marriage.places`."""

    __tablename__ = "marriage_slots"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "kind", "starts_at"),
        sa.Index("ix_marriage_slots_office_id_kind_day", "office_id", "kind", "day"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    kind: Mapped[Kind] = enum_column(Kind)
    day: Mapped[date] = mapped_column(sa.Date)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    office: Mapped[Office] = relationship(lazy="raise")


class Via(StrEnum):
    """Where an appointment was made."""

    CHAT = "chat"
    API = "api"


_ACTIVE = ", ".join(f"'{state.value}'" for state in ACTIVE_STATES)


class Appointment(Base):
    """A place of one couple (domain-rules §2.5-7). A HELD one has no number and no parties yet, and runs out.

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
            "uq_marriage_appointments_one_hold", "booked_by", unique=True, postgresql_where=sa.text("state = 'held'")
        ),
        sa.Index(
            "ix_marriage_appointments_hold_expires_at",
            "hold_expires_at",
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.CheckConstraint("(state IN ('held', 'expired')) = (number IS NULL)", name="number_once_booked"),
        sa.CheckConstraint("(state <> 'held') OR (hold_expires_at IS NOT NULL)", name="hold_expires"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    slot_id: Mapped[uuid.UUID] = foreign_id("marriage_slots.id")
    kind: Mapped[Kind] = enum_column(Kind)
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

    slot: Mapped[Slot] = relationship(lazy="raise")
    parties: Mapped[list[Party]] = relationship(lazy="raise", order_by="Party.position", viewonly=True)
    events: Mapped[list[AppointmentEvent]] = relationship(lazy="raise", order_by="AppointmentEvent.id", viewonly=True)


class Party(Base):
    """One of the two persons of an appointment. Names and numbers are fixed once booked (anti-resale, §2.5-2)."""

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
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    id_type: Mapped[IdType] = enum_column(IdType)
    id_number_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last4: Mapped[str] = mapped_column(sa.String(4))
    sex: Mapped[Sex | None] = enum_column(Sex, nullable=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(sa.String(4))
    resident_group: Mapped[ResidentGroup] = enum_column(ResidentGroup)

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
