"""A couple with an appointment, a family with ties, and an officer who records what happened."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.book import Booked
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.models import Person
from backend.storage import transaction
from messages import ReminderPlan, Subject, post, set_reminders
from messages.models import OutboxMessage, OutboxState, Reminder, ReminderState, Silence
from tests.marriage.support import book, couple
from tests.people_proxies.support import make_person, staff_account

YESTERDAY = timedelta(days=1)

DATA = {
    "matter": "结婚登记",
    "time": "2026年11月26日 10:00",
    "place": "平安路婚姻登记处",
    "number": "MZ12345678",
    "hint": "带双方身份证和3张合影",
}


def groom(index: int = 0) -> uuid.UUID:
    """The man of the `index`-th couple as a verified person."""
    party = couple(index)[0]
    return make_person((party.name, party.id_number))


def bride(index: int = 0) -> uuid.UUID:
    """The woman of the `index`-th couple as a verified person."""
    party = couple(index)[1]
    return make_person((party.name, party.id_number))


def booked(slot_id: uuid.UUID, by: uuid.UUID | None = None, index: int = 0) -> Booked:
    """An appointment of the `index`-th couple."""
    return book(slot_id, index, by)


def report(kind: EventKind = EventKind.DEATH, **changes: object) -> Report:
    """What an officer would enter."""
    source = {
        EventKind.DEATH: Source.DEATH_CERTIFICATE,
        EventKind.DEATH_REVERSED: Source.STAFF_CORRECTION,
        EventKind.MOVED: Source.AT_THE_COUNTER,
        EventKind.NAME_CORRECTED: Source.AT_THE_COUNTER,
    }[kind]
    given: dict[str, object] = {
        "kind": kind,
        "account_id": staff_account(),
        "source": source,
        "effective_on": today() - YESTERDAY,
        "reason": "居民死亡医学证明（推断）书",
    }
    return Report(**(given | changes))  # type: ignore[arg-type]


def dies(person_id: uuid.UUID, **changes: object) -> LifeEvent:
    """Record a death; the event."""
    return event(record_life_event(person_id, report(EventKind.DEATH, **changes)))


def lives(person_id: uuid.UUID) -> LifeEvent:
    """Take the record of a death back; the event."""
    return event(record_life_event(person_id, report(EventKind.DEATH_REVERSED)))


def event(event_id: uuid.UUID) -> LifeEvent:
    """An event as it stands."""
    with transaction() as session:
        return session.get_one(LifeEvent, event_id)


def events() -> int:
    """How many events were recorded."""
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(LifeEvent)) or 0


def person(person_id: uuid.UUID) -> Person:
    """A person as they stand."""
    with transaction() as session:
        return session.get_one(Person, person_id, populate_existing=True)


def refusal(person_id: uuid.UUID, given: Report) -> AppError:
    """How a report is refused."""
    try:
        record_life_event(person_id, given)
    except AppError as refused:
        return refused
    raise AssertionError("it was not refused")


# --- messages ---

MATTER = Subject("test_matter", uuid.UUID(int=11))


def remind(recipient_id: uuid.UUID, in_hours: float = 24, notice: str = "marriage.reminder_day_before") -> None:
    """Something of another room that is to be told later."""
    due = now() + timedelta(hours=in_hours)
    with transaction():
        set_reminders(MATTER, [ReminderPlan(notice, recipient_id, due, due + timedelta(hours=2), DATA)])


def tell(recipient_id: uuid.UUID, key: str = "test:1", in_hours: float | None = None) -> None:
    """Something of another room that is to be told now."""
    not_after = None if in_hours is None else now() + timedelta(hours=in_hours)
    with transaction():
        post("marriage.confirmed", recipient_id=recipient_id, subject=MATTER, data=DATA, key=key, not_after=not_after)


def scheduled(recipient_id: uuid.UUID) -> tuple[int, int]:
    """Reminders and messages that wait for a person."""
    reminders = sa.select(sa.func.count()).where(
        Reminder.recipient_id == recipient_id, Reminder.state == ReminderState.WAITING
    )
    messages = sa.select(sa.func.count()).where(
        OutboxMessage.recipient_id == recipient_id, OutboxMessage.state == OutboxState.QUEUED
    )
    with transaction() as session:
        return session.scalar(reminders) or 0, session.scalar(messages) or 0


def notices(recipient_id: uuid.UUID, state: OutboxState | None = OutboxState.QUEUED) -> list[str]:
    """What a person is to be told, oldest first."""
    query = sa.select(OutboxMessage.notice).where(OutboxMessage.recipient_id == recipient_id)
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    with transaction() as session:
        return list(session.scalars(query.order_by(OutboxMessage.id)))


def silenced(recipient_id: uuid.UUID) -> bool:
    """Whether nothing may be sent to somebody."""
    with transaction() as session:
        return session.get(Silence, recipient_id) is not None


def born(days: int) -> date:
    """A day `days` before today."""
    return today() - timedelta(days=days)
