"""What time does to applications; run by the tick. Each task takes its rows so that it may run twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from backend.kernel.clock import today
from backend.marriage.divorce.care import follow_consent
from backend.marriage.divorce.days import recount
from backend.marriage.divorce.history import bring_up, office_of
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.divorce.notices import plan_reminders, tell_dates
from backend.marriage.divorce.parties import newly_known, parties_of
from backend.marriage.divorce.rules import CaseState
from backend.marriage.divorce.window import booked_for_certificate
from backend.storage import transaction

_BATCH = 100


def move_by_time() -> int:
    """Bring one batch of open applications to where they stand; they lapse at the close of the last day, not before."""
    due = sa.or_(
        sa.and_(DivorceCase.state == CaseState.ACCEPTED, DivorceCase.d0 < today()),
        sa.and_(
            DivorceCase.state.in_((CaseState.ACCEPTED, CaseState.COOLING)),
            DivorceCase.win_first <= today(),
            ~DivorceCase.cool_provisional,
        ),
        sa.and_(DivorceCase.win_last <= today(), ~DivorceCase.provisional),
    )
    return _each(due, bring_up)


def recount_days() -> int:
    """Count the days of all open applications anew by the day table as it stands; how many moved."""
    moved, last = 0, uuid.UUID(int=0)
    while True:
        with transaction() as db:
            query = sa.select(DivorceCase).where(DivorceCase.open, ~DivorceCase.fixed, DivorceCase.id > last)
            batch = db.scalars(_locking(query)).all()
            moved += sum(recount(case) for case in batch)
        if len(batch) < _BATCH:
            return moved
        last = batch[-1].id


def follow_bookings() -> int:
    """Note who has an appointment for the certificate now, and who has none any more; reminders follow."""
    differs = sa.and_(DivorceCase.state == CaseState.WINDOW, DivorceCase.certificate_booked != booked_for_certificate())

    def turn(case: DivorceCase) -> bool:
        case.certificate_booked = not case.certificate_booked
        _plan(case)
        return True

    return _each(differs, turn)


def find_persons() -> int:
    """Tie persons of open applications to the accounts they have proven since, and tell them their dates."""
    with transaction() as db:
        found = newly_known(_BATCH)
        for party, person_id in found:
            party.person_id = person_id
            db.flush()
            case = db.get_one(DivorceCase, party.case_id)
            tell_dates("marriage.case_accepted", case, office_of(case), party)
            _plan(case)
            follow_consent(party)
    return len(found)


def _each(condition: sa.ColumnElement[bool], act: Callable[[DivorceCase], bool]) -> int:
    with transaction() as db:
        cases = db.scalars(_locking(sa.select(DivorceCase).where(DivorceCase.open, condition))).all()
        return sum(act(case) for case in cases)


def _locking(query: sa.Select[DivorceCase]) -> sa.Select[DivorceCase]:
    return (
        query.order_by(DivorceCase.id)
        .limit(_BATCH)
        .with_for_update(of=DivorceCase, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _plan(case: DivorceCase) -> None:
    plan_reminders(case, office_of(case), list(parties_of(case.id)))
