"""The table of blessings. It hangs on the cloud ceremony and goes with it."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.marriage.blessings.rules import BlessingState, Finding
from backend.marriage.ceremonies.models import CloudCeremony
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class Blessing(Base):
    """What one guest wrote, under the name the guest chose. `round` counts the writings and the checks of it, so that
    a verdict on older words, or of a worker taken for dead, changes nothing. `decided_by`: whoever of the staff looked.
    """

    __tablename__ = "marriage_blessings"
    __table_args__ = (
        sa.UniqueConstraint("cloud_id", "person_id"),
        sa.Index("ix_marriage_blessings_person_id", "person_id"),
        sa.Index("ix_marriage_blessings_next_at", "next_at", postgresql_where=sa.text("state = 'checking'")),
        sa.Index("ix_marriage_blessings_review", "changed_at", postgresql_where=sa.text("state = 'review'")),
        sa.CheckConstraint("state <> 'shown' OR finding = 'pass' OR decided_by IS NOT NULL", name="looked_at"),
        sa.CheckConstraint("(state = 'checking') = (next_at IS NOT NULL)", name="due_while_checking"),
        sa.CheckConstraint("state = 'checking' OR finding IS NOT NULL", name="found_something"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    cloud_id: Mapped[uuid.UUID] = foreign_id("marriage_cloud_ceremonies.id", ondelete="CASCADE")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    words_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    state: Mapped[BlessingState] = enum_column(BlessingState)
    finding: Mapped[Finding | None] = enum_column(Finding, nullable=True)
    label: Mapped[int | None]
    round: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    name = Sealed()
    words = Sealed()
    cloud: Mapped[CloudCeremony] = relationship(lazy="raise")
