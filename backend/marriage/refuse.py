"""A registrar refuses an appointment, with a reason the couple reads."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Office, Slot
from backend.marriage.notices import drop_reminders, tell
from backend.marriage.places import free_place
from backend.marriage.rules import State
from backend.marriage.texts import REASON_MISSING
from backend.storage import atomic


def required_reason(reason: str) -> str:
    """The reason without surrounding space, at most 200 characters; raises `AppError` invalid when there is none."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise AppError("invalid", REASON_MISSING, 422, errors={"reason": [REASON_MISSING]})
    return reason


def refuse_appointment(appointment_id: uuid.UUID, actor: Actor, reason: str) -> None:
    """Refuse, free the place, drop the reminders and tell the couple why.

    Raises `AppError`: invalid without a reason, state_conflict when it is past refusing.
    """
    reason = required_reason(reason)
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        move(appointment, "refused", State.REFUSED, actor, reason)
        slot = session.get_one(Slot, appointment.slot_id)
        free_place(appointment)
        drop_reminders(appointment.id)
        tell("marriage.refused", appointment, session.get_one(Office, slot.office_id), slot, reason=reason)
