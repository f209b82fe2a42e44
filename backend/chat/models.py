"""Pushes that were answered, and conversations under way."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, Sealed, foreign_id, primary_id


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


class LatePush(Base):
    """A push whose person was told that it has arrived, because the answer took too long (`late`).

    The message is kept until the work is done, for WeChat will not repeat it; then the answer, until it has left.
    """

    __tablename__ = "late_pushes"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "dedup_key"),
        sa.Index("ix_late_pushes_app_id_openid", "app_id", "openid"),
        sa.Index("ix_late_pushes_due", "next_at", postgresql_where=sa.text("settled_at IS NULL")),
        sa.Index("ix_late_pushes_settled_at", "settled_at"),
        sa.CheckConstraint("(settled_at IS NULL) = (message_sealed IS NOT NULL)", name="message_until_settled"),
        sa.CheckConstraint("answer_sealed IS NULL OR settled_at IS NOT NULL", name="answer_once_settled"),
        sa.CheckConstraint("product IN ('account', 'miniprogram')", name="product"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    product: Mapped[str] = mapped_column(sa.String(20))
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    dedup_key: Mapped[str] = mapped_column(sa.String(200))
    received_at: Mapped[datetime] = mapped_column(Moment)
    next_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(sa.SmallInteger)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    message_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    message = Sealed()
    answer = Sealed()


class Conversation(Base):
    """Where one person's chat with one account stands. `state_sealed` holds the flow's answers, names among them.

    `notice_version`: the newest privacy rules whose address was said here. `followed_at`, `left_at`: when the person
    last followed the account and when they left it, by WeChat's clock; `left_at` is empty while they follow.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "openid"),
        sa.Index("ix_conversations_expires_at", "expires_at", postgresql_where=sa.text("expires_at IS NOT NULL")),
        sa.Index("ix_conversations_left_at", "left_at", postgresql_where=sa.text("left_at IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id", index=True)
    flow: Mapped[str | None] = mapped_column(sa.String(60))
    state_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    notice_version: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default=sa.text("0"))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    followed_at: Mapped[datetime | None] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
