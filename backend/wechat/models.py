"""Rows of the WeChat room: what WeChat has closed, and pictures it is looking at. No person is named in either."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage import Base, Moment


class ClosedEndpoint(Base):
    """An endpoint whose quota of the day is used up (45009): nothing is sent there before `until`."""

    __tablename__ = "wechat_closed_endpoints"

    app_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    path: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    until: Mapped[datetime] = mapped_column(Moment)
    rid: Mapped[str | None] = mapped_column(sa.String(40))
    closed_at: Mapped[datetime] = mapped_column(Moment)


class MediaCheck(Base):
    """A picture or sound that WeChat looks at (§6.6). `suggest`, `label`: its answer, which comes within 30 minutes.

    The push may overtake our own row, so either may be written first; `subject` says whose the file is in its room.
    """

    __tablename__ = "wechat_media_checks"
    __table_args__ = (
        sa.Index("ix_wechat_media_checks_subject", "subject_kind", "subject_id"),
        sa.CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name="whole_subject"),
        sa.CheckConstraint("(suggest IS NULL) = (answered_at IS NULL)", name="answered_with_a_word"),
        sa.CheckConstraint("asked_at IS NOT NULL OR answered_at IS NOT NULL", name="known_from_one_side"),
    )

    trace_id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    subject_kind: Mapped[str | None] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    suggest: Mapped[str | None] = mapped_column(sa.String(20))
    label: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
