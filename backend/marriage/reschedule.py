"""Move an appointment to another slot: the new place is taken before the old one is given back (domain-rules §2.5)."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.couples import CheckedParty, check_for_day
from backend.marriage.full import slot_full
from backend.marriage.history import locked_appointment, move, not_found
from backend.marriage.models import Appointment, Office, Slot, Via
from backend.marriage.notices import notice_data, plan_reminders, tell
from backend.marriage.offers import Bookable, bookable_slot, office
from backend.marriage.parameters import booking_rules
from backend.marriage.places import free_place, lock_slots, take_place
from backend.marriage.rules import State, change_closes_at
from backend.marriage.stored_parties import checked_parties
from backend.marriage.texts import CHANGE_CLOSED, OTHER_OFFICE_KIND, RESCHEDULED_ENOUGH, SAME_SLOT
from backend.people.life_events import require_living
from backend.storage import atomic


def reschedule_appointment(appointment_id: uuid.UUID, slot_id: uuid.UUID, person_id: uuid.UUID, via: Via) -> Bookable:
    """Swap the place of a resident's own appointment for one in `slot_id`; reminders move with it.

    In the chat the reply itself tells them; otherwise a notice does.

    Raises `AppError`: not_found (also for what is not theirs), state_conflict, too_late, slot_full, invalid
    (under age on the new day), counter_needed.
    """
    bookable = bookable_slot(slot_id)
    with atomic() as session:
        require_living(person_id)
        appointment = locked_appointment(appointment_id)
        if appointment.booked_by != person_id or appointment.state is State.HELD:
            raise not_found()
        _check(appointment, bookable, session.get_one(Slot, appointment.slot_id))
        old_slot_id = appointment.slot_id
        lock_slots(old_slot_id, slot_id)
        if not take_place(slot_id):
            raise slot_full(bookable.office, bookable.slot)
        appointment.slot_id = slot_id
        appointment.rescheduled += 1
        move(appointment, "rescheduled", State.BOOKED, Actor("resident", person_id))
        free_place(old_slot_id)
        data = notice_data(bookable.office.name, bookable.slot.starts_at, appointment.number or "")
        plan_reminders(appointment.id, appointment.booked_by, bookable.slot.starts_at, data)
        if via is not Via.CHAT:
            slot = session.get_one(Slot, slot_id)
            tell("marriage.rescheduled", appointment, session.get_one(Office, slot.office_id), slot)
    return bookable


def _check(appointment: Appointment, bookable: Bookable, old_slot: Slot) -> None:
    old_office = office(old_slot.office_id) or bookable.office
    rules = booking_rules(old_office.code, now())  # whose place is given up says until when and how often
    if appointment.active and now() >= change_closes_at(old_slot.day, rules):
        text = CHANGE_CLOSED.format(time=f"{rules.cancel_cutoff:%H:%M}", phone=old_office.phone)
        raise AppError("too_late", text, 409)
    if bookable.slot.kind is not appointment.kind:
        raise AppError("invalid", OTHER_OFFICE_KIND, 422, errors={"slot_id": [OTHER_OFFICE_KIND]})
    if bookable.slot.id == appointment.slot_id and appointment.active:
        raise AppError("state_conflict", SAME_SLOT, 409)
    if appointment.rescheduled >= rules.reschedule_max:
        text = RESCHEDULED_ENOUGH.format(count=rules.reschedule_max, phone=old_office.phone)
        raise AppError("too_late", text, 409)
    couple: list[CheckedParty] = checked_parties(appointment.id)
    check_for_day(couple, bookable.slot.day, bookable.office, declared=True)
