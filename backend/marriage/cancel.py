"""Give an appointment up (domain-rules §2.5 `cancel_cutoff`)."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.capacity.choice import close_line, open_line
from backend.marriage.capacity.rules import LineState
from backend.marriage.history import locked_appointment, move, not_found
from backend.marriage.models import Office, Slot
from backend.marriage.notices import drop_reminders
from backend.marriage.parameters import booking_rules
from backend.marriage.partners.tell import tell_given_up
from backend.marriage.partners.who import may_act, told_partners
from backend.marriage.places import free_place
from backend.marriage.rules import State, change_closes_at
from backend.marriage.sanctions.check import tell_paused
from backend.marriage.texts import CHANGE_CLOSED
from backend.storage import atomic


def cancel_appointment(appointment_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Cancel an appointment somebody booked or is one of the couple of, and free its place; twice is the same as once.

    Whoever else was told of it is told of this too.

    Raises `AppError`: not_found (also for what is not theirs), too_late after the cut-off, state_conflict.
    """
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        if appointment.state is State.HELD or not may_act(appointment, person_id):
            raise not_found()
        if appointment.state is State.CANCELLED:
            return
        slot = session.get_one(Slot, appointment.slot_id)
        office = session.get_one(Office, slot.office_id)
        rules = booking_rules(office.code, now())
        line = open_line(appointment_id)  # whose time the registry took away gives up whenever they like (§2.5-4)
        if line is None and appointment.active and now() >= change_closes_at(slot.day, rules):
            text = CHANGE_CLOSED.format(time=f"{rules.cancel_cutoff:%H:%M}", phone=office.phone)
            raise AppError("too_late", text, 409)
        move(appointment, "cancelled", State.CANCELLED, Actor("resident", person_id))
        if line is not None:
            close_line(line, LineState.GIVEN_UP)
        else:
            tell_paused(appointment)
        free_place(appointment)
        drop_reminders(appointment.id)
        tell_given_up(appointment, person_id, told_partners(appointment.id))
