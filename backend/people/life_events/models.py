"""What was recorded about the lives of persons. Rows are only added; triggers refuse all but forgetting a reason."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.people.life_events.rules import EventKind, Source
from backend.storage import Base, Moment, enum_column, foreign_id, primary_id


class LifeEvent(Base):
    """One event and what the rooms did about it. None of the JSON columns holds more than ids, codes and counts.

    `detail`: of a move, the communities `from` and `to`. `effects`: by room, how many of what was done. `undo`: by
    room, what its reversal needs. `not_restored`: what a reversal could not bring back, as [room, what, id]. `reason`
    is None once it was kept for its time.
    """

    __tablename__ = "life_events"
    __table_args__ = (
        sa.Index("ix_life_events_person_id_at", "person_id", "at"),
        sa.Index("ix_life_events_recorded_by", "recorded_by"),
        sa.UniqueConstraint("reverses_id"),
        sa.CheckConstraint("(kind = 'death_reversed') = (reverses_id IS NOT NULL)", name="reversal_of_one"),
        sa.CheckConstraint("length(btrim(reason)) > 0", name="reason_given"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    kind: Mapped[EventKind] = enum_column(EventKind)
    effective_on: Mapped[date] = mapped_column(sa.Date)
    source: Mapped[Source] = enum_column(Source)
    recorded_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    reverses_id: Mapped[uuid.UUID | None] = foreign_id("life_events.id", nullable=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effects: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB)
    undo: Mapped[dict[str, dict[str, list[str]]]] = mapped_column(JSONB)
    not_restored: Mapped[list[list[str]]] = mapped_column(JSONB)
