"""A registrar confirms an appointment."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Office, Slot
from backend.marriage.notices import tell
from backend.marriage.rules import State
from backend.storage import atomic


def confirm_appointment(appointment_id: uuid.UUID, actor: Actor) -> None:
    """Confirm and tell the couple.

    Raises `AppError` state_conflict when somebody else moved it first.
    """
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        move(appointment, "confirmed", State.CONFIRMED, actor)
        slot = session.get_one(Slot, appointment.slot_id)
        tell("marriage.confirmed", appointment, session.get_one(Office, slot.office_id), slot)
