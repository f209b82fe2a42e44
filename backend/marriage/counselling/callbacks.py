"""Use cases on calls back: raise one when words tell of danger, take it, note that nobody answered, close it (§2.8).

A person closes it, with what came of it; the program never lets one lapse.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.kernel.crisis import Crisis
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import Callback
from backend.marriage.counselling.parameters import callback_minutes
from backend.marriage.counselling.rules import BY_A_PERSON, MOST_ATTEMPTS, CallbackState, Outcome, Spans, due_after
from backend.marriage.days import office_plan
from backend.marriage.kinds import Area, Kind
from backend.marriage.offices import office
from backend.marriage.opening import open_for
from backend.storage import atomic, broken_constraint, locked, session


def raise_callback(
    office_id: uuid.UUID,
    person_id: uuid.UUID,
    crisis: Crisis,
    contact: tuple[str, str],
    session_id: uuid.UUID | None = None,
) -> None:
    """Have somebody called (`contact`: name, telephone); while one is open for them it stays the one there is."""
    moment = now()
    row = Callback(
        id=new_id(),
        office_id=office_id,
        person_id=person_id,
        session_id=session_id,
        crisis=crisis,
        raised_at=moment,
        due_at=due_at(office_id, moment),
        state=CallbackState.OPEN,
    )
    row.name, row.phone = contact
    try:
        with atomic() as db:
            db.add(row)
            db.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_counselling_callbacks_one_open":
            raise


def due_at(office_id: uuid.UUID, moment: datetime) -> datetime:
    """Until when somebody who wrote at a moment is to be called, by the hours of the registry."""
    place = office(office_id)
    if place is None:
        raise AppError("not_found", texts.OFFICE_UNKNOWN, 404)
    plan, calendar = office_plan(place, moment), legal_calendar()

    def hours_of(day: date) -> Spans:
        return open_for(plan, day, calendar, Area.MARRIAGE_HALL, Kind.MARRIAGE_REGISTRATION)

    return due_after(moment, callback_minutes(place.code), hours_of)


def take_callback(callback_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Say that one calls: the first who says so has it. Raises `AppError` not_found, state_conflict."""
    with atomic() as db:
        taken = db.execute(
            sa.update(Callback)
            .where(Callback.id == callback_id, Callback.state == CallbackState.OPEN)
            .values(state=CallbackState.TAKEN, taken_by=account_id, taken_at=now())
            .returning(Callback.id)
            .execution_options(synchronize_session="fetch")
        ).first()
        if taken is None:
            row = db.get(Callback, callback_id, populate_existing=True)
            if row is None:
                raise _not_found()
            if row.state is CallbackState.TAKEN and row.taken_by == account_id:
                return
            raise AppError("state_conflict", _why_not(row), 409)


def note_missed_call(callback_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Note that nobody answered: the call is anybody's again and due as if it were new.

    Raises `AppError` not_found, state_conflict for whoever has not taken it.
    """
    with atomic():
        row = _own(callback_id, account_id)
        row.attempts += 1
        row.state, row.taken_by, row.taken_at = CallbackState.OPEN, None, None
        row.due_at = due_at(row.office_id, now())
        session().flush()


def close_callback(callback_id: uuid.UUID, account_id: uuid.UUID, outcome: Outcome) -> None:
    """Close a call with what came of it; given up it is only after three that nobody answered.

    Raises `AppError` not_found, invalid, state_conflict for whoever has not taken it.
    """
    if outcome not in BY_A_PERSON:
        raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"outcome": [texts.FALSE_CHOICE]})
    with atomic():
        row = _own(callback_id, account_id)
        if outcome is Outcome.UNREACHABLE and row.attempts < MOST_ATTEMPTS:
            raise AppError("too_early", texts.CALLBACK_TRY_AGAIN.format(most=MOST_ATTEMPTS), 409)
        end_callback(row, outcome)


def end_callback(row: Callback, outcome: Outcome) -> None:
    """Close a locked call."""
    row.state, row.outcome, row.closed_at = CallbackState.CLOSED, outcome, now()
    session().flush()


def _own(callback_id: uuid.UUID, account_id: uuid.UUID) -> Callback:
    row = locked(Callback, callback_id)
    if row is None:
        raise _not_found()
    if row.state is not CallbackState.TAKEN or row.taken_by != account_id:
        raise AppError("state_conflict", _why_not(row), 409)
    return row


def _why_not(row: Callback) -> str:
    return {
        CallbackState.OPEN: texts.CALLBACK_NOT_YOURS,
        CallbackState.TAKEN: texts.CALLBACK_TAKEN,
        CallbackState.CLOSED: texts.CALLBACK_CLOSED,
    }[row.state]


def _not_found() -> AppError:
    return AppError("not_found", texts.CALLBACK_UNKNOWN, 404)
