"""Who did what to an appointment. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.models import Appointment, AppointmentEvent
from backend.marriage.rules import MOVES, State
from backend.marriage.texts import APPOINTMENT_UNKNOWN, NOT_CHECKED_IN, STATE_NAMES, STATE_TEXTS
from backend.storage import leave, locked


def locked_appointment(appointment_id: uuid.UUID) -> Appointment:
    """The appointment, its row locked for the rest of the transaction; raises `AppError` not_found."""
    found = locked(Appointment, appointment_id)
    if found is None:
        raise not_found()
    return found


def not_found() -> AppError:
    """What is not there and what is not yours are answered alike."""
    return AppError("not_found", APPOINTMENT_UNKNOWN, 404)


def move(appointment: Appointment, event: str, to_state: State, actor: Actor, reason: str | None = None) -> None:
    """Move a locked appointment and leave the event row.

    Raises `AppError` state_conflict, which tells where the appointment stands now.
    """
    from_state = appointment.state
    if to_state not in MOVES[from_state]:
        raise AppError("state_conflict", _why_not(from_state, to_state), 409, extra={"state": from_state.value})
    appointment.state = to_state
    appointment.changed_at = now()
    if reason is not None:
        appointment.reason = reason
    record(appointment.id, event, actor, from_state, to_state, reason)


def _why_not(from_state: State, to_state: State) -> str:
    """What stands in the way: a step left out, or where the appointment stands already."""
    if from_state in (State.BOOKED, State.CONFIRMED) and to_state in MOVES[State.CHECKED_IN]:
        return NOT_CHECKED_IN
    return STATE_TEXTS.get(from_state, STATE_NAMES[from_state])


def record(
    appointment_id: uuid.UUID,
    event: str,
    actor: Actor,
    from_state: State | None,
    to_state: State,
    reason: str | None = None,
) -> None:
    """Leave an event row in the open transaction."""
    row = AppointmentEvent(appointment_id=appointment_id, from_state=from_state, to_state=to_state, reason=reason)
    leave(row, event, actor)
