"""Rows of this room that say nothing any more."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import transaction
from backend.wechat.models import ClosedEndpoint, MediaCheck

CLOSURES_KEPT = timedelta(days=7)
CHECKS_KEPT = timedelta(days=180)


def forget_old(limit: int = 500) -> int:
    """Delete closures a week after they ended and verdicts after half a year; returns how many."""
    moment = now()
    known = sa.func.coalesce(MediaCheck.asked_at, MediaCheck.answered_at)
    old = sa.select(MediaCheck.trace_id).where(known < moment - CHECKS_KEPT).limit(limit)
    with transaction() as session:
        closures = sa.delete(ClosedEndpoint).where(ClosedEndpoint.until < moment - CLOSURES_KEPT)
        checks = sa.delete(MediaCheck).where(MediaCheck.trace_id.in_(old))
        return len(session.execute(closures.returning(ClosedEndpoint.path)).all()) + len(
            session.execute(checks.returning(MediaCheck.trace_id)).all()
        )
