"""Who did what to a request. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.archive.asking import one_line
from backend.marriage.archive.models import ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.rules import MOVES, OPEN_STATES, ArchiveState, KeptAt
from backend.marriage.archive.texts import REQUEST_UNKNOWN, STATE_TEXTS
from backend.marriage.models import Office
from backend.storage import leave, locked, session

REASON_CHARACTERS = 200


def locked_request(request_id: uuid.UUID) -> ArchiveRequest:
    """The request, its row locked; raises `AppError` not_found."""
    found = locked(ArchiveRequest, request_id)
    if found is None:
        raise not_found()
    return found


def own_request(request_id: uuid.UUID, person_id: uuid.UUID) -> ArchiveRequest:
    """A request of the person's own, locked; raises `AppError` not_found for anybody else's."""
    found = locked_request(request_id)
    if found.person_id != person_id:
        raise not_found()
    return found


def not_found() -> AppError:
    """There is no such request, or it is somebody else's."""
    return AppError("not_found", REQUEST_UNKNOWN, 404)


def office_of(request: ArchiveRequest) -> Office:
    """The registry that looks for it."""
    return session().get_one(Office, request.office_id)


def move(
    request: ArchiveRequest,
    event: str,
    to_state: ArchiveState,
    actor: Actor,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Move a locked request and leave the event row; raises `AppError` state_conflict, which tells where it stands.

    What goes with one state alone (`until`, the reason for finding nothing) is set by the caller before and cleared
    here where the state no longer has it.
    """
    from_state = request.state
    if to_state not in MOVES[from_state]:
        raise refused(request)
    request.state, request.changed_at = to_state, now()
    request.ended_at = None if to_state in OPEN_STATES else now()
    if to_state not in (ArchiveState.NEED_MORE, ArchiveState.READY):
        request.until = None
    if to_state is not ArchiveState.NOT_FOUND:
        request.not_found_why = None
    if to_state in (ArchiveState.SEARCHING, ArchiveState.NOT_FOUND):
        _forget_place(request)
    session().flush()
    record(request, event, actor, from_state, reason, detail)


def _forget_place(request: ArchiveRequest) -> None:
    """Whatever was told of the volume's place does not hold any more."""
    request.kept_at = request.volume = request.located_at = None
    request.kept_name = request.kept_address = request.kept_phone = None


def place(request: ArchiveRequest, kept_at: KeptAt, volume: str | None, kept: tuple[str, str, str] | None) -> None:
    """Write down where the volume lies: name, address and telephone where it is not here."""
    request.kept_at, request.volume, request.located_at = kept_at, volume, now()
    request.kept_name, request.kept_address, request.kept_phone = kept or (None, None, None)


def refused(request: ArchiveRequest) -> AppError:
    """Why not, by where it stands."""
    return AppError("state_conflict", STATE_TEXTS[request.state], 409, extra={"state": request.state.value})


def require(request: ArchiveRequest, states: Collection[ArchiveState]) -> None:
    """Refuse unless the request stands in one of these; raises `AppError` state_conflict."""
    if request.state not in states:
        raise refused(request)


def record(
    request: ArchiveRequest,
    event: str,
    actor: Actor,
    from_state: ArchiveState | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Leave an event row in the open transaction."""
    row = ArchiveRequestEvent(
        request_id=request.id, from_state=from_state, to_state=request.state, reason=reason, detail=detail or {}
    )
    leave(row, event, actor)


def request_events(request_id: uuid.UUID) -> sa.Select[ArchiveRequestEvent]:
    """The history of a request, oldest first."""
    query = sa.select(ArchiveRequestEvent).where(ArchiveRequestEvent.request_id == request_id)
    return query.order_by(ArchiveRequestEvent.id)


def clean_reason(text: str | None) -> str:
    """Words on one line, cut to what a row holds."""
    return one_line(text)[:REASON_CHARACTERS]
