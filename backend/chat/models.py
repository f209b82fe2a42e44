"""Pushes that were answered, and conversations under way."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, foreign_id, primary_id


class InboundPush(Base):
    """A push that was handled. Written in the transaction that handled it, so a repeat finds the reply or waits for it.

    What the person wrote is not kept; the reply is, sealed, because any of the three deliveries may be the one the
    person sees (wechat-protocol §1.6).
    """

    __tablename__ = "inbound_pushes"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "dedup_key"),
        sa.Index("ix_inbound_pushes_received_at", "received_at"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    app_id: Mapped[str] = mapped_column(sa.String(32))
    dedup_key: Mapped[str] = mapped_column(sa.String(200))
    received_at: Mapped[datetime] = mapped_column(Moment)
    reply_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class Conversation(Base):
    """Where one person's chat with one account stands. `state_sealed` holds the flow's answers, names among them.

    `notice_version`: the newest privacy rules whose address was said here.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "openid"),
        sa.Index("ix_conversations_expires_at", "expires_at", postgresql_where=sa.text("expires_at IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id", index=True)
    flow: Mapped[str | None] = mapped_column(sa.String(60))
    state_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    notice_version: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default=sa.text("0"))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
