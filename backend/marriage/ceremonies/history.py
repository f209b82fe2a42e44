"""Who did what to a ceremony. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.ceremonies.models import Ceremony, CeremonyEvent, CloudCeremony
from backend.marriage.ceremonies.rules import MOVES, CeremonyState, CloudState
from backend.marriage.ceremonies.texts import CEREMONY_UNKNOWN, STATE_TEXTS
from backend.marriage.resources.claim import give_back
from backend.storage import leave, locked, session


def locked_ceremony(ceremony_id: uuid.UUID) -> Ceremony:
    """The ceremony, its row locked; raises `AppError` not_found."""
    found = locked(Ceremony, ceremony_id)
    if found is None:
        raise not_found()
    return found


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", CEREMONY_UNKNOWN, 404)


def require_booked(ceremony: Ceremony) -> None:
    """Refuse what is over; raises `AppError` state_conflict."""
    if ceremony.state is not CeremonyState.BOOKED:
        told = STATE_TEXTS[ceremony.state]
        raise AppError("state_conflict", told, 409, extra={"state": ceremony.state.value})


def move(
    ceremony: Ceremony,
    event: str,
    to_state: CeremonyState,
    actor: Actor,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Move a locked ceremony and leave the event row; raises `AppError` state_conflict."""
    from_state = ceremony.state
    if to_state not in MOVES[from_state]:
        raise AppError("state_conflict", STATE_TEXTS[from_state], 409, extra={"state": from_state.value})
    ceremony.state, ceremony.changed_at = to_state, now()
    session().flush()
    row = CeremonyEvent(
        ceremony_id=ceremony.id, from_state=from_state, to_state=to_state, reason=reason, detail=detail or {}
    )
    leave(row, event, actor)


def end(ceremony: Ceremony, event: str, to_state: CeremonyState, actor: Actor, reason: str | None = None) -> None:
    """End a locked ceremony and give back the time it has; raises `AppError` state_conflict."""
    given = [ceremony.venue_booking_id, ceremony.officiant_booking_id]
    ceremony.venue_booking_id = ceremony.officiant_booking_id = None
    ceremony.needs_place = False
    move(ceremony, event, to_state, actor, reason)
    for booking_id in given:
        if booking_id is not None:
            give_back(booking_id)
    if to_state is CeremonyState.CANCELLED:
        _end_cloud(ceremony.id)


def _end_cloud(ceremony_id: uuid.UUID) -> None:
    session().execute(
        sa.update(CloudCeremony)
        .where(CloudCeremony.ceremony_id == ceremony_id, CloudCeremony.state.in_(_SHOWN))
        .values(state=CloudState.ENDED, link_sealed=None, token_sealed=None, token_hash=None, changed_at=now())
        .execution_options(synchronize_session="fetch")
    )


_SHOWN = (CloudState.ASKED, CloudState.AGREED)
