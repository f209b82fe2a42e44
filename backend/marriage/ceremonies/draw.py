"""Settling events whose sign-up is over: the draw, and its proof for everybody to check (domain-rules §2.7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.ceremonies.couples import recipients
from backend.marriage.ceremonies.entries import move_entry
from backend.marriage.ceremonies.models import GroupEntry, GroupEvent
from backend.marriage.ceremonies.notices import tell_entry
from backend.marriage.ceremonies.rules import EntryState, EventMode, EventState, draw_order, list_hash
from backend.storage import session, transaction


@dataclass(frozen=True)
class DrawProof:
    """What anybody needs to draw again: `numbers` in the order drawn, the first `places` of them in.

    `seed` and numbers are None and empty until it is drawn. Numbers name nobody.
    """

    seed_hash: str
    places: int
    list_hash: str | None
    seed: str | None
    numbers: Sequence[str]
    drawn_at: datetime | None


def settle_events() -> int:
    """Settle one event whose sign-up is over; how many there were (for `repeated`)."""
    query = sa.select(GroupEvent).where(GroupEvent.state == EventState.ANNOUNCED, GroupEvent.closes_at <= now())
    with transaction() as db:
        query = query.order_by(GroupEvent.closes_at, GroupEvent.id).limit(1).with_for_update(skip_locked=True)
        event = db.scalars(query.execution_options(populate_existing=True)).first()
        if event is None:
            return 0
        for entry in _entries(event.id, EntryState.WAITS_FOR_PARTNER):
            move_entry(entry, "lapsed", EntryState.LAPSED, SYSTEM)
        event.state, event.settled_at = EventState.SETTLED, now()
        if event.mode is EventMode.DRAW:
            _draw(event)
        db.flush()
    return 1


def proof_of(event: GroupEvent) -> DrawProof | None:
    """The proof of a draw; None for an event without one."""
    if event.seed_hash is None:
        return None
    if event.list_hash is None:
        return DrawProof(event.seed_hash, event.places, None, None, (), None)
    ranked = sa.select(GroupEntry.number).where(GroupEntry.event_id == event.id, GroupEntry.rank.is_not(None))
    with transaction() as db:
        numbers = db.scalars(ranked.order_by(GroupEntry.rank)).all()
    return DrawProof(event.seed_hash, event.places, event.list_hash, event.seed, numbers, event.settled_at)


def _draw(event: GroupEvent) -> None:
    entries = {entry.number: entry for entry in _entries(event.id, EntryState.ENTERED)}
    event.list_hash = list_hash(list(entries))
    for rank, number in enumerate(draw_order(event.seed or "", list(entries)), start=1):
        entry, placed = entries[number], rank <= event.places
        entry.rank = rank
        event.taken += placed
        move_entry(entry, "drawn", EntryState.PLACED if placed else EntryState.RESERVE, SYSTEM)
        notice = "marriage.event_placed" if placed else "marriage.event_reserve"
        tell_entry(notice, entry, event, list(recipients(entry.appointment_id)))


def _entries(event_id: uuid.UUID, state: EntryState) -> Sequence[GroupEntry]:
    query = sa.select(GroupEntry).where(GroupEntry.event_id == event_id, GroupEntry.state == state)
    return session().scalars(query.order_by(GroupEntry.id).with_for_update()).all()
