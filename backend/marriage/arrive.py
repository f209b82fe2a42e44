"""Use case `arrive`: somebody scans the code at a registry's door, and their couple is checked in (stories.md 7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.actors import Actor
from backend.kernel.clock import today
from backend.marriage.check_in import check_in_couple
from backend.marriage.models import Appointment, Party, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.rules import ACTIVE_STATES, State
from backend.people.models import Person
from backend.storage import atomic, session


class Arrival(Enum):
    """What a scan at the door found."""

    CHECKED_IN = "checked_in"
    BEFORE = "before"  # checked in already
    ELSEWHERE = "elsewhere"  # today, at another registry
    OTHER_DAY = "other_day"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Arrived:
    """The outcome, and the appointment it is about; `own`: the person booked it themselves."""

    arrival: Arrival
    number: str = ""
    starts_at: datetime | None = None
    place: OfficeView | None = None
    own: bool = False


def arrive(person_id: uuid.UUID, office_code: str) -> Arrived:
    """Check in today's appointment of the person at a registry: the one they booked, or are a party of.

    Raises `AppError` too_early before check-in opens.
    """
    with atomic():
        found = _active(person_id)
        today_there = [one for one in found if one.slot.day == today()]
        here = [one for one in today_there if one.slot.office.code == office_code]
        waiting = [one for one in here if one.state in (State.BOOKED, State.CONFIRMED)]
        if waiting:
            arrived = _arrived(Arrival.CHECKED_IN, waiting[0], person_id)
            check_in_couple(waiting[0].id, Actor("resident", person_id))
            return arrived
        if here:
            return _arrived(Arrival.BEFORE, here[0], person_id)
        if today_there:
            return _arrived(Arrival.ELSEWHERE, today_there[0], person_id)
        return _arrived(Arrival.OTHER_DAY, found[0], person_id) if found else Arrived(Arrival.UNKNOWN)


def _arrived(arrival: Arrival, found: Appointment, person_id: uuid.UUID) -> Arrived:
    office = found.slot.office
    place = OfficeView(office.id, office.code, office.name, office.address, office.phone)
    return Arrived(arrival, found.number or "", found.slot.starts_at, place, found.booked_by == person_id)


def _active(person_id: uuid.UUID) -> Sequence[Appointment]:
    """Active appointments from today on, soonest first. A party is known by the number they have proven."""
    number = sa.select(Person.id_number_index).where(Person.id == person_id).scalar_subquery()
    party = sa.exists().where(Party.appointment_id == Appointment.id, Party.active, Party.id_number_index == number)
    query = (
        sa.select(Appointment)
        .join(Appointment.slot)
        .where(
            Appointment.state.in_(ACTIVE_STATES),
            Slot.day >= today(),
            sa.or_(Appointment.booked_by == person_id, party),
        )
        .options(joinedload(Appointment.slot).joinedload(Slot.office))
        .order_by(Slot.starts_at, Appointment.id)
        .limit(10)
    )
    return session().scalars(query).all()
