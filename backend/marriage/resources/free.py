"""What is free: sessions of resources by their rosters, less the cells that are taken. Three queries for any number."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, start_of_day
from backend.marriage.resources.models import Resource, ResourceCell, ResourceDay, ResourceHours
from backend.marriage.resources.rules import Hours, ResourceKind, Session, cells_of, hours_on, sessions_of
from backend.storage import session, transaction

_ONE_DAY = timedelta(days=1)


def resources_of(office_id: uuid.UUID, kind: ResourceKind) -> Sequence[Resource]:
    """What an office offers of a kind, by name."""
    query = sa.select(Resource).where(Resource.office_id == office_id, Resource.kind == kind, Resource.active)
    with transaction() as db:
        return db.scalars(query.order_by(Resource.name).limit(100)).all()


def sessions_between(resources: Collection[Resource], first: date, last: date) -> Mapping[uuid.UUID, Sequence[Session]]:
    """All sessions of each resource from one day to another, both included, taken or not, in order."""
    hours = hours_between(resources, first, last)
    return {
        one.id: [
            found
            for day, spans in hours[one.id].items()
            for found in sessions_of(day, spans, one.session_minutes, one.pause_minutes)
        ]
        for one in resources
    }


def hours_between(
    resources: Collection[Resource], first: date, last: date
) -> Mapping[uuid.UUID, Mapping[date, Sequence[Hours]]]:
    """The hours of each resource on each day from one to another, both included."""
    ids = [resource.id for resource in resources]
    with transaction():
        week, days = _weeks(ids), _days(ids, first, last)
    span = [first + _ONE_DAY * index for index in range((last - first).days + 1)]
    return {one: {day: hours_on(day, week[one], days[one]) for day in span} for one in ids}


def free_between(resources: Collection[Resource], first: date, last: date) -> Mapping[uuid.UUID, Sequence[Session]]:
    """Those that lie ahead and are not taken."""
    laid_out, taken = sessions_between(resources, first, last), taken_cells(resources, first, last)
    moment = now()
    return {
        resource_id: [
            one
            for one in found
            if one.starts_at > moment and taken[resource_id].isdisjoint(cells_of(one.starts_at, one.until))
        ]
        for resource_id, found in laid_out.items()
    }


def session_at(resource: Resource, starts_at: datetime) -> Session | None:
    """The session that begins at a moment by the roster, or None."""
    day = starts_at.date()
    laid_out = sessions_between([resource], day, day)[resource.id]
    return next((one for one in laid_out if one.starts_at == starts_at), None)


def is_there(resource: Resource, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the roster has the resource there for the whole stretch of one day."""
    day = starts_at.date()
    hours = hours_between([resource], day, day)[resource.id][day]
    return any(one.opens <= starts_at.time() and ends_at.time() <= one.closes for one in hours)


def _weeks(ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[int, Sequence[Hours]]]:
    found: dict[uuid.UUID, dict[int, list[Hours]]] = defaultdict(lambda: defaultdict(list))
    for row in session().scalars(sa.select(ResourceHours).where(ResourceHours.resource_id.in_(ids))):
        found[row.resource_id][row.weekday].append(Hours(row.opens, row.closes))
    return found


def _days(ids: Sequence[uuid.UUID], first: date, last: date) -> Mapping[uuid.UUID, Mapping[date, Sequence[Hours]]]:
    found: dict[uuid.UUID, dict[date, Sequence[Hours]]] = defaultdict(dict)
    query = sa.select(ResourceDay).where(ResourceDay.resource_id.in_(ids), ResourceDay.day.between(first, last))
    for row in session().scalars(query):
        hours = [Hours(row.opens, row.closes)] if row.opens is not None and row.closes is not None else []
        found[row.resource_id][row.day] = hours
    return found


def taken_cells(resources: Collection[Resource], first: date, last: date) -> Mapping[uuid.UUID, set[datetime]]:
    """The cells of each resource that are taken between two days, both included."""
    found: dict[uuid.UUID, set[datetime]] = defaultdict(set)
    query = sa.select(ResourceCell.resource_id, ResourceCell.starts_at).where(
        ResourceCell.resource_id.in_([one.id for one in resources]),
        ResourceCell.starts_at >= start_of_day(first),
        ResourceCell.starts_at < start_of_day(last + _ONE_DAY),
    )
    with transaction() as db:
        for row in db.execute(query):
            found[row.resource_id].add(row.starts_at)
    return found
