"""Venues, couples with their appointment, and what was written down about them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.identity import parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.ceremonies.book import CeremonyRequest, book_ceremony
from backend.marriage.ceremonies.models import Ceremony, GroupEntry, GroupEvent
from backend.marriage.couples import CheckedParty, party_row
from backend.marriage.kinds import Area, Kind, ResidentGroup, kinds_of
from backend.marriage.models import Appointment, Party, Slot, Via
from backend.marriage.numbers import next_number
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.models import ResourceBooking, ResourceCell
from backend.marriage.resources.rules import Hours, ResourceKind
from backend.marriage.rules import State
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from tests.marriage.support import at
from tests.marriage.support import couple as parties_of
from tests.marriage_divorce.support import make_verified

WEEK = {day: [Hours(time(9, 0), time(12, 0)), Hours(time(13, 30), time(17, 0))] for day in range(1, 8)}


@dataclass(frozen=True)
class Couple:
    """An appointment for the registration and the two accounts; the first one booked."""

    appointment_id: uuid.UUID
    first: uuid.UUID
    second: uuid.UUID


def make_venue(office_id: uuid.UUID, name: str, *, fallback: uuid.UUID | None = None) -> uuid.UUID:
    """A venue with half-hour sessions every day; outdoors if it has one to fall back on."""
    facts = ResourceFacts(name, 30, outdoor=fallback is not None, fallback_id=fallback, week=WEEK)
    return keep_resource(office_id, ResourceKind.VENUE, facts).id


def make_officiant(office_id: uuid.UUID, name: str = "陈老师") -> uuid.UUID:
    """Somebody of the roster."""
    return keep_resource(office_id, ResourceKind.OFFICIANT, ResourceFacts(name, 30, week=WEEK)).id


def make_couple(office_id: uuid.UUID, index: int, text: str, *, served: bool = False) -> Couple:
    """The `index`-th couple with an appointment at `2026-11-26 10:00`, both with an account of their own."""
    typed = parties_of(index)
    first, second = (make_verified(one) for one in typed)
    starts_at = at(text)
    with transaction() as session:
        slot = session.scalars(sa.select(Slot).where(Slot.office_id == office_id, Slot.starts_at == starts_at)).first()
        if slot is None:
            slot = Slot(
                id=new_id(),
                office_id=office_id,
                area=Area.MARRIAGE_HALL,
                kinds=sorted(kinds_of(Area.MARRIAGE_HALL)),
                day=starts_at.date(),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
                capacity=3000,
                taken=0,
            )
            session.add(slot)
            session.flush()
        made = Appointment(
            id=new_id(),
            number=next_number(),
            slot_id=slot.id,
            kind=Kind.MARRIAGE_REGISTRATION,
            minutes=30,
            state=State.SERVED if served else State.BOOKED,
            booked_by=first,
            via=Via.API,
            created_at=now(),
            changed_at=now(),
        )
        session.add(made)
        session.flush()
        for position, one in enumerate(typed):
            identity = parse_identity_number(one.id_type, one.id_number, today=date(2026, 11, 1))
            checked = CheckedParty(one.name, identity, None, ResidentGroup.MAINLAND)
            session.add(
                Party(appointment_id=made.id, active=not served, kind=made.kind, **party_row(checked, position))
            )
    return Couple(made.id, first, second)


def hold(two: Couple, venue_id: uuid.UUID, text: str = "2026-11-26 11:00", guests: int = 4) -> Ceremony:
    """Book a ceremony by the first of the two."""
    return book_ceremony(CeremonyRequest(two.appointment_id, venue_id, at(text), guests, two.first, Via.API))


def row(ceremony_id: uuid.UUID) -> Ceremony:
    """The ceremony as it stands."""
    with transaction() as session:
        return session.get_one(Ceremony, ceremony_id, populate_existing=True)


def entry(entry_id: uuid.UUID) -> GroupEntry:
    """The entry as it stands."""
    with transaction() as session:
        return session.get_one(GroupEntry, entry_id, populate_existing=True)


def event(event_id: uuid.UUID) -> GroupEvent:
    """The event as it stands."""
    with transaction() as session:
        return session.get_one(GroupEvent, event_id, populate_existing=True)


def cells(resource_id: uuid.UUID) -> int:
    """How many ten minutes of a resource are taken."""
    with transaction() as session:
        query = sa.select(sa.func.count()).select_from(ResourceCell).where(ResourceCell.resource_id == resource_id)
        return session.scalar(query) or 0


def bookings() -> int:
    """How many bookings of resources there are."""
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ResourceBooking)) or 0


def told(person_id: uuid.UUID) -> list[str]:
    """The notices posted to a person, oldest first, without `marriage.`."""
    query = sa.select(OutboxMessage.notice).where(OutboxMessage.recipient_id == person_id)
    with transaction() as session:
        found = session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id))
        return [notice.removeprefix("marriage.") for notice in found]


def waiting(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> dict[str, str]:
    """Reminders that still wait, with their moment."""
    query = sa.select(Reminder).where(
        Reminder.subject_id == ceremony_id,
        Reminder.recipient_id == person_id,
        Reminder.state == ReminderState.WAITING,
    )
    with transaction() as session:
        return {
            one.notice.removeprefix("marriage.ceremony_"): f"{one.due_at:%m-%d %H:%M}" for one in session.scalars(query)
        }
