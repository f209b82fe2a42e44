"""Give appointments that lost their time the nearest one that suits, a transaction each (domain-rules §2.5-4).

The place is taken by the core's own statements before the old one is given back: it is theirs from that moment, and
until the deadline they may change it freely. Whoever says nothing keeps it: a couple must never stand before a closed
door because it did not read a message.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.capacity.affected import MOVABLE
from backend.marriage.capacity.choice import close_line, open_line
from backend.marriage.capacity.deadline import answer_until
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.nearest import Displaced, check_day, nearest
from backend.marriage.capacity.notices import tell_moved, tell_stands, tell_waiting
from backend.marriage.capacity.parameters import answer_days
from backend.marriage.capacity.rules import LineState
from backend.marriage.changes import PlacedAppointment, keeps_its_time
from backend.marriage.days import plan_as_written
from backend.marriage.full import require_long_enough
from backend.marriage.history import locked_appointment, record
from backend.marriage.models import Slot
from backend.marriage.notices import notice_data, plan_reminders
from backend.marriage.offers import Bookable, SlotOffer, bookable_slot, office
from backend.marriage.opening import OfficePlan
from backend.marriage.reschedule import swap_place
from backend.marriage.stored_parties import checked_parties
from backend.storage import atomic, session, transaction

_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class MoveCase(Displaced):
    """An appointment to be moved, locked, with its line and its move."""

    line: MoveLine
    move: BulkMove


def place_waiting(move_id: uuid.UUID | None = None, limit: int = 100) -> int:
    """Find new times for lines that have none, in their order; returns how many got one.

    Safe to run at any time and from several processes. Whoever got none is tried again each minute: others cancel,
    and each morning a new day is released.
    """
    due = sa.select(MoveLine.id).where(
        MoveLine.state == LineState.WAITING,
        sa.or_(MoveLine.changed_at == MoveLine.created_at, MoveLine.changed_at <= now() - _AGAIN),
    )
    if move_id is not None:
        due = due.where(MoveLine.move_id == move_id)
    with transaction() as db:
        ids = db.scalars(due.order_by(MoveLine.rank, MoveLine.created_at, MoveLine.id).limit(limit)).all()
    return sum(_place(line_id) for line_id in ids)


def place_at(line_id: uuid.UUID, slot_id: uuid.UUID) -> bool:
    """Give a waiting line this time, in a transaction of its own; False when it is taken, or the line is over."""
    with suppress(AppError), transaction():
        case = locked_case(line_id)
        if case is not None and case.line.state is LineState.WAITING:
            _give(case, slot_id)
            return True
    return False


def _place(line_id: uuid.UUID) -> bool:
    with transaction():
        case = locked_case(line_id)
        if case is None or case.line.state is not LineState.WAITING:
            return False
        if _stands(case):
            return False
        for offer in nearest(case):
            with suppress(AppError):  # taken this very moment, or too short for them: the next one
                _give(case, offer.id)
                return True
        case.line.changed_at = now()
        if case.line.told_at is None:
            case.line.told_at = now()
            tell_waiting(case.line, case.move, case.appointment, case.place)
        return False


def locked_case(line_id: uuid.UUID) -> MoveCase | None:
    """The line and its appointment, locked in that order of everybody (appointment, line, slots); None once it is over.

    A line whose appointment has ended otherwise is closed on the way.
    """
    appointment_id = session().scalar(sa.select(MoveLine.appointment_id).where(MoveLine.id == line_id))
    if appointment_id is None:
        return None
    appointment = locked_appointment(appointment_id)
    line = open_line(appointment_id)
    if line is None or line.id != line_id:
        return None
    if appointment.state not in MOVABLE:
        close_line(line, LineState.ENDED)
        return None
    slot = session().get_one(Slot, appointment.slot_id)
    place = office(slot.office_id)
    if place is None:  # an office is never deleted while appointments refer to it
        raise LookupError("the office of an appointment is gone")
    move, old = session().get_one(BulkMove, line.move_id), line.old_starts_at.astimezone(BEIJING)
    return MoveCase(appointment, place, checked_parties(appointment.id), old, line, move)


def give_time(case: MoveCase, slot_id: uuid.UUID, actor: Actor = SYSTEM) -> Bookable:
    """Swap a locked appointment's place for one in a slot: taken first, then the old one is given back.

    Nothing is counted. A confirmed appointment stays so, for it is the registry that sets the time. Raises `AppError`
    as booking does: slot_full, too_late, not_found, invalid.
    """
    appointment = case.appointment
    with atomic():
        bookable = bookable_slot(
            slot_id, appointment.kind, foreign_related=case.foreign, rescue=case.rescue, late_today=case.of_today
        )
        require_long_enough(bookable, foreign_related=case.foreign)
        check_day(case, bookable.slot.day)
        swap_place(appointment, bookable, foreign=case.foreign)
        appointment.changed_at = now()
        record(appointment.id, "moved_by_registry", actor, appointment.state, appointment.state, case.move.reason)
        data = notice_data(case.place.name, bookable.slot.starts_at, appointment.number or "", appointment.kind)
        plan_reminders(appointment.id, appointment.booked_by, bookable.slot.starts_at, data)
        case.line.new_starts_at = bookable.slot.starts_at
        session().flush()
    return bookable


def _give(case: MoveCase, slot_id: uuid.UUID) -> None:
    bookable = give_time(case, slot_id)
    moment, line = now(), case.line
    days = answer_days(case.place.code, moment)
    line.answer_until = answer_until(moment, days, bookable.slot.starts_at, bookable.rules)
    line.told_at = moment
    close_line(line, LineState.OFFERED)
    tell_moved(line, case.move, case.appointment, case.place)
    session().flush()


def _stands(case: MoveCase) -> bool:
    """Whether the old time is open again, or has come without a new one: then nothing is moved any more."""
    appointment, line = case.appointment, case.line
    slot = session().get_one(Slot, appointment.slot_id)
    starts_at = slot.starts_at.astimezone(BEIJING)
    placed = PlacedAppointment(appointment.id, appointment.kind, slot.area, starts_at, appointment.minutes)
    plan = plan_as_written(case.place, now())
    if not keeps_its_time(plan, placed, legal_calendar()) or (case.move.outage_id and _still_out(plan, slot)):
        return False
    close_line(line, LineState.ENDED)
    if starts_at > now():
        data = notice_data(case.place.name, starts_at, appointment.number or "", appointment.kind)
        plan_reminders(appointment.id, appointment.booked_by, starts_at, data)
        if line.told_at is not None:
            tell_stands(line, case.move, appointment, case.place)
    return True


def _still_out(plan: OfficePlan, slot: Slot) -> bool:
    """Whether windows are out at a slot's time, so that whoever was asked to make room still does."""
    return any(one.touches(slot.area, slot.starts_at, slot.ends_at) for one in plan.outages)


def times_for(line_id: uuid.UUID, most: int = 30) -> Sequence[SlotOffer]:
    """Free times that suit an appointment that is being moved, nearest first, in order; for whoever telephones."""
    with transaction():
        case = locked_case(line_id)
        found = [] if case is None else list(islice(nearest(case), most))
    return sorted(found, key=lambda slot: slot.starts_at)
