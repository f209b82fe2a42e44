"""Use cases of those who decide: staff show and hide, the couple hides. Nothing unchecked is shown by either."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.blessings import texts
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import BlessingState
from backend.marriage.ceremonies.book import locked_own
from backend.marriage.ceremonies.models import CloudCeremony
from backend.storage import atomic, session


def decide_blessing(ceremony_id: uuid.UUID, blessing_id: uuid.UUID, account_id: uuid.UUID, *, show: bool) -> Blessing:
    """A member of staff has read it. Raises `AppError`: not_found; state_conflict while WeChat is being asked."""
    with atomic():
        row = _locked(ceremony_id, blessing_id)
        if row.state is BlessingState.CHECKING:
            raise AppError("state_conflict", texts.NOT_CHECKED, 409)
        row.state = BlessingState.SHOWN if show else BlessingState.HIDDEN
        row.decided_by, row.changed_at = account_id, now()
        return row


def hide_blessing(ceremony_id: uuid.UUID, blessing_id: uuid.UUID, person_id: uuid.UUID) -> Blessing:
    """One of the couple does not want it on their page; twice is once. Raises `AppError` not_found, state_conflict."""
    with atomic():
        locked_own(ceremony_id, person_id)
        row = _locked(ceremony_id, blessing_id)
        if row.state is not BlessingState.SHOWN and row.state is not BlessingState.HIDDEN:
            raise AppError("state_conflict", texts.NOT_CHECKED, 409)
        if row.state is BlessingState.SHOWN:
            row.state, row.changed_at = BlessingState.HIDDEN, now()
        return row


def _locked(ceremony_id: uuid.UUID, blessing_id: uuid.UUID) -> Blessing:
    query = (
        sa.select(Blessing)
        .join(CloudCeremony, CloudCeremony.id == Blessing.cloud_id)
        .where(Blessing.id == blessing_id, CloudCeremony.ceremony_id == ceremony_id)
        .with_for_update(of=Blessing)
        .execution_options(populate_existing=True)
    )
    found = session().scalars(query).one_or_none()
    if found is None:
        raise AppError("not_found", texts.BLESSING_UNKNOWN, 404)
    return found
