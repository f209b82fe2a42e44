"""Accounts of the people who work here, where they belong, and what they did (audit trail)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.storage import Base, Moment, enum_column, foreign_id, primary_id


class NodeKind(StrEnum):
    """Kinds of place in the organisation tree."""

    DISTRICT = "district"
    REGISTRY = "registry"


class OrganisationNode(Base):
    """A place in the bureau's tree; what an account may see is scoped to a node and all below it."""

    __tablename__ = "organisation_nodes"

    id: Mapped[uuid.UUID] = primary_id()
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[NodeKind] = enum_column(NodeKind)
    name: Mapped[str] = mapped_column(sa.String(80))
    parent_id: Mapped[uuid.UUID | None] = foreign_id("organisation_nodes.id", index=True, nullable=True)


class Role(StrEnum):
    """Named sets of permissions; see `backend.staff.permissions`."""

    REGISTRAR = "registrar"
    ADMINISTRATOR = "administrator"


class StaffAccount(Base):
    """One member of staff."""

    __tablename__ = "staff_accounts"

    id: Mapped[uuid.UUID] = primary_id()
    username: Mapped[str] = mapped_column(sa.String(40), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(40))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = enum_column(Role)
    node_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id", index=True)
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    node: Mapped[OrganisationNode] = relationship(lazy="joined", innerjoin=True)


class StaffSession(Base):
    """A sign-in at the console; the cookie holds the token, the row its hash, so that it can be revoked."""

    __tablename__ = "staff_sessions"
    __table_args__ = (sa.Index("ix_staff_sessions_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = primary_id()
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE", index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    account: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)


class AuditEntry(Base):
    """Who saw or changed what. Rows are only ever added; a trigger refuses the rest."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_subject", "subject_kind", "subject_id"),
        sa.Index("ix_audit_entries_account_id_at", "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[str | None] = mapped_column(sa.String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
