"""The audit trail with its chain, the numbers that are watched, and unusual looks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.staff.audit.rules import FlagState, Outcome, Rule, WatchKind
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class AuditEntry(Base):
    """Who saw or changed what (domain-rules §6.3). Rows are only ever added; triggers refuse the rest.

    `subject_id` is set for one record, `subject_ids` for the records of a list. `task` is the open matter for which it
    was done, as `kind:id`; `purpose` what the person stated. `address` is coarsened, `request_id` ties together what
    one request did. `look` tells looks from acts. A column added later must be empty in older rows: what is empty is
    not part of the hash (`backend.staff.audit.chain`).
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_subject", "subject_kind", "subject_id"),
        sa.Index("ix_audit_entries_subject_ids", "subject_ids", postgresql_using="gin"),
        sa.Index("ix_audit_entries_account_id_at", "account_id", "at"),
        sa.Index("ix_audit_entries_action_at", "action", "at"),
        sa.Index("ix_audit_entries_at_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    role: Mapped[str | None] = mapped_column(sa.String(80))
    stand_in_for: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    action: Mapped[str] = mapped_column(sa.String(60))
    look: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[str | None] = mapped_column(sa.String(60))
    subject_ids: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default="{}")
    fields: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default="{}")
    task: Mapped[str | None] = mapped_column(sa.String(101))
    purpose: Mapped[str | None] = mapped_column(sa.String(200))
    address: Mapped[str | None] = mapped_column(sa.String(60))
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class AuditLink(Base):
    """An entry's place in the chain: `hash` is over the entry and the hash before it. Only ever added."""

    __tablename__ = "audit_links"
    __table_args__ = (
        sa.UniqueConstraint("entry_id"),
        sa.CheckConstraint("position > 0", name="position_counts"),
        sa.CheckConstraint("octet_length(hash) = 32 AND octet_length(previous_hash) = 32", name="hashes_are_whole"),
    )

    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("audit_entries.id", ondelete="RESTRICT"))
    previous_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)


class AuditBookmark(Base):
    """How far the tick has verified the chain; one row.

    `position` and `hash` mark the newest link verified. `round_*` walk through everything older again and again, so
    that a row altered years later is found too. What is broken stays written here until it is whole again.
    """

    __tablename__ = "audit_bookmarks"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("(broken_fault IS NULL) = (broken_at IS NULL)", name="broken_is_whole"),
    )

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    round_position: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    round_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    round_entry_id: Mapped[int] = mapped_column(sa.BigInteger)
    verified_at: Mapped[datetime] = mapped_column(Moment)
    broken_fault: Mapped[str | None] = mapped_column(sa.String(40))
    broken_position: Mapped[int | None] = mapped_column(sa.BigInteger)
    broken_entry_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    broken_at: Mapped[datetime | None] = mapped_column(Moment)


class WatchedNumber(Base):
    """A number whose record is not looked at without notice. The number itself is not kept, only its blind index.

    `account_id` is the member of staff who declared the relative, or whose own number it is; `note` is the relation
    of a relative (`Relation`), or why somebody is well known.
    """

    __tablename__ = "watched_numbers"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'well_known') = (account_id IS NULL)", name="account_unless_well_known"),
        sa.Index("ix_watched_numbers_number_index", "number_index"),
        sa.Index("ix_watched_numbers_account_id_added_at", "account_id", "added_at"),
        sa.Index("uq_watched_numbers_own", "account_id", unique=True, postgresql_where=sa.text("kind = 'staff'")),
        sa.Index(
            "uq_watched_numbers_relative",
            "account_id",
            "number_index",
            unique=True,
            postgresql_where=sa.text("kind = 'relative'"),
        ),
        sa.Index(
            "uq_watched_numbers_well_known",
            "number_index",
            unique=True,
            postgresql_where=sa.text("kind = 'well_known'"),
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    kind: Mapped[WatchKind] = enum_column(WatchKind)
    account_id: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", nullable=True)
    number_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last4: Mapped[str] = mapped_column(sa.String(4))
    name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    added_at: Mapped[datetime] = mapped_column(Moment)

    name = Sealed()
    note = Sealed()


class AuditFlag(Base):
    """An unusual look, for the auditor. `key` makes one flag of what is one matter (`rules.flag_key`)."""

    __tablename__ = "audit_flags"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "rule", "key"),
        sa.CheckConstraint(
            "(state = 'new' AND outcome IS NULL AND looked_into_by IS NULL AND looked_into_at IS NULL) OR "
            "(state = 'looked_into' AND outcome IS NOT NULL AND looked_into_by IS NOT NULL "
            "AND looked_into_at IS NOT NULL)",
            name="outcome_once_looked_into",
        ),
        sa.CheckConstraint("looked_into_by <> account_id", name="looked_into_by_another"),
        sa.Index("ix_audit_flags_state_at", "state", "at", "id"),
        sa.Index("ix_audit_flags_rule_at", "rule", "at", "id"),
    )

    id: Mapped[uuid.UUID] = primary_id()
    entry_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("audit_entries.id", ondelete="RESTRICT"), index=True
    )
    account_id: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    rule: Mapped[Rule] = enum_column(Rule)
    key: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[FlagState] = enum_column(FlagState, constraint="state")
    outcome: Mapped[Outcome | None] = enum_column(Outcome, nullable=True)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    looked_into_by: Mapped[uuid.UUID | None] = foreign_id("staff_accounts.id", index=True, nullable=True)
    looked_into_at: Mapped[datetime | None] = mapped_column(Moment)

    note = Sealed()
