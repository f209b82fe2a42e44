"""A registrar puts a rush off, or calls it off, before it opens; whoever wanted to be told is told by the tick."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.days import office_plan
from backend.marriage.offices import office
from backend.marriage.opening import opens_at as released
from backend.marriage.rush.models import Rush
from backend.marriage.rush.plan import forget_rushes
from backend.marriage.rush.queries import phase_of
from backend.marriage.rush.rules import Phase
from backend.marriage.rush.texts import PUT_OFF_TO, REASON_MISSING, RUSH_STARTED, RUSH_UNKNOWN
from backend.storage import after_commit, atomic, locked

MOST_REASON = 80


def put_off_rush(rush_id: uuid.UUID, office_ids: Collection[uuid.UUID], opens_at: datetime, reason: str) -> None:
    """Open a rush of one of the offices later, for as long as it was to be open; residents read the reason.

    Raises `AppError`: not_found, state_conflict once it has opened, invalid (no reason, a moment that is past, after
    the day itself, or before its release).
    """
    reason = _required(reason)
    with atomic():
        rush = _ahead(rush_id, office_ids)
        place = office(rush.office_id)
        first = released(office_plan(place, now()), rush.day) if place else rush.opens_at
        if not max(now(), first) < opens_at or opens_at.date() >= rush.day:
            told = PUT_OFF_TO.format(moment=f"{spoken_day(first.date())}{first:%H:%M}")
            raise AppError("invalid", told, 422, errors={"opens_at": [told]})
        rush.opens_at, rush.closes_at = opens_at, opens_at + (rush.closes_at - rush.opens_at)
        rush.reason = reason
        after_commit(forget_rushes)


def call_off_rush(rush_id: uuid.UUID, office_ids: Collection[uuid.UUID], reason: str, account_id: uuid.UUID) -> None:
    """There is no rush: the day is booked as any other, from its release on. Calling off twice is the same as once.

    Raises `AppError`: not_found, state_conflict once it has opened, invalid without a reason.
    """
    reason = _required(reason)
    with atomic():
        rush = _found(rush_id, office_ids)
        if rush.called_off_at is not None:
            return
        _require_ahead(rush)
        rush.called_off_at = rush.settled_at = now()
        rush.called_off_by, rush.reason = account_id, reason
        after_commit(forget_rushes)


def _ahead(rush_id: uuid.UUID, office_ids: Collection[uuid.UUID]) -> Rush:
    rush = _found(rush_id, office_ids)
    _require_ahead(rush)
    return rush


def _found(rush_id: uuid.UUID, office_ids: Collection[uuid.UUID]) -> Rush:
    rush = locked(Rush, rush_id)
    if rush is None or rush.office_id not in office_ids:
        raise AppError("not_found", RUSH_UNKNOWN, 404)
    return rush


def _require_ahead(rush: Rush) -> None:
    if phase_of(rush) is not Phase.AHEAD:
        raise AppError("state_conflict", RUSH_STARTED, 409)


def _required(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MOST_REASON:
        raise AppError("invalid", REASON_MISSING, 422, errors={"reason": [REASON_MISSING]})
    return reason
