"""A couple arrives: they are checked in, and wait in the hall with a ticket."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment, move
from backend.marriage.models import Office, Slot
from backend.marriage.notices import drop_reminders
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import State, checkin_opens_at
from backend.marriage.texts import CHECK_IN_EARLY
from backend.marriage.tickets.issue import queue_couple
from backend.marriage.tickets.models import Ticket
from backend.marriage.tickets.rules import booked_time
from backend.storage import atomic


def check_in_couple(appointment_id: uuid.UUID, actor: Actor) -> Ticket | None:
    """Check a couple in; one that was not confirmed yet may come all the same, for the law knows no confirmation.

    They take a ticket: by their booked time, or, after the grace, as a walk-in (domain-rules §2.5 `late_grace`). None
    for what has no windows. Raises `AppError`: too_early before `checkin_open`, state_conflict.
    """
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        slot = session.get_one(Slot, appointment.slot_id)
        office = session.get_one(Office, slot.office_id)
        rules = booking_rules(office.code, now())
        opens_at = checkin_opens_at(slot.starts_at, rules)
        if appointment.active and now() < opens_at:
            raise AppError("too_early", CHECK_IN_EARLY.format(time=f"{opens_at:%m-%d %H:%M}"), 409)
        move(appointment, "checked_in", State.CHECKED_IN, actor)
        drop_reminders(appointment.id)
        booked_for = booked_time(slot.starts_at, now(), rules.late_grace_minutes)
        return queue_couple(office.id, appointment.id, appointment.kind, booked_for, actor)
