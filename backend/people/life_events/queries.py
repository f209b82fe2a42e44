"""Reading what was recorded of a person's life."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.people.life_events.messages_part import MESSAGES
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.registry import handlers, labels
from backend.people.life_events.rules import EventKind
from backend.storage import transaction

# Of one person; nobody moves more often than this is looked back.
MOST_EVENTS = 50


def events_of(person_id: uuid.UUID) -> Sequence[LifeEvent]:
    """A person's events, newest first."""
    query = sa.select(LifeEvent).where(LifeEvent.person_id == person_id)
    with transaction() as session:
        return session.scalars(query.order_by(LifeEvent.at.desc(), LifeEvent.id.desc()).limit(MOST_EVENTS)).all()


def life_event(event_id: uuid.UUID) -> LifeEvent | None:
    """One event, or None."""
    with transaction() as session:
        return session.get(LifeEvent, event_id)


def in_words(kind: EventKind, effects: Mapping[str, Mapping[str, int]]) -> Sequence[tuple[str, int]]:
    """What was, or would be, done, room by room: label and count. A code that is gone is told by itself."""
    known = _labels(kind)
    return [(known.get(room, {}).get(code, code), count) for room in effects for code, count in effects[room].items()]


def left_in_words(event: LifeEvent) -> Sequence[tuple[str, str]]:
    """What a reversal could not bring back: label, and the name of the row, empty where there is none."""
    known, names = _labels(event.kind), _names(event)
    return [
        (known.get(room, {}).get(what, what), names.get(uuid.UUID(row_id), ""))
        for room, what, row_id in event.not_restored
    ]


def _names(event: LifeEvent) -> Mapping[uuid.UUID, str]:
    """The rows that are not restored, as officers name them; one query a room."""
    found: dict[uuid.UUID, str] = {}
    with transaction():
        for part in handlers(event.kind):
            ids = [uuid.UUID(row_id) for room, _, row_id in event.not_restored if room == part.room]
            found |= part.names(ids) if ids else {}
    return found


def _labels(kind: EventKind) -> Mapping[str, Mapping[str, str]]:
    return {**labels(kind), MESSAGES.room: {**MESSAGES.labels, **MESSAGES.left_labels}}
