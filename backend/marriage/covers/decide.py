"""Use case of staff who have looked at a picture. Nothing unchecked is shown, and nothing that WeChat calls risky."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.blessings.rules import Finding
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.covers import texts
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import CoverState
from backend.storage import atomic, session


def decide_cover(ceremony_id: uuid.UUID, cover_id: uuid.UUID, account_id: uuid.UUID, *, show: bool) -> Cover:
    """Show or hide the picture that was looked at; one that came in its place meanwhile is another.

    Raises `AppError`: not_found; state_conflict while WeChat is being asked, or for what it called risky.
    """
    query = (
        sa.select(Cover)
        .join(CloudCeremony, CloudCeremony.id == Cover.cloud_id)
        .where(Cover.id == cover_id, CloudCeremony.ceremony_id == ceremony_id)
        .with_for_update(of=Cover)
        .execution_options(populate_existing=True)
    )
    with atomic():
        row = session().scalars(query).one_or_none()
        if row is None:
            raise AppError("not_found", texts.COVER_UNKNOWN, 404)
        if row.state is CoverState.CHECKING:
            raise AppError("state_conflict", texts.NOT_CHECKED, 409)
        if show and row.finding is Finding.RISKY:
            raise AppError("state_conflict", texts.NEVER, 409)
        row.state = CoverState.SHOWN if show else CoverState.HIDDEN
        row.decided_by, row.changed_at = account_id, now()
        return row
