"""What a person may see of their own applications: state and days, nothing of what the other one did."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.paging import Cursor
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import lapses_at
from backend.marriage.divorce.rules import OPEN_STATES, CaseState, state_at
from backend.marriage.models import Office
from backend.people.models import Person
from backend.storage import transaction


@dataclass(frozen=True)
class OwnCase:
    """An application as one of the two sees it; `at_risk` is about this person alone."""

    id: uuid.UUID
    number: str
    receipt_number: str
    state: CaseState
    d0: date
    cool_last: date
    win_first: date
    win_last: date
    provisional: bool
    certificate_booked: bool
    at_risk: bool
    office_id: uuid.UUID
    office_name: str
    office_phone: str
    created_at: datetime


def own_cases(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[OwnCase]:
    """A page of a person's applications, newest first. They are known by the number they have proven, none else."""
    number = sa.select(Person.id_number_index).where(Person.id == person_id, Person.level >= 2).scalar_subquery()
    query = (
        sa.select(DivorceCase, Office, DivorceParty.at_risk)
        .join(Office, Office.id == DivorceCase.office_id)
        .join(DivorceParty, DivorceParty.case_id == DivorceCase.id)
        .where(DivorceParty.id_number_index == number)
        .order_by(DivorceCase.created_at.desc(), DivorceCase.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(DivorceCase.created_at, DivorceCase.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return [_own(case, office, at_risk) for case, office, at_risk in db.execute(query)]


def _own(case: DivorceCase, office: Office, at_risk: bool) -> OwnCase:
    state = case.state
    if state in OPEN_STATES:  # as it stands at this moment, whether or not the tick was here
        state = state_at(case.clock, now(), lapses_at(office.code, case.clock))
    return OwnCase(
        case.id,
        case.number,
        case.receipt_number,
        state,
        case.d0,
        case.cool_last,
        case.win_first,
        case.win_last,
        case.provisional,
        case.certificate_booked,
        at_risk,
        office.id,
        office.name,
        office.phone,
        case.created_at,
    )
