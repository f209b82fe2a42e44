"""Tables of the waiting hall: tickets and their moves, the counters they are drawn from, who sits at which window."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.marriage.kinds import Area, Kind
from backend.marriage.tickets.rules import Lane, TicketState
from backend.storage import Base, EventColumns, Moment, enum_column, foreign_id, primary_id

# Far above any registry's day; three digits are called.
MOST_NUMBERS = 999
MOST_WINDOWS = 99


class Ticket(Base):
    """A number of one office, day and area. It names nobody; whose it is is known where an appointment came with it.

    `booked_for` is the time booked, of a couple who came in time; `queued_at` is when they came.
    """

    __tablename__ = "marriage_tickets"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "day", "area", "number"),
        sa.Index("ix_marriage_tickets_office_id_day_state", "office_id", "day", "state"),
        sa.Index("ix_marriage_tickets_appointment_id", "appointment_id"),
        sa.Index("ix_marriage_tickets_day", "day"),
        sa.Index(
            "uq_marriage_tickets_one_open",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text("state IN ('waiting', 'called', 'serving')"),
        ),
        sa.Index(
            "uq_marriage_tickets_one_at_a_window",
            "office_id",
            "day",
            "window_number",
            unique=True,
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        ),
        sa.CheckConstraint(f"number BETWEEN 1 AND {MOST_NUMBERS}", name="three_digits"),
        sa.CheckConstraint(
            "state NOT IN ('called', 'serving') OR (window_number IS NOT NULL AND called_at IS NOT NULL)",
            name="called_to_a_window",
        ),
        sa.CheckConstraint("(state IN ('done', 'left')) = (ended_at IS NOT NULL)", name="ended_at_some_time"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    day: Mapped[date] = mapped_column(sa.Date)
    area: Mapped[Area] = enum_column(Area)
    number: Mapped[int] = mapped_column(sa.SmallInteger)
    kind: Mapped[Kind] = enum_column(Kind)
    lane: Mapped[Lane] = enum_column(Lane)
    state: Mapped[TicketState] = enum_column(TicketState)
    appointment_id: Mapped[uuid.UUID | None] = foreign_id("marriage_appointments.id", ondelete="SET NULL")
    booked: Mapped[bool] = mapped_column(default=False)  # stays true when the appointment is erased
    booked_for: Mapped[datetime | None] = mapped_column(Moment)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    called_at: Mapped[datetime | None] = mapped_column(Moment)
    calls: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    window_number: Mapped[int | None] = mapped_column(sa.SmallInteger)
    serving_from: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class TicketCounter(Base):
    """The last number drawn of an office's day and area; it only rises, so that no number is given twice."""

    __tablename__ = "marriage_ticket_counters"
    __table_args__ = (sa.CheckConstraint(f"last_number BETWEEN 1 AND {MOST_NUMBERS}", name="three_digits"),)

    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id", primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    area: Mapped[Area] = enum_column(Area, primary_key=True)
    last_number: Mapped[int] = mapped_column(sa.SmallInteger)


class TicketEvent(EventColumns, Base):
    """One move of a ticket: when, by whom, from where to where, at which window."""

    __tablename__ = "marriage_ticket_events"
    __table_args__ = (sa.Index("ix_marriage_ticket_events_ticket_id", "ticket_id"),)

    ticket_id: Mapped[uuid.UUID] = foreign_id("marriage_tickets.id", ondelete="CASCADE")
    from_state: Mapped[TicketState | None] = enum_column(TicketState, constraint="from_state", nullable=True)
    to_state: Mapped[TicketState] = enum_column(TicketState, constraint="to_state")
    window_number: Mapped[int | None] = mapped_column(sa.SmallInteger)


class WindowPost(Base):
    """Who sits at a window on a day, and for which area; open while `until` is empty."""

    __tablename__ = "marriage_window_posts"
    __table_args__ = (
        sa.Index(
            "uq_marriage_window_posts_one_at_a_window",
            "office_id",
            "day",
            "window_number",
            unique=True,
            postgresql_where=sa.text("until IS NULL"),
        ),
        sa.Index(
            "uq_marriage_window_posts_one_of_an_account",
            "account_id",
            "day",
            unique=True,
            postgresql_where=sa.text("until IS NULL"),
        ),
        sa.Index("ix_marriage_window_posts_office_id_day", "office_id", "day"),
        sa.Index("ix_marriage_window_posts_account_id", "account_id"),
        sa.CheckConstraint(f"window_number BETWEEN 1 AND {MOST_WINDOWS}", name="two_digits"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="until_after_since"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    day: Mapped[date] = mapped_column(sa.Date)
    window_number: Mapped[int] = mapped_column(sa.SmallInteger)
    area: Mapped[Area] = enum_column(Area)
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)


class PaperTick(Base):
    """A line of a couple's checklist that a registrar has ticked off, or taken the tick away from again."""

    __tablename__ = "marriage_paper_ticks"

    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE", primary_key=True)
    line: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    in_order: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)


class AnnulledNoShow(Base):
    """An absence that does not count (domain-rules §2.5 `noshow.appeal`): by whom it was taken back, and why."""

    __tablename__ = "marriage_annulled_no_shows"

    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE", primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    reason: Mapped[str] = mapped_column(sa.String(200))
