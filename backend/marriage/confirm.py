"""A registrar confirms an appointment."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Office, Party, Slot
from backend.marriage.notices import tell
from backend.marriage.rules import State
from backend.marriage.waiting.leave import settle_rest
from backend.storage import atomic


def confirm_appointment(appointment_id: uuid.UUID, actor: Actor) -> None:
    """Confirm and tell the couple; what the same persons still wait for in this kind ends with it.

    A place that was kept for them besides goes to the next in line in the same transaction.

    Raises `AppError` state_conflict when somebody else moved it first.
    """
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        move(appointment, "confirmed", State.CONFIRMED, actor)
        slot = session.get_one(Slot, appointment.slot_id)
        tell("marriage.confirmed", appointment, session.get_one(Office, slot.office_id), slot)
        indexes = session.scalars(sa.select(Party.id_number_index).where(Party.appointment_id == appointment.id)).all()
        settle_rest(appointment.kind, indexes, actor)
