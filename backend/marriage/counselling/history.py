"""Who did what to a session. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid
from typing import Any

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.counselling.models import CounsellingEvent, CounsellingSession
from backend.marriage.counselling.rules import MOVES, SessionState
from backend.marriage.counselling.texts import NO_LONGER, SESSION_UNKNOWN
from backend.marriage.resources.claim import give_back
from backend.storage import leave, locked, session


def locked_session(session_id: uuid.UUID) -> CounsellingSession:
    """The session, its row locked; raises `AppError` not_found."""
    found = locked(CounsellingSession, session_id)
    if found is None:
        raise not_found()
    return found


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", SESSION_UNKNOWN, 404)


def require_booked(row: CounsellingSession) -> None:
    """Refuse what is over; raises `AppError` state_conflict."""
    if row.state is not SessionState.BOOKED:
        raise conflict(row.state)


def conflict(state: SessionState) -> AppError:
    """That a session is past what was wanted of it."""
    return AppError("state_conflict", NO_LONGER[state], 409, extra={"state": state.value})


def move(
    row: CounsellingSession,
    event: str,
    to_state: SessionState,
    actor: Actor,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Move a locked session and leave the event row; raises `AppError` state_conflict.

    A session that is booked no more gives back the time of its counsellor and its room; after it there is no link.
    """
    from_state = row.state
    if to_state not in MOVES[from_state]:
        raise conflict(from_state)
    row.state, row.changed_at = to_state, now()
    if to_state is not SessionState.BOOKED:
        _give_back(row)
    if to_state not in _MEETING:
        row.link = None
    session().flush()
    told = CounsellingEvent(
        session_id=row.id, from_state=from_state, to_state=to_state, reason=reason, detail=detail or {}
    )
    leave(told, event, actor)


_MEETING = (SessionState.BOOKED, SessionState.CAME)


def _give_back(row: CounsellingSession) -> None:
    given = [one for one in (row.booking_id, row.room_booking_id) if one is not None]
    row.booking_id = row.room_booking_id = None
    session().flush()
    for booking_id in given:
        give_back(booking_id)
