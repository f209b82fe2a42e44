"""The table of cover pictures. Each hangs on its cloud ceremony; another picture is another row."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.marriage.blessings.rules import Finding
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.covers.rules import CoverState
from backend.storage import Base, Moment, enum_column, foreign_id, primary_id


class Cover(Base):
    """The picture of one page. Its content is the upload; WeChat's verdict is found by this row's id, so one on a
    picture that was replaced changes nothing. `next_at`: when to ask WeChat; once asked, until when it may answer.
    `key_hash`: of the address that WeChat fetches it by, until `key_until`. `decided_by`: whoever of the staff looked.
    """

    __tablename__ = "marriage_covers"
    __table_args__ = (
        sa.UniqueConstraint("cloud_id"),
        sa.UniqueConstraint("key_hash"),
        sa.Index("ix_marriage_covers_person_id", "person_id"),
        sa.Index("ix_marriage_covers_next_at", "next_at", postgresql_where=sa.text("state = 'checking'")),
        sa.Index("ix_marriage_covers_review", "changed_at", postgresql_where=sa.text("state = 'review'")),
        sa.CheckConstraint(
            "state <> 'shown' OR finding = 'pass' OR (finding <> 'risky' AND decided_by IS NOT NULL)", name="looked_at"
        ),
        sa.CheckConstraint("(state = 'checking') = (next_at IS NOT NULL)", name="due_while_checking"),
        sa.CheckConstraint("(state = 'checking') = (finding IS NULL)", name="found_something"),
        sa.CheckConstraint("(key_hash IS NULL) = (key_until IS NULL)", name="key_ends"),
        sa.CheckConstraint("key_hash IS NULL OR state = 'checking'", name="key_while_checking"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    cloud_id: Mapped[uuid.UUID] = foreign_id("marriage_cloud_ceremonies.id", ondelete="CASCADE")
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    upload_id: Mapped[uuid.UUID]
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary)
    state: Mapped[CoverState] = enum_column(CoverState)
    finding: Mapped[Finding | None] = enum_column(Finding, nullable=True)
    attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    key_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    key_until: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    cloud: Mapped[CloudCeremony] = relationship(lazy="raise")
