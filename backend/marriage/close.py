"""How an appointment ends at the desk: served, papers not in order, or nobody came."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Office, Slot
from backend.marriage.notices import drop_reminders
from backend.marriage.parameters import booking_rules
from backend.marriage.refuse import required_reason
from backend.marriage.rules import State, no_show_from
from backend.marriage.texts import NO_SHOW_EARLY
from backend.storage import atomic


def complete_service(appointment_id: uuid.UUID, actor: Actor) -> None:
    """The couple was served. Raises `AppError` state_conflict unless they are checked in."""
    with atomic():
        move(locked_appointment(appointment_id), "served", State.SERVED, actor)


def fail_documents(appointment_id: uuid.UUID, actor: Actor, reason: str) -> None:
    """Papers were not in order. Raises `AppError`: invalid without a reason, state_conflict."""
    reason = required_reason(reason)
    with atomic():
        move(locked_appointment(appointment_id), "documents_failed", State.FAILED_DOCUMENTS, actor, reason)


def mark_no_show(appointment_id: uuid.UUID, actor: Actor) -> None:
    """Nobody came. Raises `AppError`: too_early before start and grace have passed, state_conflict."""
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        slot = session.get_one(Slot, appointment.slot_id)
        office = session.get_one(Office, slot.office_id)
        possible_from = no_show_from(slot.starts_at, booking_rules(office.code, now()))
        if appointment.active and now() < possible_from:
            raise AppError("too_early", NO_SHOW_EARLY.format(time=f"{possible_from:%m-%d %H:%M}"), 409)
        move(appointment, "no_show", State.NO_SHOW, actor)
        drop_reminders(appointment.id)
