"""Record what happened to a person; every room reacts in the same transaction (domain-rules §3.4-3, §8-1).

The person's row is locked first. The rooms' handlers run in the order of their names, messages last of all: what a
room has taken back itself is then no longer there to be stopped. Whatever raises takes everything back.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.kernel.names import clean_name
from backend.people.events import note
from backend.people.life_events import texts
from backend.people.life_events.checks import refuse_report, require_possible
from backend.people.life_events.messages_part import MESSAGES
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.registry import Handler, Happening, Reaction, handlers
from backend.people.life_events.rules import EventKind, Source
from backend.people.models import Person
from backend.people.rules import PersonEventName
from backend.storage import atomic, session, transaction


@dataclass(frozen=True)
class Report:
    """What is said to have happened, since when, from whom it is known, by which paper, and who records it.

    `community_id` goes with a move, `name` with a name put right.
    """

    kind: EventKind
    account_id: uuid.UUID
    source: Source
    effective_on: date
    reason: str
    community_id: uuid.UUID | None = None
    name: str | None = field(default=None, repr=False)


def record_life_event(person_id: uuid.UUID, report: Report) -> uuid.UUID:
    """Record an event and let every room react; returns the event's id.

    Raises `AppError`: not_found, invalid (fields), state_conflict for what cannot have happened as things stand.
    """
    refuse_report(report)
    with atomic():
        person = _person(person_id, lock=True)
        require_possible(person, report)
        reverses = _last_death(person_id) if report.kind is EventKind.DEATH_REVERSED else None
        detail = _APPLY[report.kind](person, report)
        session().flush()
        return _happen(person, report, detail, reverses)


def preview(person_id: uuid.UUID, report: Report) -> Mapping[str, Mapping[str, int]]:
    """What recording it would do now, by room and code; rooms with nothing to do are left out. Nothing is changed.

    Raises as `record_life_event` does.
    """
    refuse_report(report)
    with transaction():
        person = _person(person_id, lock=False)
        require_possible(person, report)
        reverses = _last_death(person_id) if report.kind is EventKind.DEATH_REVERSED else None
        counted = {
            part.room: part.preview(_happening(new_id(), person, report, {}, reverses, part.room))
            for part in _parts(report.kind)
        }
    return _counted(counted)


def _person(person_id: uuid.UUID, *, lock: bool) -> Person:
    """The person; locked against all that begins something for them (`require_living`) and against a join."""
    query = sa.select(Person).where(Person.id == person_id, Person.closed_at.is_(None))
    if lock:
        query = query.with_for_update(key_share=True)
    person = session().scalars(query.execution_options(populate_existing=True)).one_or_none()
    if person is None:
        raise AppError("not_found", texts.PERSON_UNKNOWN, 404)
    return person


# --- what the person's row says from now on; each gives the event's detail ---


def _die(person: Person, report: Report) -> dict[str, Any]:
    person.died_on = report.effective_on
    return {}


def _live(person: Person, _report: Report) -> dict[str, Any]:
    person.died_on = None
    return {}


def _move_house(person: Person, report: Report) -> dict[str, Any]:
    detail = {"from": person.community_id and str(person.community_id), "to": str(report.community_id)}
    person.community_id = report.community_id
    note(person.id, PersonEventName.PLACED, account_id=report.account_id)
    return detail


def _rename(person: Person, report: Report) -> dict[str, Any]:
    person.name = clean_name(report.name or "")  # the old one is not kept
    note(person.id, PersonEventName.RENAMED, account_id=report.account_id)
    return {}


_APPLY: Mapping[EventKind, Callable[[Person, Report], dict[str, Any]]] = {
    EventKind.DEATH: _die,
    EventKind.DEATH_REVERSED: _live,
    EventKind.MOVED: _move_house,
    EventKind.NAME_CORRECTED: _rename,
}


# --- what the rooms do ---


def _last_death(person_id: uuid.UUID) -> LifeEvent | None:
    query = sa.select(LifeEvent).where(LifeEvent.person_id == person_id, LifeEvent.kind == EventKind.DEATH)
    return session().scalars(query.order_by(LifeEvent.at.desc(), LifeEvent.id.desc()).limit(1)).first()


def _parts(kind: EventKind) -> list[Handler]:
    own = [MESSAGES] if kind in (EventKind.DEATH, EventKind.DEATH_REVERSED) else []
    return [*handlers(kind), *own]


def _happening(
    event_id: uuid.UUID,
    person: Person,
    report: Report,
    detail: Mapping[str, Any],
    reverses: LifeEvent | None,
    room: str,
) -> Happening:
    undo = reverses.undo.get(room, {}) if reverses else {}
    index = person.id_number_index
    return Happening(event_id, person.id, report.kind, report.effective_on, index, detail, undo)


def _happen(person: Person, report: Report, detail: dict[str, Any], reverses: LifeEvent | None) -> uuid.UUID:
    """Let every room react, and write the event with what they did."""
    event_id = new_id()
    reactions = {
        part.room: part.react(_happening(event_id, person, report, detail, reverses, part.room))
        for part in _parts(report.kind)
    }
    event = LifeEvent(
        id=event_id,
        person_id=person.id,
        kind=report.kind,
        effective_on=report.effective_on,
        source=report.source,
        recorded_by=report.account_id,
        at=now(),
        reason=" ".join(report.reason.split())[:200],
        reverses_id=reverses.id if reverses else None,
        detail=detail,
        effects=_counted({room: reaction.effects for room, reaction in reactions.items()}),
        undo=_undo(reactions),
        not_restored=[
            [room, left.what, str(left.id)] for room, reaction in reactions.items() for left in reaction.not_restored
        ],
    )
    session().add(event)
    session().flush()
    return event_id


def _undo(reactions: Mapping[str, Reaction]) -> dict[str, dict[str, list[str]]]:
    kept = {room: {key: list(ids) for key, ids in reaction.undo.items() if ids} for room, reaction in reactions.items()}
    return {room: ids for room, ids in kept.items() if ids}


def _counted(by_room: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    some = {room: {code: count for code, count in counts.items() if count} for room, counts in by_room.items()}
    return {room: counts for room, counts in some.items() if counts}
