"""Answers kept for repeated commands (contract.md "Idempotency-Key")."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, primary_id


class IdempotentAnswer(Base):
    """The first answer to a command with a key; the body is sealed because it may name people."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (
        sa.UniqueConstraint("caller_id", "key"),
        sa.Index("ix_idempotent_answers_created_at", "created_at"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    caller_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    key: Mapped[str] = mapped_column(sa.String(120))
    request_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    status: Mapped[int] = mapped_column(sa.SmallInteger)
    body_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
