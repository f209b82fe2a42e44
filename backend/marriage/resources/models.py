"""Tables of what is booked by the session: resources, their hours, days that differ, the cells of time taken."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.marriage.resources.rules import ResourceKind
from backend.storage import Base, Moment, enum_column, foreign_id, primary_id


class Resource(Base):
    """A venue, an officiant, a room or a counsellor of a registry. `account_id`: the member of staff, where it is one.

    `outdoor` venues have an indoor one to fall back on when the weather is bad. `guests_most`: fewer than the
    registry's usual number; None for that number. A resource that is not `active` is offered no more.
    """

    __tablename__ = "marriage_resources"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "kind", "name"),
        sa.UniqueConstraint("account_id", "office_id", "kind"),
        sa.Index("ix_marriage_resources_fallback_id", "fallback_id"),
        sa.CheckConstraint("session_minutes > 0 AND mod(session_minutes, 10) = 0", name="sessions_on_the_grid"),
        sa.CheckConstraint("pause_minutes >= 0 AND mod(pause_minutes, 10) = 0", name="pauses_on_the_grid"),
        sa.CheckConstraint("kind = 'venue' OR (NOT outdoor AND guests_most IS NULL)", name="rooms_of_venues"),
        sa.CheckConstraint("fallback_id IS NULL OR outdoor", name="fallback_of_the_outdoor"),
        sa.CheckConstraint("fallback_id IS NULL OR fallback_id <> id", name="fallback_is_another"),
        sa.CheckConstraint("guests_most >= 0", name="guests_counted"),
        sa.CheckConstraint("account_id IS NULL OR kind NOT IN ('venue', 'room')", name="venues_are_nobody"),
        # What is said to a counsellor is opened by their account alone.
        sa.CheckConstraint("kind <> 'counsellor' OR account_id IS NOT NULL", name="counsellors_are_somebody"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    kind: Mapped[ResourceKind] = enum_column(ResourceKind)
    name: Mapped[str] = mapped_column(sa.String(40))
    session_minutes: Mapped[int]
    pause_minutes: Mapped[int] = mapped_column(default=0)
    outdoor: Mapped[bool] = mapped_column(default=False)
    fallback_id: Mapped[uuid.UUID | None] = foreign_id("marriage_resources.id", nullable=True)
    guests_most: Mapped[int | None]
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class ResourceHours(Base):
    """One stretch of a weekday (ISO, 1 is Monday) in which sessions are laid out."""

    __tablename__ = "marriage_resource_hours"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="a_weekday"),
        sa.CheckConstraint("closes > opens", name="in_order"),
        sa.CheckConstraint(
            "mod(EXTRACT(epoch FROM opens)::int, 600) = 0 AND mod(EXTRACT(epoch FROM closes)::int, 600) = 0",
            name="on_the_grid",
        ),
    )

    resource_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", ondelete="CASCADE", primary_key=True)
    weekday: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    opens: Mapped[time] = mapped_column(sa.Time, primary_key=True)
    closes: Mapped[time] = mapped_column(sa.Time)


class ResourceDay(Base):
    """A day that differs from its weekday: away (no hours), or there at other hours."""

    __tablename__ = "marriage_resource_days"
    __table_args__ = (
        sa.CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="hours_are_whole"),
        sa.CheckConstraint("closes > opens", name="in_order"),
        sa.CheckConstraint(
            "mod(EXTRACT(epoch FROM opens)::int, 600) = 0 AND mod(EXTRACT(epoch FROM closes)::int, 600) = 0",
            name="on_the_grid",
        ),
    )

    resource_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", ondelete="CASCADE", primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    opens: Mapped[time | None] = mapped_column(sa.Time)
    closes: Mapped[time | None] = mapped_column(sa.Time)


class ResourceCell(Base):
    """Ten minutes of a resource that are taken. The key is what keeps two bookings apart."""

    __tablename__ = "marriage_resource_cells"
    __table_args__ = (
        sa.Index("ix_marriage_resource_cells_booking_id", "booking_id"),
        sa.CheckConstraint("mod(EXTRACT(epoch FROM starts_at)::bigint, 600) = 0", name="on_the_grid"),
    )

    resource_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    booking_id: Mapped[uuid.UUID] = foreign_id("marriage_resource_bookings.id", ondelete="CASCADE")


class ResourceBooking(Base):
    """That a resource is taken for something; it says neither for what nor for whom: that refers to it."""

    __tablename__ = "marriage_resource_bookings"
    __table_args__ = (sa.CheckConstraint("until > starts_at", name="in_order"),)

    id: Mapped[uuid.UUID] = primary_id()
    resource_id: Mapped[uuid.UUID] = foreign_id("marriage_resources.id", index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
