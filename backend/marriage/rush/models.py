"""Tables of rushes: the rush of a day, numbered requests, who asked (each person once in a rush), who tried too early,
and who wants to be told when a peak day is released.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.marriage.models import Via
from backend.marriage.rush.rules import DayPart, RequestState, RushMode
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class Rush(Base):
    """The release of one day of a registry. `last_number` is raised by each request, so numbers have no gaps.

    `commitment` is public from the beginning, `seed` once the draw is over; until then it lies sealed in `secret`.
    `settled_at` is also set when it is called off; `reason`: why it was, or why it was put off.
    """

    __tablename__ = "marriage_rushes"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "day"),
        sa.Index("ix_marriage_rushes_unsettled", "opens_at", postgresql_where=sa.text("settled_at IS NULL")),
        sa.Index("ix_marriage_rushes_day", "day"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.CheckConstraint("last_number >= 0", name="counted"),
        sa.Index("ix_marriage_rushes_office_id_opens_at", "office_id", "opens_at"),
        sa.Index("ix_marriage_rushes_called_off_by", "called_off_by"),
        sa.CheckConstraint("seed IS NULL OR settled_at IS NOT NULL", name="seed_once_settled"),
        sa.CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="called_off_by_somebody"),
        sa.CheckConstraint("called_off_at IS NULL OR settled_at IS NOT NULL", name="called_off_is_over"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    day: Mapped[date] = mapped_column(sa.Date)
    mode: Mapped[RushMode] = enum_column(RushMode)
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    last_number: Mapped[int] = mapped_column(default=0)
    places: Mapped[int | None]
    commitment: Mapped[str] = mapped_column(sa.String(64))
    secret_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    seed: Mapped[str | None] = mapped_column(sa.String(64))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    called_off_at: Mapped[datetime | None] = mapped_column(Moment)
    called_off_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    reason: Mapped[str | None] = mapped_column(sa.String(80))

    secret = Sealed()


class RushRequest(Base):
    """A couple asks for a place. `rank` is its turn in a draw; `starts_at` the time it was given."""

    __tablename__ = "marriage_rush_requests"
    __table_args__ = (
        sa.UniqueConstraint("rush_id", "number"),
        sa.Index(
            "ix_marriage_rush_requests_asked", "rush_id", "rank", "number", postgresql_where=sa.text("state = 'asked'")
        ),
        sa.Index("ix_marriage_rush_requests_person_id", "person_id"),
        sa.Index("ix_marriage_rush_requests_appointment_id", "appointment_id"),
        sa.Index("ix_marriage_rush_requests_asked_at", "asked_at"),
        sa.CheckConstraint("number > 0", name="counted"),
        sa.CheckConstraint("(state = 'placed') = (starts_at IS NOT NULL)", name="placed_at_some_time"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    rush_id: Mapped[uuid.UUID] = foreign_id("marriage_rushes.id")
    number: Mapped[int]
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    via: Mapped[Via] = enum_column(Via)
    state: Mapped[RequestState] = enum_column(RequestState)
    part: Mapped[DayPart] = enum_column(DayPart)
    rank: Mapped[int | None]
    appointment_id: Mapped[uuid.UUID | None] = foreign_id(
        "marriage_appointments.id", ondelete="SET NULL", nullable=True
    )
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    parties_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # until it is settled

    parties = Sealed()


class RushPerson(Base):
    """One of a couple that asked: nobody can ask twice in one rush, by whichever WeChat."""

    __tablename__ = "marriage_rush_persons"
    __table_args__ = (
        sa.Index("ix_marriage_rush_persons_request_id", "request_id"),
        sa.Index("ix_marriage_rush_persons_id_number_index", "id_number_index"),
    )

    rush_id: Mapped[uuid.UUID] = foreign_id("marriage_rushes.id", primary_key=True)
    id_number_index: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    request_id: Mapped[uuid.UUID] = foreign_id("marriage_rush_requests.id", ondelete="CASCADE")


class EarlyTry(Base):
    """How often somebody tried before a rush opened, and until when they are kept off for it."""

    __tablename__ = "marriage_rush_early_tries"
    __table_args__ = (
        sa.Index("ix_marriage_rush_early_tries_person_id", "person_id"),
        sa.CheckConstraint("tries > 0", name="counted"),
    )

    rush_id: Mapped[uuid.UUID] = foreign_id("marriage_rushes.id", ondelete="CASCADE", primary_key=True)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id", primary_key=True)
    tries: Mapped[int]
    not_before: Mapped[datetime] = mapped_column(Moment)


class PeakWatch(Base):
    """Somebody wants to be told before a peak day is released; `opens_at` and `mode` as they were told last.

    Without a mode the day is booked like any other, from then on.
    """

    __tablename__ = "marriage_peak_watches"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "day", "person_id"),
        sa.Index("ix_marriage_peak_watches_person_id", "person_id"),
        sa.Index("ix_marriage_peak_watches_day", "day"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    day: Mapped[date] = mapped_column(sa.Date)
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    opens_at: Mapped[datetime] = mapped_column(Moment)
    mode: Mapped[RushMode | None] = enum_column(RushMode, nullable=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
