"""Move an appointment to another slot: the new place is taken before the old one is given back (domain-rules §2.5)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.capacity.choice import close_line, open_line
from backend.marriage.capacity.models import MoveLine
from backend.marriage.capacity.rules import LineState
from backend.marriage.couples import CheckedParty, check_for_day, foreign_related
from backend.marriage.divorce_window import may_be_rescued
from backend.marriage.full import require_long_enough, slot_full
from backend.marriage.history import locked_appointment, move, not_found
from backend.marriage.models import Appointment, Office, Slot, Via
from backend.marriage.notices import notice_data, plan_reminders, tell
from backend.marriage.offers import Bookable, bookable_slot, office
from backend.marriage.parameters import booking_rules
from backend.marriage.partners.tell import tell_time
from backend.marriage.partners.who import may_act
from backend.marriage.places import free_parts, keep_further, make_ready, parts_of, take_place
from backend.marriage.rules import State, change_closes_at
from backend.marriage.rush.plan import require_no_rush
from backend.marriage.stored_parties import checked_parties
from backend.marriage.texts import CHANGE_CLOSED, PARTNER_MOVED, RESCHEDULED_ENOUGH, SAME_SLOT
from backend.people.life_events import require_living
from backend.storage import atomic


def reschedule_appointment(appointment_id: uuid.UUID, slot_id: uuid.UUID, person_id: uuid.UUID, via: Via) -> Bookable:
    """Swap the place of a resident's own appointment for one in `slot_id`; reminders move with it, and the other one
    of the couple is told.

    In the chat the reply itself tells them; otherwise a notice does.

    Raises `AppError`: not_found (also for what is not theirs), state_conflict, too_late, slot_full, invalid
    (under age or outside the window on the new day), counter_needed, rush_open.
    """
    with atomic() as session:
        require_living(person_id)
        appointment = locked_appointment(appointment_id)
        line = open_line(appointment_id)
        # Whoever booked moves it; of a time that the registry took away, whoever of the two answers first.
        mine = appointment.booked_by == person_id or (line is not None and may_act(appointment, person_id))
        if not mine or appointment.state is State.HELD:
            raise not_found()
        couple = checked_parties(appointment_id)
        foreign = foreign_related(appointment.kind, couple)
        rescue = may_be_rescued(appointment.kind, couple)
        bookable = bookable_slot(slot_id, appointment.kind, foreign_related=foreign, rescue=rescue)
        _check(appointment, bookable, session.get_one(Slot, appointment.slot_id), couple, line)
        require_no_rush(bookable.office.id, bookable.slot.day)
        require_long_enough(bookable, foreign_related=foreign)
        move(appointment, "rescheduled", State.BOOKED, Actor("resident", person_id))
        if line is None:
            appointment.rescheduled += 1
        else:  # the registry took their time away: they choose, and nothing is counted (§2.5-4)
            close_line(line, LineState.CHOSEN)
            line.new_starts_at = bookable.slot.starts_at
        swap_place(appointment, bookable, foreign=foreign)
        data = notice_data(bookable.office.name, bookable.slot.starts_at, appointment.number or "", appointment.kind)
        plan_reminders(appointment.id, appointment.booked_by, bookable.slot.starts_at, data)
        tell_time(appointment, person_id, PARTNER_MOVED)
        if via is not Via.CHAT and appointment.booked_by == person_id:
            slot = session.get_one(Slot, slot_id)
            tell("marriage.rescheduled", appointment, session.get_one(Office, slot.office_id), slot)
    return bookable


def swap_place(appointment: Appointment, bookable: Bookable, *, foreign: bool) -> None:
    """The new place before the old one is given back. Where both lie on one slot, the old minutes are given back first,
    so that nobody stands in their own way; all slots are locked, and a refusal undoes that too.
    """
    had = parts_of(appointment)
    old, new = ({part.slot_id for part in parts} for parts in (had, bookable.parts))
    make_ready(old | new)
    if old & new:
        free_parts(appointment.id, had)
    if not take_place(bookable.parts, rescue=bookable.rescue):
        raise slot_full(bookable.office, bookable.slot, foreign_related=foreign)
    if not old & new:
        free_parts(appointment.id, had)
    appointment.slot_id, appointment.minutes = bookable.slot.id, bookable.minutes
    keep_further(appointment.id, bookable.parts)


def _check(
    appointment: Appointment,
    bookable: Bookable,
    old_slot: Slot,
    couple: Sequence[CheckedParty],
    line: MoveLine | None,
) -> None:
    old_office = office(old_slot.office_id) or bookable.office
    rules = booking_rules(old_office.code, now())  # whose place is given up says until when and how often
    if line is None and appointment.active and now() >= change_closes_at(old_slot.day, rules):
        text = CHANGE_CLOSED.format(time=f"{rules.cancel_cutoff:%H:%M}", phone=old_office.phone)
        raise AppError("too_late", text, 409)
    if bookable.slot.id == appointment.slot_id and appointment.active:
        raise AppError("state_conflict", SAME_SLOT, 409)
    if line is None and appointment.rescheduled >= rules.reschedule_max:
        text = RESCHEDULED_ENOUGH.format(count=rules.reschedule_max, phone=old_office.phone)
        raise AppError("too_late", text, 409)
    check_for_day(couple, bookable.slot.day, bookable.office, declared=True, kind=appointment.kind)
