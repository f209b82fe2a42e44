"""Demonstration data: venues, an officiant, ceremonies of couples to come, an event. Invented; nobody is told."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import BEIJING, now, today
from backend.kernel.ids import new_id
from backend.marriage.ceremonies.announce import EventFacts, announce_event
from backend.marriage.ceremonies.couples import STANDING
from backend.marriage.ceremonies.history import move
from backend.marriage.ceremonies.models import Ceremony
from backend.marriage.ceremonies.numbers import ceremony_number
from backend.marriage.ceremonies.queries import fitting_sessions
from backend.marriage.ceremonies.rules import CeremonyState, EventKind, EventMode
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot, Via
from backend.marriage.resources.claim import claim
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import Hours, ResourceKind
from backend.storage import session, transaction

_WEEK = {day: [Hours(time(9, 0), time(12, 0)), Hours(time(13, 30), time(17, 0))] for day in range(1, 7)}
_MOST = 4


def load_demo() -> None:
    """What there is; nothing where venues are already."""
    with transaction() as db:
        if db.scalar(sa.select(sa.exists().where(Resource.kind == ResourceKind.VENUE))):
            return
        for office in db.scalars(sa.select(Office).order_by(Office.position)).all():
            hall = keep_resource(office.id, ResourceKind.VENUE, ResourceFacts("颁证大厅", 30, week=_WEEK))
            garden = ResourceFacts("屋顶花园", 30, outdoor=True, fallback_id=hall.id, guests_most=20, week=_WEEK)
            outdoors = keep_resource(office.id, ResourceKind.VENUE, garden)
            keep_resource(office.id, ResourceKind.OFFICIANT, ResourceFacts("陈秀兰", 30, week=_WEEK))
            _load_ceremonies(office, (outdoors, hall))
            _load_event(office)


def _load_ceremonies(office: Office, venues: tuple[Resource, Resource]) -> None:
    query = (
        sa.select(Appointment)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Appointment.kind == Kind.MARRIAGE_REGISTRATION,
            Appointment.state.in_(STANDING[:2]),
            Slot.office_id == office.id,
            Slot.day > today(),
        )
        .options(joinedload(Appointment.slot).joinedload(Slot.office))
        .order_by(Slot.starts_at, Appointment.id)
        .limit(_MOST)
    )
    for index, appointment in enumerate(session().scalars(query).all()):
        venue = venues[index % 2]
        found = next(iter(fitting_sessions(appointment, venue, 1)), None)
        if found is None:
            continue
        ceremony = Ceremony(
            id=new_id(),
            number=ceremony_number(),
            office_id=office.id,
            appointment_id=appointment.id,
            venue_id=venue.id,
            venue_booking_id=claim(venue.id, found.starts_at, found.until),
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            guests=2 + index * 2,
            needs_place=False,
            state=CeremonyState.BOOKED,
            via=Via.CHAT,
            created_at=now(),
            changed_at=now(),
        )
        session().add(ceremony)
        session().flush()
        move(ceremony, "booked", CeremonyState.BOOKED, SYSTEM)


def _load_event(office: Office) -> None:
    begins = datetime.combine(today() + timedelta(days=45), time(10, 0), BEIJING)
    facts = EventFacts(
        EventKind.GROUP_CEREMONY,
        "集体颁证日",
        "屋顶花园",
        begins,
        now(),
        begins - timedelta(days=10),
        20,
        EventMode.DRAW,
    )
    announce_event(office.id, facts)
