"""Who did what to an entry. Every move leaves a row; a move that `rules.MOVES` does not list is refused.

An entry's row is locked before that of its offer, and both before any slot, by everybody but those who offer: these
hold the slot and pass over entries that somebody else has locked.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.marriage.waiting.models import WaitingEntry, WaitingEvent
from backend.marriage.waiting.rules import MOVES, WaitingState
from backend.marriage.waiting.texts import ENTRY_UNKNOWN, STATE_NAMES
from backend.storage import leave, locked, session


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", ENTRY_UNKNOWN, 404)


def locked_entry(entry_id: uuid.UUID, person_id: uuid.UUID | None = None) -> WaitingEntry:
    """The entry, its row locked for the rest of the transaction; raises `AppError` not_found, also for another's."""
    found = locked(WaitingEntry, entry_id)
    if found is None or person_id not in (None, found.person_id):
        raise not_found()
    return found


def locked_offer(entry_id: uuid.UUID) -> Appointment | None:
    """What is offered to a locked entry at this moment, its row locked."""
    query = sa.select(Appointment).where(Appointment.waiting_id == entry_id, Appointment.state == State.HELD)
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def move(
    entry: WaitingEntry,
    event: str,
    to_state: WaitingState,
    actor: Actor,
    slot_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> None:
    """Move a locked entry and leave the event row.

    Raises `AppError` state_conflict, which tells where the entry stands now.
    """
    from_state = entry.state
    if to_state not in MOVES[from_state]:
        raise AppError("state_conflict", STATE_NAMES[from_state], 409, extra={"state": from_state.value})
    entry.state, entry.changed_at = to_state, now()
    record(entry.id, event, actor, from_state, to_state, slot_id, reason)


def record(
    entry_id: uuid.UUID,
    event: str,
    actor: Actor,
    from_state: WaitingState | None,
    to_state: WaitingState,
    slot_id: uuid.UUID | None = None,
    reason: str | None = None,
) -> None:
    """Leave an event row in the open transaction."""
    row = WaitingEvent(entry_id=entry_id, from_state=from_state, to_state=to_state, slot_id=slot_id, reason=reason)
    leave(row, event, actor)
