"""Tables of ceremonies: one couple's, a venue's bad weather, events of many couples, private links.

Who the couple are is not written here: all of it hangs on their appointment for the registration and goes with it.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.marriage.ceremonies.rules import (
    STANDING_ENTRIES,
    CeremonyState,
    CloudState,
    EntryState,
    EventKind,
    EventMode,
    EventState,
)
from backend.marriage.models import Appointment, Office, Via
from backend.marriage.resources.models import Resource
from backend.storage import Base, EventColumns, Moment, Sealed, enum_column, foreign_id, primary_id

_STANDING = ", ".join(f"'{state.value}'" for state in STANDING_ENTRIES)


class Ceremony(Base):
    """One couple's ceremony (M10). `wished_id`: the outdoor venue it was moved in from. `needs_place`: moved away from
    its venue by the weather and not yet placed anywhere: a registrar telephones.
    """

    __tablename__ = "marriage_ceremonies"
    __table_args__ = (
        sa.Index(
            "uq_marriage_ceremonies_one_booked",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text("state = 'booked'"),
        ),
        sa.Index("ix_marriage_ceremonies_appointment_id", "appointment_id"),
        sa.Index("ix_marriage_ceremonies_office_id_starts_at", "office_id", "starts_at", "id"),
        sa.Index("ix_marriage_ceremonies_venue_id_starts_at", "venue_id", "starts_at"),
        sa.Index("ix_marriage_ceremonies_officiant_id", "officiant_id"),
        sa.Index(
            "ix_marriage_ceremonies_needs_place", "office_id", "starts_at", postgresql_where=sa.text("needs_place")
        ),
        sa.CheckConstraint("guests >= 0", name="guests_counted"),
        sa.CheckConstraint("ends_at > starts_at", name="in_order"),
        sa.CheckConstraint(
            "(state = 'booked' AND NOT needs_place) = (venue_booking_id IS NOT NULL)", name="has_a_place"
        ),
        sa.CheckConstraint("state = 'booked' OR NOT needs_place", name="needs_a_place_while_booked"),
        sa.CheckConstraint(
            "officiant_booking_id IS NULL OR (officiant_id IS NOT NULL AND state = 'booked')", name="officiants_time"
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE")
    venue_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id")
    wished_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resources.id", nullable=True, index=True)
    officiant_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resources.id", nullable=True)
    venue_booking_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resource_bookings.id", nullable=True, unique=True)
    officiant_booking_id: Mapped[uuid.UUID | None] = foreign_id(
        "marriage_resource_bookings.id", nullable=True, unique=True
    )
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    guests: Mapped[int]
    needs_place: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CeremonyState] = enum_column(CeremonyState)
    via: Mapped[Via] = enum_column(Via)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    office: Mapped[Office] = relationship(lazy="raise")
    appointment: Mapped[Appointment] = relationship(lazy="raise")
    venue: Mapped[Resource] = relationship(lazy="raise", foreign_keys=[venue_id])
    officiant: Mapped[Resource | None] = relationship(lazy="raise", foreign_keys=[officiant_id])


class CeremonyEvent(EventColumns, Base):
    """One move of a ceremony. `detail` holds ids and times, no persons."""

    __tablename__ = "marriage_ceremony_events"
    __table_args__ = (sa.Index("ix_marriage_ceremony_events_ceremony_id", "ceremony_id", "id"),)

    ceremony_id: Mapped[uuid.UUID] = foreign_id("marriage_ceremonies.id", ondelete="CASCADE")
    from_state: Mapped[CeremonyState | None] = enum_column(CeremonyState, constraint="from_state", nullable=True)
    to_state: Mapped[CeremonyState] = enum_column(CeremonyState, constraint="to_state")
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class WeatherSwitch(Base):
    """An outdoor venue that is not used on a day because of the weather; `reason` is read by residents."""

    __tablename__ = "marriage_weather_switches"

    venue_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(40))
    switched_at: Mapped[datetime] = mapped_column(Moment)
    switched_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", index=True)


class GroupEvent(Base):
    """An event of many couples. `registered_from`: only couples registered since then; None for all with a marriage
    appointment. `seed` decides the draw; nobody sees more of it than `seed_hash` until it is over.
    """

    __tablename__ = "marriage_group_events"
    __table_args__ = (
        sa.Index("ix_marriage_group_events_office_id_starts_at", "office_id", "starts_at", "id"),
        sa.Index("ix_marriage_group_events_closes_at", "closes_at", postgresql_where=sa.text("state = 'announced'")),
        sa.CheckConstraint("places > 0", name="some_places"),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name="taken_within_places"),
        sa.CheckConstraint("opens_at < closes_at AND closes_at <= starts_at", name="in_order"),
        sa.CheckConstraint("(mode = 'draw') = (seed_sealed IS NOT NULL)", name="seed_of_a_draw"),
        sa.CheckConstraint("(mode = 'draw') = (seed_hash IS NOT NULL)", name="seed_hash_of_a_draw"),
        sa.CheckConstraint("list_hash IS NULL OR (mode = 'draw' AND state <> 'announced')", name="list_once_drawn"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    kind: Mapped[EventKind] = enum_column(EventKind)
    title: Mapped[str] = mapped_column(sa.String(40))
    place: Mapped[str] = mapped_column(sa.String(80))
    starts_at: Mapped[datetime] = mapped_column(Moment)
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    mode: Mapped[EventMode] = enum_column(EventMode)
    registered_from: Mapped[date | None] = mapped_column(sa.Date)
    state: Mapped[EventState] = enum_column(EventState)
    seed_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    seed_hash: Mapped[str | None] = mapped_column(sa.String(64))
    list_hash: Mapped[str | None] = mapped_column(sa.String(64))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    seed = Sealed()
    office: Mapped[Office] = relationship(lazy="raise")


class GroupEntry(Base):
    """A couple at an event, by its own public number. `rank`: its place in the draw, or in the order of arrival."""

    __tablename__ = "marriage_group_entries"
    __table_args__ = (
        sa.Index(
            "uq_marriage_group_entries_one_standing",
            "event_id",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text(f"state IN ({_STANDING})"),
        ),
        sa.UniqueConstraint("event_id", "rank"),
        sa.Index("ix_marriage_group_entries_event_id_created_at", "event_id", "created_at", "id"),
        sa.Index("ix_marriage_group_entries_appointment_id", "appointment_id"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> signed_by", name="two_persons"),
        sa.CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_at_a_time"),
        sa.CheckConstraint(
            "state NOT IN ('entered', 'placed', 'reserve') OR confirmed_at IS NOT NULL", name="both_said_yes"
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    event_id: Mapped[uuid.UUID] = foreign_id("marriage_group_events.id")
    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE")
    signed_by: Mapped[uuid.UUID] = foreign_id("persons.id", index=True)
    confirmed_by: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[EntryState] = enum_column(EntryState)
    rank: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    event: Mapped[GroupEvent] = relationship(lazy="raise")


class GroupEntryEvent(EventColumns, Base):
    """One move of an entry."""

    __tablename__ = "marriage_group_entry_events"
    __table_args__ = (sa.Index("ix_marriage_group_entry_events_entry_id", "entry_id", "id"),)

    entry_id: Mapped[uuid.UUID] = foreign_id("marriage_group_entries.id", ondelete="CASCADE")
    from_state: Mapped[EntryState | None] = enum_column(EntryState, constraint="from_state", nullable=True)
    to_state: Mapped[EntryState] = enum_column(EntryState, constraint="to_state")


class CloudCeremony(Base):
    """A ceremony on a private link (M11). The video lies elsewhere: `link` is where, `token` opens our page to it.

    Both are gone when its time is over; `erased_at`: a member of staff has seen to it that the video is, too.
    """

    __tablename__ = "marriage_cloud_ceremonies"
    __table_args__ = (
        sa.UniqueConstraint("ceremony_id"),
        sa.UniqueConstraint("token_hash"),
        sa.Index(
            "ix_marriage_cloud_ceremonies_delete_from",
            "delete_from",
            postgresql_where=sa.text("state IN ('asked', 'agreed')"),
        ),
        sa.CheckConstraint("state = 'agreed' OR num_nonnulls(link_sealed, token_sealed, token_hash) = 0", name="link"),
        sa.CheckConstraint("num_nonnulls(link_sealed, token_sealed, token_hash) IN (0, 3)", name="link_is_whole"),
        sa.CheckConstraint("erased_at IS NULL OR state IN ('withdrawn', 'ended')", name="erased_once_over"),
        sa.CheckConstraint("(erased_at IS NULL) = (erased_by IS NULL)", name="erased_by_somebody"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    ceremony_id: Mapped[uuid.UUID] = foreign_id("marriage_ceremonies.id", ondelete="CASCADE")
    state: Mapped[CloudState] = enum_column(CloudState)
    link_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    token_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    token_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    had_link: Mapped[bool] = mapped_column(default=False)
    delete_from: Mapped[datetime] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)
    erased_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    link = Sealed()
    token = Sealed()
    ceremony: Mapped[Ceremony] = relationship(lazy="raise")


class CloudConsent(Base):
    """That one of the two agreed to be shown, or took it back (PIPL 13-15). Rows are only added."""

    __tablename__ = "marriage_cloud_consents"
    __table_args__ = (sa.Index("ix_marriage_cloud_consents_cloud_id", "cloud_id", "id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    cloud_id: Mapped[uuid.UUID] = foreign_id("marriage_cloud_ceremonies.id", ondelete="CASCADE")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id", index=True)
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)
