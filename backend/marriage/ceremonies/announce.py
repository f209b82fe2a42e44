"""Use cases `announce_event` and `cancel_event`: what a registry offers to many couples at once (§2.7)."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import recipients
from backend.marriage.ceremonies.entries import move_entry
from backend.marriage.ceremonies.models import GroupEntry, GroupEvent
from backend.marriage.ceremonies.notices import tell_entry
from backend.marriage.ceremonies.rules import (
    STANDING_ENTRIES,
    EntryState,
    EventKind,
    EventMode,
    EventState,
    seed_hash,
)
from backend.storage import atomic, locked

_MOST_PLACES = 500


@dataclass(frozen=True)
class EventFacts:
    """An event as staff enter it; moments are aware. `registered_from`: only couples registered since that day."""

    kind: EventKind
    title: str
    place: str
    starts_at: datetime
    opens_at: datetime
    closes_at: datetime
    places: int
    mode: EventMode
    registered_from: date | None = None


def announce_event(office_id: uuid.UUID, facts: EventFacts) -> GroupEvent:
    """Announce an event. For a draw its seed is made now, and the hash of it is public from now on.

    Raises `AppError` invalid (fields).
    """
    title, place = _checked(facts)
    with atomic() as db:
        event = GroupEvent(
            id=new_id(),
            office_id=office_id,
            kind=facts.kind,
            title=title,
            place=place,
            starts_at=facts.starts_at,
            opens_at=facts.opens_at,
            closes_at=facts.closes_at,
            places=facts.places,
            taken=0,
            mode=facts.mode,
            registered_from=facts.registered_from,
            state=EventState.ANNOUNCED,
            created_at=now(),
        )
        if facts.mode is EventMode.DRAW:
            seed = secrets.token_hex(32)
            event.seed, event.seed_hash = seed, seed_hash(seed)
        db.add(event)
        db.flush()
        return event


def cancel_event(event_id: uuid.UUID, account_id: uuid.UUID) -> GroupEvent:
    """Call an event off; every couple at it is told. Raises `AppError` not_found, state_conflict."""
    with atomic() as db:
        event = locked_event(event_id)
        if event.state is EventState.CANCELLED or event.starts_at <= now():
            told = texts.EVENT_OVER.format(state=texts.EVENT_STATES[event.state])
            raise AppError("state_conflict", told, 409, extra={"state": event.state.value})
        event.state, event.taken = EventState.CANCELLED, 0
        query = sa.select(GroupEntry).where(GroupEntry.event_id == event_id, GroupEntry.state.in_(STANDING_ENTRIES))
        for entry in db.scalars(query.order_by(GroupEntry.id).with_for_update()).all():
            move_entry(entry, "event_cancelled", EntryState.CANCELLED, Actor("staff", account_id))
            tell_entry("marriage.event_cancelled", entry, event, list(recipients(entry.appointment_id)))
        return event


def locked_event(event_id: uuid.UUID) -> GroupEvent:
    """The event, its row locked; raises `AppError` not_found."""
    found = locked(GroupEvent, event_id)
    if found is None:
        raise AppError("not_found", texts.EVENT_UNKNOWN, 404)
    return found


def _checked(facts: EventFacts) -> tuple[str, str]:
    title, place = " ".join(facts.title.split()), " ".join(facts.place.split())
    errors: dict[str, list[str]] = {}
    if not (0 < len(title) <= 20 and 0 < len(place) <= 40):
        errors["title"] = [texts.TITLE_FORM]
    if not 1 <= facts.places <= _MOST_PLACES:
        errors["places"] = [texts.PLACES_FORM]
    if not now() <= facts.closes_at <= facts.starts_at or facts.opens_at >= facts.closes_at:
        errors["closes_at"] = [texts.TIMES_FORM]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)
    return title, place
