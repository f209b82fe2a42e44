"""What can be read of rushes: by everybody, with numbers and times alone; by a couple, their own request."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.models import Appointment
from backend.marriage.offices import OfficeView, office
from backend.marriage.rush.models import Rush, RushRequest
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
    ahead: int | None
    number: str | None


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
            phase = phase_at(rush.opens_at, rush.closes_at, rush.settled_at, now())
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
    """The newest request of a person in a rush; raises `AppError` not_found."""
    query = sa.select(RushRequest).where(RushRequest.rush_id == rush_id, RushRequest.person_id == person_id)
    with transaction() as db:
        request = db.scalars(query.order_by(RushRequest.number.desc()).limit(1)).one_or_none()
        if request is None:
            raise AppError("not_found", RUSH_UNKNOWN, 404)
        return OwnRequest(request, _ahead(request), _number(request))


def _ahead(request: RushRequest) -> int | None:
    """Numbers below that are not served yet: they are served in order. In a draw nobody is before anybody."""
    if request.state is not RequestState.ASKED:
        return None
    first = sa.select(sa.func.min(RushRequest.number)).where(
        RushRequest.rush_id == request.rush_id, RushRequest.rank.is_(None), RushRequest.state == RequestState.ASKED
    )
    with transaction() as db:
        if db.get_one(Rush, request.rush_id).mode is RushMode.DRAW:
            return None
        return request.number - (db.scalar(first) or request.number)


def _number(request: RushRequest) -> str | None:
    if request.appointment_id is None:
        return None
    with transaction() as db:
        return db.scalar(sa.select(Appointment.number).where(Appointment.id == request.appointment_id))
