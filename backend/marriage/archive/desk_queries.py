"""The read side of the archive's desk. Every query is held to the nodes given: what is not there is not found."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from backend.kernel.clock import today
from backend.kernel.paging import Cursor, Page, page_of
from backend.marriage.archive.models import ArchiveRequest, ArchiveSubject
from backend.marriage.archive.rules import BY_APPROVAL, CLOCK_STATES, ArchiveState, Sought
from backend.marriage.models import Office
from backend.staff.audit import watch_index
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]

_SOON = timedelta(days=3)


class Tab(StrEnum):
    """Sections of the list."""

    SEARCH = "search"
    ANSWERS = "answers"
    FETCH = "fetch"
    READY = "ready"
    OVER = "over"
    ALL = "all"


class Due(StrEnum):
    """How near the promised day is."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"


_OF_TAB: Mapping[Tab, tuple[ArchiveState, ...]] = {
    Tab.SEARCH: CLOCK_STATES,
    Tab.ANSWERS: (ArchiveState.NEED_MORE,),
    Tab.FETCH: (ArchiveState.LOCATED,),
    Tab.READY: (ArchiveState.READY,),
}


@dataclass(frozen=True)
class RequestFilter:
    """What the list shows: a section, narrowed where given; `year` is one of those of the registration."""

    tab: Tab
    office_id: uuid.UUID | None = None
    state: ArchiveState | None = None
    sought: Sought | None = None
    year: int | None = None
    due: Due | None = None


@dataclass(frozen=True)
class RequestRow:
    """A request in the list; `names` are those on the record."""

    request: ArchiveRequest
    applicant_name: str = field(repr=False)
    names: Sequence[str] = field(repr=False)

    @property
    def overdue(self) -> bool:
        """Whether the promised day is over and nothing was said."""
        return self.request.clock_runs and self.request.due_on < today()


def request_list(nodes: Nodes, wanted: RequestFilter, cursor: Cursor | None, limit: int) -> Page[RequestRow]:
    """A page of requests, the oldest first while they are worked on, the newest first of all others; two queries."""
    newest_first = wanted.tab in (Tab.OVER, Tab.ALL)
    order = (ArchiveRequest.created_at, ArchiveRequest.id)
    query = requests_of(nodes).where(*conditions(wanted)).limit(limit + 1)
    if cursor is not None:
        key, last = sa.tuple_(*order), sa.tuple_(cursor.at, cursor.id)
        query = query.where(key < last if newest_first else key > last)
    query = query.order_by(*(column.desc() for column in order) if newest_first else order)
    with transaction() as db:
        page = page_of(db.scalars(query).all(), limit, lambda row: (row.created_at, row.id))
        return Page([row_of(one) for one in page.rows], page.next)


def tab_counts(nodes: Nodes) -> Mapping[Tab, int]:
    """How many there are in the sections that are worked on; one query."""
    query = sa.select(ArchiveRequest.state, sa.func.count()).join(Office, Office.id == ArchiveRequest.office_id)
    query = query.where(Office.node_id.in_(nodes), ArchiveRequest.open).group_by(ArchiveRequest.state)
    with transaction() as db:
        counts = {row[0]: row[1] for row in db.execute(query)}
    return {tab: sum(counts.get(state, 0) for state in states) for tab, states in _OF_TAB.items()}


def request_row(nodes: Nodes, request_id: uuid.UUID) -> RequestRow | None:
    """One request of the nodes, or None."""
    return next(iter(requests_by_id(nodes, [request_id])), None)


def requests_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[RequestRow]:
    """Those of the given requests that belong to the nodes, newest first."""
    query = requests_of(nodes).where(ArchiveRequest.id.in_(ids)).order_by(ArchiveRequest.created_at.desc())
    with transaction() as db:
        return [row_of(one) for one in db.scalars(query)]


def ids_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all requests of the nodes, to be asked within another query."""
    return (
        sa.select(ArchiveRequest.id)
        .join(Office, Office.id == ArchiveRequest.office_id)
        .where(Office.node_id.in_(nodes))
    )


def request_with_number(number: str, nodes: Nodes) -> uuid.UUID | None:
    """The request of the nodes with that number, or None."""
    with transaction() as db:
        return db.scalars(ids_of(nodes).where(ArchiveRequest.number == number)).one_or_none()


def to_answer(nodes: Nodes, limit: int) -> Sequence[ArchiveRequest]:
    """Requests whose promised day is near or over, the nearest first; what waits for an approval is the head's."""
    unapproved = sa.and_(ArchiveRequest.applicant_kind.in_(BY_APPROVAL), ArchiveRequest.approved_at.is_(None))
    query = requests_of(nodes).where(
        ArchiveRequest.state.in_(CLOCK_STATES), ArchiveRequest.due_on <= today() + _SOON, ~unapproved
    )
    with transaction() as db:
        return db.scalars(query.order_by(ArchiveRequest.due_on, ArchiveRequest.id).limit(limit)).all()


def to_fetch(nodes: Nodes, limit: int) -> Sequence[ArchiveRequest]:
    """Requests whose volume is found and not at the window yet, the longest waiting first."""
    query = requests_of(nodes).where(ArchiveRequest.state == ArchiveState.LOCATED)
    with transaction() as db:
        return db.scalars(query.order_by(ArchiveRequest.located_at, ArchiveRequest.id).limit(limit)).all()


def to_approve(nodes: Nodes, limit: int) -> Sequence[ArchiveRequest]:
    """Requests that wait for an approval, the oldest first."""
    query = requests_of(nodes).where(
        ArchiveRequest.state == ArchiveState.ASKED,
        ArchiveRequest.applicant_kind.in_(BY_APPROVAL),
        ArchiveRequest.approved_at.is_(None),
    )
    with transaction() as db:
        return db.scalars(query.order_by(ArchiveRequest.created_at, ArchiveRequest.id).limit(limit)).all()


def same_record(nodes: Nodes, request: ArchiveRequest, limit: int) -> Sequence[RequestRow]:
    """Other requests about what may be the same registration: whoever looks need not look twice."""
    names = [one.name_index for one in request.subjects]
    numbers = [one.id_number_index for one in request.subjects if one.id_number_index]
    about = sa.select(ArchiveSubject.request_id).where(
        sa.or_(
            ArchiveSubject.name_index.in_(names),
            ArchiveSubject.former_name_index.in_(names),
            ArchiveSubject.id_number_index.in_(numbers),
        )
    )
    same = sa.and_(
        ArchiveRequest.id.in_(about),
        ArchiveRequest.first_year <= request.last_year,
        ArchiveRequest.last_year >= request.first_year,
    )
    if request.certificate_index is not None:
        same = sa.or_(same, ArchiveRequest.certificate_index == request.certificate_index)
    query = requests_of(nodes).where(
        ArchiveRequest.id != request.id, ArchiveRequest.registration == request.registration, same
    )
    with transaction() as db:
        found = db.scalars(query.order_by(ArchiveRequest.created_at.desc()).limit(limit)).all()
        return [row_of(one) for one in found]


def offices_of(nodes: Nodes) -> Sequence[Office]:
    """The registries of the nodes."""
    with transaction() as db:
        return db.scalars(sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position)).all()


def all_offices() -> Sequence[Office]:
    """Every registry, to hand a request over to."""
    with transaction() as db:
        return db.scalars(sa.select(Office).order_by(Office.position)).all()


def watch_indexes(request: ArchiveRequest) -> list[bytes]:
    """By what the trail knows whose record it is: whoever asks, and whoever is on it with a number."""
    numbers = [request.applicant_number, *(one.id_number for one in request.subjects)]
    return [watch_index(number) for number in numbers if number]


def requests_of(nodes: Nodes) -> sa.Select[ArchiveRequest]:
    """All requests of the nodes with their registry and the persons on the record."""
    return (
        sa.select(ArchiveRequest)
        .join(Office, Office.id == ArchiveRequest.office_id)
        .where(Office.node_id.in_(nodes))
        .options(joinedload(ArchiveRequest.office), selectinload(ArchiveRequest.subjects))
        .execution_options(populate_existing=True)
    )


def conditions(wanted: RequestFilter) -> list[sa.ColumnElement[bool]]:
    """What a filter asks of a request."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.tab in _OF_TAB:
        found.append(ArchiveRequest.state.in_(_OF_TAB[wanted.tab]))
    elif wanted.tab is Tab.OVER:
        found.append(~ArchiveRequest.open)
    for column, value in (
        (ArchiveRequest.office_id, wanted.office_id),
        (ArchiveRequest.state, wanted.state),
        (ArchiveRequest.sought, wanted.sought),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.year is not None:
        found.append(sa.and_(ArchiveRequest.first_year <= wanted.year, ArchiveRequest.last_year >= wanted.year))
    if wanted.due is not None:
        found.append(sa.and_(ArchiveRequest.state.in_(CLOCK_STATES), _due(wanted.due)))
    return found


def _due(due: Due) -> sa.ColumnElement[bool]:
    if due is Due.OVERDUE:
        return ArchiveRequest.due_on < today()
    return ArchiveRequest.due_on.between(today(), today() + (_SOON if due is Due.SOON else timedelta()))


def row_of(request: ArchiveRequest) -> RequestRow:
    """A request with its names opened."""
    return RequestRow(request, request.applicant_name or "", [one.name or "" for one in request.subjects])
