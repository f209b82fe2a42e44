"""Tables of windows that are out, and of bulk moves: one for each change that took times away, a line a couple."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.marriage.capacity.rules import OPEN_STATES, CallResult, LineState
from backend.marriage.kinds import Area
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)


class WindowOutage(Base):
    """Windows of an area, by number, that serve nobody from `starts_at` to `ends_at` of one day (停窗口).

    `reason` is read by residents. It is over early once `ended_at` is set.
    """

    __tablename__ = "marriage_window_outages"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("cardinality(windows) > 0", name="some_windows"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        sa.Index("ix_marriage_window_outages_office_id_day", "office_id", "day"),
        sa.Index("ix_marriage_window_outages_created_by", "created_by"),
        sa.Index("ix_marriage_window_outages_ended_by", "ended_by"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    area: Mapped[Area] = enum_column(Area)
    day: Mapped[date] = mapped_column(sa.Date)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    windows: Mapped[list[int]] = mapped_column(ARRAY(sa.SmallInteger))
    reason: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)


class BulkMove(Base):
    """Appointments of some days that cannot stay; `reason` is read by residents. Not started: nobody was told yet.

    `created_by` is empty where the calendar did it: a notice made a booked day a rest day. `outage_id`: the windows
    that are out, where only those were taken away.
    """

    __tablename__ = "marriage_bulk_moves"
    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="in_order"),
        sa.CheckConstraint("(started_at IS NULL) = (started_by IS NULL)", name="started_by_somebody"),
        sa.Index("ix_marriage_bulk_moves_office_id_created_at", "office_id", "created_at"),
        sa.Index("ix_marriage_bulk_moves_created_by", "created_by"),
        sa.Index("ix_marriage_bulk_moves_started_by", "started_by"),
        sa.Index("ix_marriage_bulk_moves_outage_id", "outage_id"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    office_id: Mapped[uuid.UUID] = foreign_id("marriage_offices.id")
    first_day: Mapped[date] = mapped_column(sa.Date)
    last_day: Mapped[date] = mapped_column(sa.Date)
    reason: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    started_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    outage_id: Mapped[uuid.UUID | None] = foreign_id("marriage_window_outages.id", nullable=True)


class MoveLine(Base):
    """The move of one appointment. While it is open its couple chooses freely: no counter is touched (§2.5-4).

    `rank`: closing divorce windows first. `by_phone`: somebody telephones them besides. `note` is about the call.
    """

    __tablename__ = "marriage_move_lines"
    __table_args__ = (
        sa.UniqueConstraint("move_id", "appointment_id"),
        # Two officers at once, or two closures over each other: an appointment is moved once.
        sa.Index(
            "uq_marriage_move_lines_one_open",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text(f"state IN ({_OPEN})"),
        ),
        sa.Index("ix_marriage_move_lines_appointment_id", "appointment_id"),
        sa.Index("ix_marriage_move_lines_move_id_rank", "move_id", "rank"),
        sa.Index("ix_marriage_move_lines_called_by", "called_by"),
        sa.Index("ix_marriage_move_lines_waiting", "rank", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index("ix_marriage_move_lines_answer_until", "answer_until", postgresql_where=sa.text("state = 'offered'")),
        sa.CheckConstraint(
            "state <> 'offered' OR (new_starts_at IS NOT NULL AND answer_until IS NOT NULL)", name="offered_something"
        ),
        sa.CheckConstraint("(called_at IS NULL) = (called_by IS NULL)", name="called_by_somebody"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    move_id: Mapped[uuid.UUID] = foreign_id("marriage_bulk_moves.id", ondelete="CASCADE")
    appointment_id: Mapped[uuid.UUID] = foreign_id("marriage_appointments.id", ondelete="CASCADE")
    rank: Mapped[int]
    by_phone: Mapped[bool]
    state: Mapped[LineState] = enum_column(LineState)
    old_starts_at: Mapped[datetime] = mapped_column(Moment)
    new_starts_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_until: Mapped[datetime | None] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    called_at: Mapped[datetime | None] = mapped_column(Moment)
    called_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    call: Mapped[CallResult | None] = enum_column(CallResult, nullable=True)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    note = Sealed()
