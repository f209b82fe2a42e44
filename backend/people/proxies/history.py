"""Who did what to a tie. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.proxies.models import ProxyTie, ProxyTieEvent
from backend.people.proxies.rules import TieState, allowed
from backend.people.proxies.texts import STATE_TEXTS, TIE_UNKNOWN
from backend.storage import leave, locked


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", TIE_UNKNOWN, 404)


def locked_tie(tie_id: uuid.UUID) -> ProxyTie:
    """The tie, its row locked for the rest of the transaction; raises `AppError` not_found."""
    found = locked(ProxyTie, tie_id)
    if found is None:
        raise not_found()
    return found


def move(tie: ProxyTie, event: str, to_state: TieState, actor: Actor, reason: str | None = None) -> None:
    """Move a locked tie and leave the event row.

    Raises `AppError` state_conflict, which tells where the tie stands now.
    """
    if not allowed(tie.state, to_state):
        raise AppError("state_conflict", STATE_TEXTS[tie.state], 409, extra={"state": tie.state.value})
    put(tie, event, to_state, actor, reason)


def put(tie: ProxyTie, event: str, to_state: TieState, actor: Actor, reason: str | None = None) -> None:
    """Set the state of a locked tie and leave the event row, whatever `MOVES` says: for undoing what was wrong."""
    from_state, tie.state, tie.changed_at = tie.state, to_state, now()
    if to_state is not TieState.ASKED:
        tie.code_index = tie.code_expires_at = None
    record(tie.id, event, actor, from_state, to_state, reason)


def record(
    tie_id: uuid.UUID,
    event: str,
    actor: Actor,
    from_state: TieState | None,
    to_state: TieState,
    reason: str | None = None,
) -> None:
    """Leave an event row in the open transaction."""
    row = ProxyTieEvent(tie_id=tie_id, from_state=from_state, to_state=to_state, reason=reason)
    leave(row, event, actor)
