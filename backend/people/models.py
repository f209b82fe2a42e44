"""Persons and the WeChat identities they act through (domain-rules §1.4)."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment, foreign_id, primary_id


class Person(Base):
    """One natural person. Known by nothing but an id until a name and number are given."""

    __tablename__ = "persons"

    id: Mapped[uuid.UUID] = primary_id()
    created_at: Mapped[datetime] = mapped_column(Moment)


class WeChatIdentity(Base):
    """A person as one WeChat product knows them; an openid is different in each product (wechat-protocol §0)."""

    __tablename__ = "wechat_identities"
    __table_args__ = (
        sa.UniqueConstraint("app_id", "openid"),
        sa.Index("ix_wechat_identities_person_id", "person_id"),
        sa.Index("ix_wechat_identities_unionid", "unionid", postgresql_where=sa.text("unionid IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    person_id: Mapped[uuid.UUID] = foreign_id("persons.id")
    app_id: Mapped[str] = mapped_column(sa.String(32))
    openid: Mapped[str] = mapped_column(sa.String(64))
    unionid: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)


class LoginSession(Base):
    """A mini-program login: our own token, kept as a hash (wechat-protocol §3.2)."""

    __tablename__ = "login_sessions"
    __table_args__ = (sa.Index("ix_login_sessions_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = primary_id()
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    identity_id: Mapped[uuid.UUID] = foreign_id("wechat_identities.id", ondelete="CASCADE", index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
