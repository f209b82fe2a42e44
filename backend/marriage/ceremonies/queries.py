"""What residents see: venues and free sessions, their own ceremonies, events and their own entries."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.paging import Cursor
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import is_theirs, registration_of
from backend.marriage.ceremonies.history import not_found
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony, GroupEntry, GroupEvent, WeatherSwitch
from backend.marriage.ceremonies.parameters import within_days
from backend.marriage.ceremonies.rules import EventState, misfit
from backend.marriage.models import Appointment
from backend.marriage.resources.free import free_between
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind, Session
from backend.storage import transaction

MOST_DAYS = 62


def venue(venue_id: uuid.UUID) -> Resource:
    """A venue that is offered; raises `AppError` not_found."""
    with transaction() as db:
        found = db.get(Resource, venue_id)
    if found is None or not found.active or found.kind is not ResourceKind.VENUE:
        raise AppError("not_found", texts.VENUE_UNKNOWN, 404)
    return found


def free_sessions(place: Resource, first: date, last: date) -> Sequence[Session]:
    """Sessions of a venue that can be booked now, without the days on which the weather closes it."""
    query = sa.select(WeatherSwitch.day).where(
        WeatherSwitch.venue_id == place.id, WeatherSwitch.day.between(first, last)
    )
    with transaction() as db:
        closed = frozenset(db.scalars(query))
        return [one for one in free_between([place], first, last)[place.id] if one.starts_at.date() not in closed]


def fitting_sessions(appointment: Appointment, place: Resource, limit: int) -> Sequence[Session]:
    """The first free sessions of a venue that fit a couple's registration."""
    registration, days = registration_of(appointment, appointment.slot), within_days(appointment.slot.office.code)
    first = max(today(), registration.ends_at.date())
    last = first + timedelta(days=min(days, MOST_DAYS) if registration.registered else 0)
    free = free_sessions(place, first, last)
    return [one for one in free if misfit(registration, one.starts_at, days) is None][:limit]


def own_ceremonies(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[Ceremony]:
    """A page of a person's ceremonies, newest first, with venue, officiant and office."""
    query = _own(person_id).order_by(Ceremony.created_at.desc(), Ceremony.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(Ceremony.created_at, Ceremony.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return db.scalars(query).all()


def own_ceremony(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> Ceremony:
    """One of them; raises `AppError` not_found, also for another couple's."""
    with transaction() as db:
        found = db.scalars(_own(person_id).where(Ceremony.id == ceremony_id)).one_or_none()
    if found is None:
        raise not_found()
    return found


def clouds_of(ceremony_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, CloudCeremony]:
    """The private link of each ceremony that has one."""
    query = sa.select(CloudCeremony).where(CloudCeremony.ceremony_id.in_(ceremony_ids))
    with transaction() as db:
        return {cloud.ceremony_id: cloud for cloud in db.scalars(query)}


def coming_events(after: Cursor | None, limit: int) -> Sequence[GroupEvent]:
    """A page of events that lie ahead, the nearest first."""
    query = (
        sa.select(GroupEvent)
        .where(GroupEvent.starts_at > now(), GroupEvent.state != EventState.CANCELLED)
        .options(joinedload(GroupEvent.office))
        .order_by(GroupEvent.starts_at, GroupEvent.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(GroupEvent.starts_at, GroupEvent.id) > sa.tuple_(after.at, after.id))
    with transaction() as db:
        return db.scalars(query).all()


def event(event_id: uuid.UUID) -> GroupEvent:
    """One event; raises `AppError` not_found."""
    with transaction() as db:
        found = db.get(GroupEvent, event_id, options=[joinedload(GroupEvent.office)], populate_existing=True)
    if found is None:
        raise AppError("not_found", texts.EVENT_UNKNOWN, 404)
    return found


def own_entries(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[GroupEntry]:
    """A page of a couple's entries, newest first, with their events."""
    query = (
        sa.select(GroupEntry)
        .join(Appointment, Appointment.id == GroupEntry.appointment_id)
        .where(is_theirs(person_id))
        .options(joinedload(GroupEntry.event).joinedload(GroupEvent.office))
        .order_by(GroupEntry.created_at.desc(), GroupEntry.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(GroupEntry.created_at, GroupEntry.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return db.scalars(query).all()


def _own(person_id: uuid.UUID) -> sa.Select[Ceremony]:
    return (
        sa.select(Ceremony)
        .join(Appointment, Appointment.id == Ceremony.appointment_id)
        .where(is_theirs(person_id), Appointment.blocked_at.is_(None))
        .options(joinedload(Ceremony.venue), joinedload(Ceremony.officiant), joinedload(Ceremony.office))
        .execution_options(populate_existing=True)
    )
