"""What can be read of rushes: by everybody, with numbers and times alone; by a couple, their own request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.models import Appointment
from backend.marriage.offices import OfficeView, office
from backend.marriage.partners.who import proven_number
from backend.marriage.rush.models import Rush, RushPerson, RushRequest
from backend.marriage.rush.rules import Phase, RequestState, RushMode, phase_at
from backend.marriage.rush.texts import RUSH_UNKNOWN
from backend.storage import transaction

_SHOWN = 50


@dataclass(frozen=True)
class RushView:
    """A rush as everybody may see it; `placed` and `waiting`: how many requests have a place, or no answer yet."""

    rush: Rush
    place: OfficeView
    phase: Phase
    placed: int
    waiting: int


@dataclass(frozen=True)
class OwnRequest:
    """A couple's request: how many are served before it (in a queue), and the appointment's number once it has one."""

    request: RushRequest
    rush: Rush
    place: OfficeView
    ahead: int | None
    number: str | None

    @property
    def phase(self) -> Phase:
        """Where its rush stands."""
        return phase_of(self.rush)


def phase_of(rush: Rush) -> Phase:
    """Where a rush stands now."""
    if rush.called_off_at is not None:
        return Phase.CALLED_OFF
    return phase_at(rush.opens_at, rush.closes_at, rush.settled_at, now())


def rushes() -> Sequence[RushView]:
    """Rushes of days that are not over, soonest first."""
    with transaction() as db:
        found = db.scalars(sa.select(Rush).where(Rush.day >= today()).order_by(Rush.opens_at).limit(_SHOWN)).all()
        return _viewed(found)


def rush_view(rush_id: uuid.UUID) -> RushView:
    """One rush; raises `AppError` not_found."""
    with transaction() as db:
        found = _viewed(db.scalars(sa.select(Rush).where(Rush.id == rush_id)).all())
    if not found:
        raise AppError("not_found", RUSH_UNKNOWN, 404)
    return found[0]


def _viewed(found: Sequence[Rush]) -> list[RushView]:
    counted = sa.select(RushRequest.rush_id, RushRequest.state, sa.func.count())
    counted = counted.where(RushRequest.rush_id.in_([rush.id for rush in found]))
    with transaction() as db:
        counts = {
            (rush_id, state): count
            for rush_id, state, count in db.execute(counted.group_by(RushRequest.rush_id, RushRequest.state))
        }
    views = []
    for rush in found:
        place = office(rush.office_id)
        if place is not None:
            phase = phase_of(rush)
            placed, asked = (counts.get((rush.id, state), 0) for state in (RequestState.PLACED, RequestState.ASKED))
            views.append(RushView(rush, place, phase, placed, asked))
    return views


def proof_page(rush_id: uuid.UUID, after: int, limit: int, *, placed: bool = False) -> Sequence[RushRequest]:
    """Requests by their numbers from the one after `after` on; `placed`: only those with a place."""
    query = sa.select(RushRequest).where(RushRequest.rush_id == rush_id, RushRequest.number > after)
    if placed:
        query = query.where(RushRequest.state == RequestState.PLACED)
    with transaction() as db:
        return db.scalars(query.order_by(RushRequest.number).limit(limit)).all()


def own_request(rush_id: uuid.UUID, person_id: uuid.UUID) -> OwnRequest:
    """The newest request of a couple in a rush, for either of the two; raises `AppError` not_found."""
    found = own_requests(person_id, rush_id=rush_id, limit=1)
    if not found:
        raise AppError("not_found", RUSH_UNKNOWN, 404)
    return found[0]


def own_requests(
    person_id: uuid.UUID, *, rush_id: uuid.UUID | None = None, limit: int = 10, ahead_only: bool = False
) -> Sequence[OwnRequest]:
    """A couple's requests, for either of the two, newest first; `ahead_only`: those that wait for an answer."""
    query = requests_of(person_id).join(Rush, Rush.id == RushRequest.rush_id).add_columns(Rush)
    if rush_id is not None:
        query = query.where(RushRequest.rush_id == rush_id)
    if ahead_only:
        query = query.where(RushRequest.state == RequestState.ASKED)
    with transaction() as db:
        rows = db.execute(query.order_by(RushRequest.asked_at.desc(), RushRequest.number.desc()).limit(limit)).all()
        first = _first_asked([rush.id for _, rush in rows])
        numbers = _numbers([request.appointment_id for request, _ in rows])
    found = []
    for request, rush in rows:
        place = office(rush.office_id)
        if place is not None:
            number = numbers.get(request.appointment_id) if request.appointment_id else None
            found.append(OwnRequest(request, rush, place, _ahead(request, rush, first), number))
    return found


def requests_of(person_id: uuid.UUID) -> sa.Select[RushRequest]:
    """Requests that somebody made, or made for both by the other one: then by the number that was proven."""
    asked = sa.select(RushRequest.id).where(RushRequest.person_id == person_id)
    theirs = sa.select(RushPerson.request_id).where(RushPerson.id_number_index == proven_number(person_id))
    return sa.select(RushRequest).where(RushRequest.id.in_(asked.union(theirs)))  # an OR would read all of them


def _first_asked(rush_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The lowest number of each rush that is not served yet."""
    lowest = sa.select(sa.func.min(RushRequest.number)).where(
        RushRequest.rush_id == Rush.id, RushRequest.rank.is_(None), RushRequest.state == RequestState.ASKED
    )
    query = sa.select(Rush.id, lowest.scalar_subquery().label("first")).where(Rush.id.in_(rush_ids))
    with transaction() as db:
        return {row.id: row.first for row in db.execute(query) if row.first is not None}


def _numbers(ids: Sequence[uuid.UUID | None]) -> Mapping[uuid.UUID, str | None]:
    query = sa.select(Appointment.id, Appointment.number).where(Appointment.id.in_([one for one in ids if one]))
    with transaction() as db:
        return {row.id: row.number for row in db.execute(query)}


def _ahead(request: RushRequest, rush: Rush, first: Mapping[uuid.UUID, int]) -> int | None:
    """Numbers below that are not served yet: they are served in order. In a draw nobody is before anybody."""
    if request.state is not RequestState.ASKED or rush.mode is RushMode.DRAW:
        return None
    return request.number - first.get(rush.id, request.number)
