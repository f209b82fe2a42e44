"""Uploads; their content lies in files (`vault`)."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.files.rules import MOST_BYTES, Refusal, UploadState
from backend.storage import Base, Moment, Sealed, enum_column, foreign_id, primary_id


class Upload(Base):
    """A file somebody sent. `owner_id` is the person; `purpose` what the step that asked for it calls it.

    `media_id` is where WeChat keeps it (of `app_id`) until it is fetched. `stored_name` names the file in the vault,
    whose own key is `file_key`: without it the file is unreadable, so erasing takes effect with the commit. While it is
    owed, `next_at` is when to try, or when the claim of a worker runs out.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused_for_a_reason"),
        sa.CheckConstraint(
            "CASE WHEN state = 'fetched' THEN "
            "num_nonnulls(fetched_at, content_type, size, sha256, stored_name, file_key_sealed) = 6 "
            "ELSE num_nonnulls(content_type, size, sha256, file_key_sealed) = 0 END",
            name="readable_once_fetched",
        ),
        sa.CheckConstraint("(state IN ('refused', 'deleted')) = (ended_at IS NOT NULL)", name="ended_at_some_time"),
        sa.CheckConstraint(
            "state <> 'deleted' OR num_nonnulls(owner_id, media_id, subject_id) = 0", name="nothing_left_of_deleted"
        ),
        sa.CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name="whole_subject"),
        sa.CheckConstraint(f"size > 0 AND size <= {MOST_BYTES}", name="size_within_limit"),
        sa.CheckConstraint("state <> 'owed' OR media_id IS NOT NULL", name="owed_by_wechat"),
        sa.Index("ix_uploads_owner_id", "owner_id"),
        sa.Index("ix_uploads_subject", "subject_kind", "subject_id"),
        sa.Index("ix_uploads_due", "next_at", postgresql_where=sa.text("state = 'owed'")),
        sa.Index("ix_uploads_created_at", "created_at"),
        sa.Index("ix_uploads_ended_at", "ended_at"),
        sa.Index(
            "ix_uploads_to_remove",
            "ended_at",
            postgresql_where=sa.text("state IN ('refused', 'deleted') AND stored_name IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = primary_id()
    owner_id: Mapped[uuid.UUID | None] = foreign_id("persons.id", nullable=True)
    app_id: Mapped[str] = mapped_column(sa.String(32))
    media_id: Mapped[str | None] = mapped_column(sa.String(200))
    purpose: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str | None] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    state: Mapped[UploadState] = enum_column(UploadState)
    refusal: Mapped[Refusal | None] = enum_column(Refusal, nullable=True)
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    next_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    fetched_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    content_type: Mapped[str | None] = mapped_column(sa.String(40))
    size: Mapped[int | None]
    sha256: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    stored_name: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    file_key_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    file_key = Sealed()
