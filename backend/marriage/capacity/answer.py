"""What couples answer: by themselves in the chat and the mini-program, or on the telephone to a member of staff.

Another time and giving up are `reschedule_appointment` and `cancel_appointment`, which know of open lines; here is the
rest. No counter is touched by any of it (domain-rules §2.5-4).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import MOVABLE
from backend.marriage.capacity.choice import close_line, open_line
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.notices import withdraw_told
from backend.marriage.capacity.place import MoveCase, give_time, locked_case
from backend.marriage.capacity.rules import OPEN_STATES, CallResult, LineState
from backend.marriage.history import locked_appointment, move, record
from backend.marriage.models import Appointment, Office
from backend.marriage.notices import drop_reminders
from backend.marriage.offers import Bookable
from backend.marriage.partners.tell import tell_given_up, tell_time
from backend.marriage.partners.who import appointments_of, may_act, told_partners
from backend.marriage.places import free_place
from backend.marriage.rules import ACTIVE_STATES, State
from backend.marriage.texts import PARTNER_ACCEPTED, TOLD_BY_PHONE
from backend.storage import atomic, session, transaction

MOST_NOTE = 200


@dataclass(frozen=True)
class OwnMove:
    """An open move as its couple sees it; `new_starts_at` is None while no time was found."""

    id: uuid.UUID
    appointment_id: uuid.UUID
    number: str
    kind: str
    state: LineState
    old_starts_at: datetime
    new_starts_at: datetime | None
    answer_until: datetime | None
    reason: str
    office_id: uuid.UUID
    office_name: str
    office_phone: str


def own_moves(person_id: uuid.UUID, limit: int = 20) -> Sequence[OwnMove]:
    """The open moves of what a person booked or is one of the couple of, the oldest first."""
    query = (
        _of(person_id)
        .where(MoveLine.state.in_(OPEN_STATES), Appointment.state.in_(MOVABLE))
        .where(sa.or_(MoveLine.answer_until.is_(None), MoveLine.answer_until > now()))
        .order_by(MoveLine.old_starts_at, MoveLine.id)
        .limit(limit)
    )
    with transaction() as opened:
        return [_own(*row) for row in opened.execute(query)]


def own_move(line_id: uuid.UUID, person_id: uuid.UUID) -> OwnMove:
    """One of a person's moves, also once it is over; raises `AppError` not_found, also for another's."""
    with transaction() as opened:
        row = opened.execute(_of(person_id).where(MoveLine.id == line_id)).one_or_none()
    if row is None:
        raise AppError("not_found", texts.LINE_UNKNOWN, 404)
    return _own(*row)


def _of(person_id: uuid.UUID) -> sa.Select[MoveLine, Appointment, str, Office]:
    return (
        sa.select(MoveLine, Appointment, BulkMove.reason, Office)
        .join(Appointment, Appointment.id == MoveLine.appointment_id)
        .join(BulkMove, BulkMove.id == MoveLine.move_id)
        .join(Office, Office.id == BulkMove.office_id)
        .where(Appointment.id.in_(appointments_of(person_id)))
    )


def _own(line: MoveLine, appointment: Appointment, reason: str, place: Office) -> OwnMove:
    return OwnMove(
        line.id,
        appointment.id,
        appointment.number or "",
        appointment.kind.value,
        line.state,
        line.old_starts_at.astimezone(BEIJING),
        line.new_starts_at.astimezone(BEIJING) if line.new_starts_at else None,
        line.answer_until.astimezone(BEIJING) if line.answer_until else None,
        reason,
        place.id,
        place.name,
        place.phone,
    )


def accept_time(line_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """One of a couple agrees to the time it was given, for both; agreeing twice is the same as once.

    Raises `AppError`: not_found (also for another's), state_conflict while there is no time, or once it is over.
    """
    with atomic() as db:
        line = db.get(MoveLine, line_id)
        appointment = locked_appointment(line.appointment_id) if line is not None else None
        if line is None or appointment is None or not may_act(appointment, person_id):
            raise AppError("not_found", texts.LINE_UNKNOWN, 404)
        if _accept(appointment, line_id, Actor("resident", person_id)):
            tell_time(appointment, person_id, PARTNER_ACCEPTED)


def _accept(appointment: Appointment, line_id: uuid.UUID, actor: Actor) -> bool:
    """Whether this was the answer; False where the same was said before."""
    line = open_line(appointment.id)
    if line is None or line.id != line_id:
        known = session().get_one(MoveLine, line_id, populate_existing=True)
        if known.state is LineState.ACCEPTED:
            return False
        raise AppError("state_conflict", texts.LINE_CLOSED, 409, extra={"state": known.state.value})
    if line.state is LineState.WAITING:
        raise AppError("state_conflict", texts.NO_TIME_YET, 409, extra={"state": line.state.value})
    close_line(line, LineState.ACCEPTED)
    record(appointment.id, "move_accepted", actor, appointment.state, appointment.state)
    withdraw_told(appointment)
    return True


# --- on the telephone ---


def note_call(line_id: uuid.UUID, result: CallResult, note: str, account_id: uuid.UUID) -> None:
    """Note that somebody telephoned, and what they said (at most 200 characters, sealed)."""
    note = " ".join(note.split())
    if len(note) > MOST_NOTE:
        raise AppError("invalid", texts.NOTE_LONG, 422, errors={"note": [texts.NOTE_LONG]})
    with atomic() as db:
        line = db.get(MoveLine, line_id, with_for_update=True, populate_existing=True)
        if line is None:
            raise AppError("not_found", texts.MOVE_UNKNOWN, 404)
        line.called_at, line.called_by, line.call = now(), account_id, result
        line.note = note or None


def accept_for(line_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """They said yes on the telephone. Raises `AppError` as `accept_time`."""
    with atomic():
        appointment = _open_case(line_id).appointment
        if _accept(appointment, line_id, Actor("staff", account_id)):
            tell_time(appointment, None, TOLD_BY_PHONE)


def choose_for(line_id: uuid.UUID, slot_id: uuid.UUID, account_id: uuid.UUID) -> Bookable:
    """They named another time on the telephone. Raises `AppError` as booking does, and state_conflict."""
    with atomic():
        case = _open_case(line_id)
        bookable = give_time(case, slot_id, Actor("staff", account_id))
        close_line(case.line, LineState.CHOSEN)
        withdraw_told(case.appointment)
        tell_time(case.appointment, None, TOLD_BY_PHONE)
        return bookable


def give_up_for(line_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """They gave it up on the telephone. Raises `AppError` state_conflict once it is over."""
    with atomic():
        case = _open_case(line_id)
        move(case.appointment, "cancelled", State.CANCELLED, Actor("staff", account_id))
        close_line(case.line, LineState.GIVEN_UP)
        free_place(case.appointment)
        drop_reminders(case.appointment.id)
        withdraw_told(case.appointment)
        tell_given_up(case.appointment, None, told_partners(case.appointment.id))


def _open_case(line_id: uuid.UUID) -> MoveCase:
    case = locked_case(line_id)
    if case is None:
        raise AppError("state_conflict", texts.LINE_CLOSED, 409)
    return case


# --- no answer ---


def keep_unanswered(limit: int = 100) -> int:
    """Close lines whose deadline has passed - the new time stays - and those whose appointment has ended otherwise.

    Safe to run at any time and from several processes; returns how many.
    """
    over = sa.or_(MoveLine.answer_until <= now(), Appointment.state.not_in(ACTIVE_STATES))
    due = sa.select(MoveLine.id).join(Appointment, Appointment.id == MoveLine.appointment_id)
    due = due.where(MoveLine.state.in_(OPEN_STATES), over).order_by(MoveLine.changed_at, MoveLine.id).limit(limit)
    with transaction() as db:
        ids = db.scalars(due).all()
    return sum(_keep(line_id) for line_id in ids)


def _keep(line_id: uuid.UUID) -> bool:
    with transaction() as db:
        appointment_id = db.scalar(sa.select(MoveLine.appointment_id).where(MoveLine.id == line_id))
        if appointment_id is None:
            return False
        appointment = locked_appointment(appointment_id)
        line = db.get_one(MoveLine, line_id, with_for_update=True, populate_existing=True)
        if line.state not in OPEN_STATES:  # answered this very moment
            return False
        if appointment.state not in ACTIVE_STATES:
            close_line(line, LineState.ENDED)
            return True
        if line.answer_until is None or line.answer_until > now():
            return False
        close_line(line, LineState.KEPT)
        record(appointment.id, "move_kept", SYSTEM, appointment.state, appointment.state)
        return True
