"""One registry on a Monday morning: people, couples, slots, and what is written down about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.kernel.identity import check_character
from backend.kernel.ids import new_id
from backend.marriage.book import Booked, BookingRequest, book_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import KINDS, Area, kinds_of
from backend.marriage.models import Appointment, AppointmentEvent, Office, Slot, Via
from backend.marriage.offers import forget_offices
from backend.marriage.rules import Kind, State
from backend.people.models import Person
from backend.staff.models import NodeKind, OrganisationNode
from backend.staff.nodes import make_node
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState

KIND = Kind.MARRIAGE_REGISTRATION
MINUTES = KINDS[KIND].minutes
HALF_HOUR = timedelta(minutes=30)
REGISTRAR = Actor("staff", uuid.UUID(int=7))
THURSDAY = date(2026, 11, 26)


def at(text: str) -> datetime:
    """`2026-11-26 10:00` in 北京时间."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def number(born: date, sequence: int) -> str:
    """A well-formed number of the test-only area 100000; odd sequences are men."""
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def couple(index: int) -> list[PartyInput]:
    """The `index`-th couple, both of age; no two share a person."""
    born = date(1990, 1, 1 + index // 400)
    sequence = 2 * (index % 400) + 1
    return [PartyInput("王小明", number(born, sequence)), PartyInput("李小红", number(born, sequence + 1))]


def make_office(code: str = "xincheng", position: int = 0, name: str = "新城区婚姻登记处") -> uuid.UUID:
    """A registry with its place in the organisation tree."""
    with transaction() as session:
        node = make_node(code, NodeKind.REGISTRY, name, _district())
        session.add(node)
        session.flush()
        office = Office(
            id=new_id(),
            code=code,
            node_id=node.id,
            name=name,
            address="长乐中路28号",
            phone="029-00000101",
            position=position,
        )
        session.add(office)
        session.flush()
        forget_offices()
        return office.id


def _district() -> OrganisationNode:
    with transaction() as session:
        known = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.kind == NodeKind.DISTRICT)).first()
        if known is None:
            known = make_node("district", NodeKind.DISTRICT, "新城区民政局", None)
            session.add(known)
            session.flush()
        return known


def make_slot(office_id: uuid.UUID, text: str, capacity: int = 1, area: Area = Area.MARRIAGE_HALL) -> uuid.UUID:
    """A half hour that begins at `2026-11-26 10:00`, with so many windows."""
    starts_at = at(text)
    with transaction() as session:
        slot = Slot(
            id=new_id(),
            office_id=office_id,
            area=area,
            kinds=sorted(kinds_of(area)),
            day=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + HALF_HOUR,
            capacity=capacity * MINUTES,
            taken=0,
        )
        session.add(slot)
        return slot.id


def make_person() -> uuid.UUID:
    """Somebody with an account."""
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        return person.id


def book(
    slot_id: uuid.UUID,
    index: int = 0,
    person_id: uuid.UUID | None = None,
    via: Via = Via.API,
    *,
    kind: Kind = KIND,
) -> Booked:
    """Book the `index`-th couple, or one of it for one person's business; by default for a person of their own."""
    parties = couple(index)[: max(KINDS[kind].parties)]
    return book_appointment(BookingRequest(kind, slot_id, parties, True, person_id or make_person(), via))


def row(appointment_id: uuid.UUID) -> Appointment:
    """The appointment as it stands."""
    with transaction() as session:
        return session.get_one(Appointment, appointment_id)


def history(appointment_id: uuid.UUID) -> list[tuple[str, str, State | None, State, str | None]]:
    """Event, kind of actor, from, to and reason of each move."""
    with transaction() as session:
        events = session.scalars(
            sa.select(AppointmentEvent)
            .where(AppointmentEvent.appointment_id == appointment_id)
            .order_by(AppointmentEvent.id)
        )
        return [(event.name, event.actor_kind, event.from_state, event.to_state, event.reason) for event in events]


def places(slot_id: uuid.UUID) -> tuple[int, int]:
    """Places taken and places there are, each the half hour of one window."""
    with transaction() as session:
        slot = session.get_one(Slot, slot_id)
        return slot.taken // MINUTES, slot.capacity // MINUTES


def waiting(appointment_id: uuid.UUID) -> dict[str, datetime]:
    """Reminders of an appointment that still wait, with the moment they are due."""
    with transaction() as session:
        found = session.scalars(
            sa.select(Reminder).where(Reminder.subject_id == appointment_id, Reminder.state == ReminderState.WAITING)
        )
        return {reminder.notice: reminder.due_at for reminder in found}


def told(appointment_id: uuid.UUID) -> list[str]:
    """Notices posted about an appointment, oldest first."""
    with transaction() as session:
        found = sa.select(OutboxMessage.notice).where(OutboxMessage.subject_id == appointment_id)
        return list(session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def clock_time(text: str) -> time:
    """`09:00`."""
    return time.fromisoformat(text)


def code_of(command: Callable[[], object]) -> str:
    """The code with which a command is refused."""
    try:
        command()
    except AppError as refusal:
        return refusal.code
    raise AssertionError("it was not refused")
