"""The read side of the pages about personal data. Every query is held to the persons the desk may see."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.console.paging import Cursor, Page
from backend.console.rooms import Nodes
from backend.kernel.clock import BEIJING, start_of_day, today
from backend.people.models import Person
from backend.people.rights.holds import StandingHold
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import number_of
from backend.people.rights.rules import (
    OPEN_STATES,
    RequestKind,
    RequestState,
    Via,
    Warmth,
    warmth,
    workdays_left,
)
from backend.staff import district_id
from backend.staff.models import StaffAccount
from backend.storage import transaction


class Tab(StrEnum):
    """Sections of the list."""

    OPEN = "open"
    MINE = "mine"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class RequestFilter:
    """What the list shows: a section, narrowed to a kind where given; `handlers` are whose work is mine."""

    tab: Tab = Tab.OPEN
    kind: RequestKind | None = None
    handlers: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True)
class RequestRow:
    """A request on the list; it names nobody, the last four of a card must do."""

    id: uuid.UUID
    number: str
    kind: RequestKind
    state: RequestState
    via: Via
    received_at: datetime
    due_on: date
    due_provisional: bool
    closed_at: datetime | None
    last4: str | None
    handler: str | None
    warmth: Warmth | None
    days_left: int


def in_scope(nodes: Nodes) -> sa.ColumnElement[bool]:
    """Requests of persons who live within the places; the whole district sees all, of closed accounts too."""
    return sa.true() if sees_everyone(nodes) else Person.community_id.in_(nodes)


def person_in_scope(nodes: Nodes, person_id: uuid.UUID) -> bool:
    """Whether requests of this person belong to the places."""
    mine = sa.select(Person.id).where(Person.id == person_id, in_scope(nodes))
    with transaction() as session:
        return session.scalar(mine) is not None


def sees_everyone(nodes: Nodes) -> bool:
    """Whether the places are the whole district."""
    return district_id() in nodes


def request_list(nodes: Nodes, wanted: RequestFilter, cursor: Cursor | None, limit: int) -> Page[RequestRow]:
    """A page: what is open by its due day, the rest latest first; one query."""
    open_first = wanted.tab in (Tab.OPEN, Tab.MINE)
    query = _rows_of(nodes).limit(limit + 1)
    if wanted.tab is Tab.CLOSED:
        query = query.where(RightsRequest.state.not_in(OPEN_STATES))
    elif open_first:
        query = query.where(RightsRequest.state.in_(OPEN_STATES))
    if wanted.tab is Tab.MINE:
        query = query.where(RightsRequest.handler_id.in_(wanted.handlers))
    if wanted.kind is not None:
        query = query.where(RightsRequest.kind == wanted.kind)
    order: tuple[Any, Any] = (RightsRequest.due_on if open_first else RightsRequest.received_at, RightsRequest.id)
    if cursor is not None:
        key, last = sa.tuple_(*order), sa.tuple_(cursor.at.date() if open_first else cursor.at, cursor.id)
        query = query.where(key > last if open_first else key < last)
    rows = _read(query.order_by(*order) if open_first else query.order_by(*(column.desc() for column in order)))
    shown = rows[:limit]
    return Page(shown, _cursor(shown[-1], open_first=open_first) if len(rows) > limit else None)


def pressing(nodes: Nodes, limit: int) -> Sequence[RequestRow]:
    """Open requests, the soonest due first."""
    query = _rows_of(nodes).where(RightsRequest.state.in_(OPEN_STATES))
    return _read(query.order_by(RightsRequest.due_on, RightsRequest.id).limit(limit))


def request_in_scope(nodes: Nodes, request_id: uuid.UUID) -> tuple[RightsRequest, RequestRow] | None:
    """One request with its line, or None."""
    rows = _read(_rows_of(nodes).where(RightsRequest.id == request_id))
    if not rows:
        return None
    with transaction() as session:
        return session.get_one(RightsRequest, request_id), rows[0]


def numbers_in_scope(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, str]:
    """The numbers of those of the requests that belong to the nodes."""
    query = sa.select(RightsRequest).join(Person, Person.id == RightsRequest.person_id)
    with transaction() as session:
        rows = session.scalars(query.where(RightsRequest.id.in_(ids), in_scope(nodes)))
        return {row.id: number_of(row) for row in rows}


def ids_in_scope(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all requests that belong to the nodes, to be asked within another query."""
    query = sa.select(RightsRequest.id).join(Person, Person.id == RightsRequest.person_id)
    return query.where(in_scope(nodes))


def due_moment(due: date) -> datetime:
    """The last minute of the due day."""
    return datetime.combine(due, time(23, 59), BEIJING)


def _rows_of(nodes: Nodes) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(RightsRequest, Person.last4, StaffAccount.display_name)
    query = query.join(Person, Person.id == RightsRequest.person_id)
    return query.outerjoin(StaffAccount, StaffAccount.id == RightsRequest.handler_id).where(in_scope(nodes))


def _read(query: sa.Select[*tuple[Any, ...]]) -> list[RequestRow]:
    with transaction() as session:
        return [_row(request, last4, handler) for request, last4, handler in session.execute(query)]


def _row(request: RightsRequest, last4: str | None, handler: str | None) -> RequestRow:
    calendar, day = legal_calendar(), today()
    received = request.received_at.date()
    waiting = request.state in OPEN_STATES
    return RequestRow(
        request.id,
        number_of(request),
        request.kind,
        request.state,
        request.via,
        request.received_at,
        request.due_on,
        request.due_provisional,
        request.closed_at,
        last4,
        handler,
        warmth(received, request.due_on, day, calendar) if waiting else None,
        workdays_left(request.due_on, day, calendar),
    )


def _cursor(last: RequestRow, *, open_first: bool) -> Cursor:
    return Cursor(start_of_day(last.due_on) if open_first else last.received_at, last.id)


@dataclass(frozen=True)
class HoldRow:
    """A hold that stands; the person by the last four of a card."""

    id: uuid.UUID
    last4: str | None
    reason: str
    placed_at: datetime


def holds_in_scope(nodes: Nodes, holds: Sequence[StandingHold]) -> list[HoldRow]:
    """Those of the holds that concern persons of the nodes."""
    wanted = [hold.person_id for hold in holds]
    with transaction() as session:
        mine = set(session.scalars(sa.select(Person.id).where(Person.id.in_(wanted), in_scope(nodes))))
    return [HoldRow(hold.id, hold.last4, hold.reason, hold.placed_at) for hold in holds if hold.person_id in mine]
