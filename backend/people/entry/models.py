"""Codes of WeChat that were handed in, session keys, codes that link two products, followers to be asked about."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.people.rules import CodeOutcome
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class LoginCode(Base):
    """A code of wx.login or of the web login that somebody handed in; the row is the right to ask WeChat about it.

    `browser_hash` binds a code of the web login to the browser that began it. Only the code's hash is kept.
    """

    __tablename__ = "login_codes"
    __table_args__ = (
        sa.Index("ix_login_codes_claimed_at", "claimed_at"),
        sa.CheckConstraint("(finished_at IS NULL) = (outcome IS NULL)", name="finished_with_an_outcome"),
        sa.CheckConstraint(
            "(identity_id IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'taken')", name="taken_for_somebody"
        ),
    )

    app_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    browser_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    claimed_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[CodeOutcome | None] = enum_column(CodeOutcome, nullable=True)
    identity_id: Mapped[uuid.UUID | None] = foreign_id(
        "wechat_identities.id", ondelete="CASCADE", index=True, nullable=True
    )


class SessionKey(Base):
    """The session_key WeChat gave at the latest login of the mini-program: one is valid per user (§3.2)."""

    __tablename__ = "wechat_session_keys"

    identity_id: Mapped[uuid.UUID] = mapped_column(
        sa.Uuid, sa.ForeignKey("wechat_identities.id", ondelete="CASCADE"), primary_key=True
    )
    session_key_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(Moment)

    session_key = Sealed()


class LinkCode(Base):
    """Eight digits that a mini-program shows and its owner types in the account's chat, so that both are one person.

    Kept as a keyed hash, good for ten minutes and one use.
    """

    __tablename__ = "link_codes"
    __table_args__ = (
        sa.Index("uq_link_codes_code_hash", "code_hash", unique=True, postgresql_where=sa.text("used_at IS NULL")),
        sa.Index("uq_link_codes_one_open", "identity_id", unique=True, postgresql_where=sa.text("used_at IS NULL")),
        sa.Index("ix_link_codes_identity_id", "identity_id"),
        sa.Index("ix_link_codes_expires_at", "expires_at"),
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    identity_id: Mapped[uuid.UUID] = foreign_id("wechat_identities.id", ondelete="CASCADE")
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, info={"blind_index": True})
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class UnionidLookup(Base):
    """A follower about whom WeChat is to be asked for a unionid (§4.2). `attempts` counts the calls that failed."""

    __tablename__ = "unionid_lookups"
    __table_args__ = (
        sa.Index("ix_unionid_lookups_due_at", "due_at"),
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    identity_id: Mapped[uuid.UUID] = mapped_column(
        sa.Uuid, sa.ForeignKey("wechat_identities.id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
