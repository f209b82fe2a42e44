"""Accounts of the people who work here, where they belong, and what they did (audit trail)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.staff.rules import NodeKind, Role, placement_check
from backend.storage import Base, Moment, enum_column, foreign_id, primary_id

__all__ = [
    "AccountMatter",
    "Approval",
    "ApprovalState",
    "NodeKind",
    "OrganisationNode",
    "Role",
    "RoleAssignment",
    "StaffAccount",
    "StaffNotice",
    "StaffSession",
]


class OrganisationNode(Base):
    """A place in the bureau's tree; what an account may see is scoped to a node and all below it.

    `parent_kind` repeats the parent's kind, so that a CHECK can say what lies below what; a place never changes its
    kind. A place is closed, never deleted: what was done there stays findable.
    """

    __tablename__ = "organisation_nodes"
    __table_args__ = (
        sa.UniqueConstraint("id", "kind"),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_kind"], ["organisation_nodes.id", "organisation_nodes.kind"], ondelete="RESTRICT"
        ),
        sa.CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="parent_is_whole"),
        sa.CheckConstraint(placement_check(), name="placement"),
        sa.Index("ix_organisation_nodes_parent_id", "parent_id"),
        sa.Index(
            "uq_organisation_nodes_one_district", "kind", unique=True, postgresql_where=sa.text("kind = 'district'")
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[NodeKind] = enum_column(NodeKind)
    name: Mapped[str] = mapped_column(sa.String(80))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    parent_kind: Mapped[NodeKind | None] = enum_column(NodeKind, constraint="parent_kind", nullable=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class StaffAccount(Base):
    """One member of staff. `home` is where they sit, for display; what they may do stands in their assignments.

    `absent_from` and `absent_until` are the first and the last day of a leave. `must_change_password` marks a password
    that somebody else has given.
    """

    __tablename__ = "staff_accounts"
    __table_args__ = (
        sa.CheckConstraint(
            "(absent_from IS NULL AND absent_until IS NULL) OR "
            "(absent_from IS NOT NULL AND absent_until IS NOT NULL AND absent_until >= absent_from)",
            name="absence_is_whole",
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    username: Mapped[str] = mapped_column(sa.String(40), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(40))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    home_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id", index=True)
    active: Mapped[bool] = mapped_column(default=True)
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    home: Mapped[OrganisationNode] = relationship(lazy="joined", innerjoin=True)


class RoleAssignment(Base):
    """A role that an account holds over a place and all below it, from `starts_at` until before `ends_at`.

    A stand-in's assignment repeats one of the absent colleague's own: the foreign key holds role, place and person to
    what stands in that one, so nothing can be handed on that was not there.
    """

    __tablename__ = "role_assignments"
    __table_args__ = (
        sa.UniqueConstraint("id", "account_id", "role", "node_id"),
        sa.ForeignKeyConstraint(
            ["source_id", "stand_in_for", "role", "node_id"],
            ["role_assignments.id", "role_assignments.account_id", "role_assignments.role", "role_assignments.node_id"],
            name="fk_role_assignments_source",
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        sa.CheckConstraint("(stand_in_for IS NULL) = (source_id IS NULL)", name="stand_in_is_whole"),
        sa.CheckConstraint("stand_in_for IS NULL OR ends_at IS NOT NULL", name="stand_in_ends"),
        sa.CheckConstraint("stand_in_for <> account_id", name="stand_in_is_another"),
        sa.Index(
            "uq_role_assignments_one_open",
            "account_id",
            "role",
            "node_id",
            unique=True,
            postgresql_where=sa.text("ends_at IS NULL"),
        ),
        sa.Index("ix_role_assignments_account_id_ends_at", "account_id", "ends_at"),
        sa.Index("ix_role_assignments_node_id_role", "node_id", "role"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    role: Mapped[Role] = enum_column(Role)
    node_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id")
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    stand_in_for: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", index=True, nullable=True)
    source_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid, index=True)
    given_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", index=True, nullable=True)


class ApprovalState(StrEnum):
    """Where a request for a second person's yes stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Approval(Base):
    """Something done only when a second person agrees. `payload` holds ids, codes and dates, no personal data."""

    __tablename__ = "approvals"
    __table_args__ = (
        sa.CheckConstraint("decided_by <> asked_by", name="two_persons"),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)", name="decided_by_somebody"
        ),
        sa.CheckConstraint("(state = 'pending') = (closed_at IS NULL)", name="closed_once_decided"),
        sa.Index("ix_approvals_node_id_asked_at", "node_id", "asked_at", "id"),
        sa.Index("ix_approvals_asked_by_asked_at", "asked_by", "asked_at", "id"),
        sa.Index("ix_approvals_expires_at", "expires_at", postgresql_where=sa.text("state = 'pending'")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    kind: Mapped[str] = mapped_column(sa.String(60))
    node_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id")
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    reason: Mapped[str] = mapped_column(sa.String(200))
    asked_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[ApprovalState] = enum_column(ApprovalState)
    decided_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", index=True, nullable=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str | None] = mapped_column(sa.String(200))


class SignInMethod(StrEnum):
    """How somebody signed in: by password alone, with a code or recovery code after it, or by a bound WeChat."""

    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "second_factor"
    RECOVERY_CODE = "recovery_code"
    SCAN = "scan"


class StaffSession(Base):
    """A sign-in at the console; the cookie holds the token, the row its hash, so that it can be revoked.

    `proved_at` is when the person last showed who they are; `place` a coarsened address; `browser` a few words.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (sa.Index("ix_staff_sessions_expires_at", "expires_at"),)

    id: Mapped[uuid.UUID] = primary_id()
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE", index=True)
    method: Mapped[SignInMethod] = enum_column(SignInMethod)
    created_at: Mapped[datetime] = mapped_column(Moment)
    proved_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(sa.String(60))
    browser: Mapped[str] = mapped_column(sa.String(60))

    account: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)


class AccountMatter(StrEnum):
    """What somebody else did to an account."""

    UNLOCKED = "unlocked"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    WECHAT_UNBOUND = "wechat_unbound"
    SESSIONS_ENDED = "sessions_ended"


class StaffNotice(Base):
    """One thing that `by` did to an account and why; `seen_at` is when its holder said that they have read it."""

    __tablename__ = "staff_notices"
    __table_args__ = (
        sa.CheckConstraint("by_id <> account_id", name="done_by_another"),
        sa.Index("ix_staff_notices_account_id_at", "account_id", "at"),
        sa.Index("ix_staff_notices_at", "at"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", ondelete="CASCADE")
    at: Mapped[datetime] = mapped_column(Moment)
    matter: Mapped[AccountMatter] = enum_column(AccountMatter, constraint="matter")
    reason: Mapped[str] = mapped_column(sa.String(200))
    by_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id", index=True)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
