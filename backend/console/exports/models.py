"""Exports and the sealed pieces of their files."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.console.exports.rules import ExportState, Format, ReasonKind
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class Export(Base):
    """A list somebody asked to take away: which, with which columns and filter, why, and what became of it.

    `node_id` is the place whose records, with all below it, are taken. `most_rows` is how many it may hold: what one
    person may take alone, or what a second one has agreed to. `claimed_until`: a worker builds it and is alive.
    """

    __tablename__ = "exports"
    __table_args__ = (
        sa.CheckConstraint("(state = 'building') = (claimed_until IS NOT NULL)", name="claimed_while_building"),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_for_a_reason"),
        sa.CheckConstraint(
            "(state IN ('ready', 'downloaded', 'expired')) = (expires_at IS NOT NULL)", name="ready_until_some_time"
        ),
        sa.CheckConstraint("(state = 'downloaded') = (downloaded_at IS NOT NULL)", name="downloaded_at_some_time"),
        # Personal data and the waiting for a second person exist only with a request to that person.
        sa.CheckConstraint("approval_id IS NOT NULL OR (NOT personal AND state <> 'waiting')", name="second_person"),
        sa.CheckConstraint("rows_done >= 0 AND rows_done <= most_rows", name="rows_within_limit"),
        sa.Index("ix_exports_asked_by_asked_at", "asked_by", "asked_at", "id"),
        sa.Index("ix_exports_due", "asked_at", postgresql_where=sa.text("state IN ('queued', 'building')")),
        sa.Index("ix_exports_expires_at", "expires_at", postgresql_where=sa.text("state = 'ready'")),
    )

    id: Mapped[uuid.UUID] = primary_id()
    definition: Mapped[str] = mapped_column(sa.String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    columns: Mapped[list[str]] = mapped_column(JSONB)
    personal: Mapped[bool]
    format: Mapped[Format] = enum_column(Format)
    node_id: Mapped[uuid.UUID] = foreign_id("organisation_nodes.id", index=True)
    reason_kind: Mapped[ReasonKind] = enum_column(ReasonKind)
    reason: Mapped[str] = mapped_column(sa.String(150))
    asked_by: Mapped[uuid.UUID] = foreign_id("staff_accounts.id")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    approval_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.Uuid, sa.ForeignKey("approvals.id", ondelete="RESTRICT"), unique=True
    )
    state: Mapped[ExportState] = enum_column(ExportState)
    rows_expected: Mapped[int]
    most_rows: Mapped[int]
    rows_done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    failure: Mapped[str | None] = mapped_column(sa.String(40))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    downloaded_at: Mapped[datetime | None] = mapped_column(Moment)


class ExportPiece(Base):
    """A stretch of a file, sealed; gone once the file was fetched or its day is over."""

    __tablename__ = "export_pieces"
    __table_args__ = (sa.UniqueConstraint("export_id", "position"),)

    id: Mapped[uuid.UUID] = primary_id()
    export_id: Mapped[uuid.UUID] = foreign_id("exports.id", ondelete="CASCADE")
    position: Mapped[int]
    body_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    body = Sealed()
