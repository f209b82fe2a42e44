"""The read side of the desk of applications. Every query is held to the nodes given: what is not there is not found."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.console.paging import Cursor, Page
from backend.kernel.clock import now, today
from backend.kernel.masking import mask_number
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import rescue_days
from backend.marriage.divorce.rules import CaseState, days_left, is_closing
from backend.marriage.models import Office
from backend.staff.audit import watch_index
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]

_COOLING = (CaseState.ACCEPTED, CaseState.COOLING)


class Tab(StrEnum):
    """Sections of the list."""

    CLOSING = "closing"
    WINDOW = "window"
    COOLING = "cooling"
    ENDED = "ended"
    ALL = "all"


@dataclass(frozen=True)
class CaseFilter:
    """What the list shows: a section, narrowed to an office or a state where given."""

    tab: Tab
    office_id: uuid.UUID | None = None
    state: CaseState | None = None


@dataclass(frozen=True)
class CasePerson:
    """One of the two as lists show them."""

    position: int
    name: str = field(repr=False)
    masked_number: str
    last4: str


@dataclass(frozen=True)
class CaseRow:
    """An application in the list. `left`: workdays of the window still to come; `closing`: it ends soon."""

    id: uuid.UUID
    number: str
    receipt_number: str
    office_id: uuid.UUID
    office_name: str
    state: CaseState
    d0: date
    cool_last: date
    win_first: date
    win_last: date
    provisional: bool
    certificate_booked: bool
    left: int
    closing: bool
    persons: Sequence[CasePerson]


def case_list(nodes: Nodes, wanted: CaseFilter, cursor: Cursor | None, limit: int) -> Page[CaseRow]:
    """A page of applications, the oldest first while they run, the newest first of what is over; two queries."""
    latest_first = wanted.tab in (Tab.ENDED, Tab.ALL)
    order = (DivorceCase.created_at, DivorceCase.id)
    query = _cases(nodes).where(*_conditions(nodes, wanted)).limit(limit + 1)
    if cursor is not None:
        key, last = sa.tuple_(*order), sa.tuple_(cursor.at, cursor.id)
        query = query.where(key < last if latest_first else key > last)
    query = query.order_by(*(column.desc() for column in order) if latest_first else order)
    with transaction() as db:
        found = db.execute(query).all()
    rows = _rows([(case, office) for case, office in found[:limit]])
    last_case = found[limit - 1][0] if len(found) > limit else None
    return Page(rows, Cursor(last_case.created_at, last_case.id) if last_case is not None else None)


def tab_counts(nodes: Nodes) -> Mapping[Tab, int]:
    """The figures of the sections that are worked on."""
    open_tabs = (Tab.CLOSING, Tab.WINDOW, Tab.COOLING)
    counts = [sa.func.count().filter(*_conditions(nodes, CaseFilter(tab))) for tab in open_tabs]
    query = sa.select(*counts).select_from(DivorceCase).join(Office).where(Office.node_id.in_(nodes), DivorceCase.open)
    with transaction() as db:
        return dict(zip(open_tabs, db.execute(query).one(), strict=True))


def case_row(nodes: Nodes, case_id: uuid.UUID) -> CaseRow | None:
    """One application of the nodes, or None."""
    return next(iter(cases_by_id(nodes, [case_id])), None)


def cases_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[CaseRow]:
    """Those of the given applications that belong to the nodes, newest first."""
    query = _cases(nodes).where(DivorceCase.id.in_(ids)).order_by(DivorceCase.created_at.desc(), DivorceCase.id)
    with transaction() as db:
        return _rows([(case, office) for case, office in db.execute(query)])


def closing_unbooked(nodes: Nodes, limit: int) -> Sequence[CaseRow]:
    """Applications whose window closes while both have no appointment for the certificate, the next to close first."""
    query = _cases(nodes).where(*_conditions(nodes, CaseFilter(Tab.CLOSING)), ~DivorceCase.certificate_booked)
    query = query.order_by(DivorceCase.win_last, DivorceCase.id).limit(limit)
    with transaction() as db:
        return _rows([(case, office) for case, office in db.execute(query)])


def closing_cases(nodes: Nodes, limit: int) -> Sequence[CaseRow]:
    """All applications whose window closes, the next to close first; two queries."""
    query = _cases(nodes).where(*_conditions(nodes, CaseFilter(Tab.CLOSING)))
    query = query.order_by(DivorceCase.win_last, DivorceCase.id).limit(limit)
    with transaction() as db:
        return _rows([(case, office) for case, office in db.execute(query)])


def uncertain(nodes: Nodes, limit: int) -> Sequence[CaseRow]:
    """Applications that something would happen to if their days were certain: a registrar has to look."""
    overdue = sa.or_(
        sa.and_(DivorceCase.cool_provisional, DivorceCase.win_first <= today()),
        sa.and_(DivorceCase.provisional, DivorceCase.win_last <= today()),
    )
    query = _cases(nodes).where(DivorceCase.open, overdue).order_by(DivorceCase.win_last, DivorceCase.id).limit(limit)
    with transaction() as db:
        return _rows([(case, office) for case, office in db.execute(query)])


def offices_of(nodes: Nodes) -> Sequence[Office]:
    """The registries of the nodes."""
    with transaction() as db:
        return db.scalars(sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position)).all()


def cases_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all applications of the nodes, to be asked within another query."""
    return sa.select(DivorceCase.id).join(Office).where(Office.node_id.in_(nodes))


def case_with_number(number: str, nodes: Nodes) -> uuid.UUID | None:
    """The application of the nodes with that number, or None."""
    with transaction() as db:
        return db.scalars(cases_of(nodes).where(DivorceCase.number == number)).one_or_none()


def _cases(nodes: Nodes) -> sa.Select[DivorceCase, Office]:
    return (
        sa.select(DivorceCase, Office).join(Office, Office.id == DivorceCase.office_id).where(Office.node_id.in_(nodes))
    )


def _conditions(nodes: Nodes, wanted: CaseFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.tab is Tab.COOLING:
        conditions.append(DivorceCase.state.in_(_COOLING))
    elif wanted.tab in (Tab.WINDOW, Tab.CLOSING):
        conditions.append(DivorceCase.state == CaseState.WINDOW)
    elif wanted.tab is Tab.ENDED:
        conditions.append(~DivorceCase.open)
    if wanted.tab is Tab.CLOSING:
        conditions.append(_closing(nodes))
    if wanted.office_id is not None:
        conditions.append(DivorceCase.office_id == wanted.office_id)
    if wanted.state is not None:
        conditions.append(DivorceCase.state == wanted.state)
    return conditions


def _closing(nodes: Nodes) -> sa.ColumnElement[bool]:
    """The same as `rules.is_closing`, as a condition: each office has its own number of workdays."""
    ends = [
        sa.and_(DivorceCase.office_id == office.id, DivorceCase.win_last <= _closing_until(office.code))
        for office in offices_of(nodes)
    ]
    return sa.or_(sa.false(), *ends)


def _closing_until(office_code: str) -> date:
    """The last day on which a window may end that counts as closing today."""
    calendar, left, day = legal_calendar(), rescue_days(office_code, now()), today()
    left -= calendar.is_workday(day)
    while left >= 0:
        day += timedelta(days=1)
        left -= calendar.is_workday(day)
    return day - timedelta(days=1)


def _rows(found: Sequence[tuple[DivorceCase, Office]]) -> list[CaseRow]:
    persons: dict[uuid.UUID, list[CasePerson]] = {}
    query = sa.select(DivorceParty).where(DivorceParty.case_id.in_([case.id for case, _ in found]))
    with transaction() as db:
        for party in db.scalars(query.order_by(DivorceParty.case_id, DivorceParty.position)):
            line = CasePerson(party.position, party.name or "", mask_number(party.id_number or ""), party.last4)
            persons.setdefault(party.case_id, []).append(line)
    return [_row(case, office, persons.get(case.id, [])) for case, office in found]


def _row(case: DivorceCase, office: Office, persons: Sequence[CasePerson]) -> CaseRow:
    calendar, days = legal_calendar(), rescue_days(office.code, now())
    in_window = case.state is CaseState.WINDOW
    return CaseRow(
        case.id,
        case.number,
        case.receipt_number,
        office.id,
        office.name,
        case.state,
        case.d0,
        case.cool_last,
        case.win_first,
        case.win_last,
        case.provisional,
        case.certificate_booked,
        days_left(case.clock, today(), calendar) if in_window else 0,
        in_window and is_closing(case.clock, today(), days, calendar),
        persons,
    )


def watch_indexes(case_id: uuid.UUID) -> list[bytes]:
    """By what the trail knows whose application it is."""
    with transaction() as db:
        parties = db.scalars(sa.select(DivorceParty).where(DivorceParty.case_id == case_id))
        return [watch_index(party.id_number or "") for party in parties]
