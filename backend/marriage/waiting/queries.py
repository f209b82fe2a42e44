"""What a resident may see of their own waiting: where they stand in the line, and what is kept for them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.paging import Cursor
from backend.marriage.models import Appointment, Slot
from backend.marriage.rules import State
from backend.marriage.waiting.history import not_found
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.rules import WaitingState
from backend.storage import transaction


@dataclass(frozen=True)
class KeptPlace:
    """A place kept for somebody until `expires_at`; `until` is when their business would be done."""

    slot: Slot
    minutes: int
    expires_at: datetime


@dataclass(frozen=True)
class OwnEntry:
    """An entry; `ahead` of them in the line for the same days, None unless they wait. `number`: of the appointment."""

    entry: WaitingEntry
    ahead: int | None
    offer: KeptPlace | None
    number: str | None


def own_entry(entry_id: uuid.UUID, person_id: uuid.UUID) -> OwnEntry:
    """One entry; raises `AppError` not_found, also for another's."""
    with transaction() as db:
        found = db.scalars(_own(person_id).where(WaitingEntry.id == entry_id)).one_or_none()
        if found is None:
            raise not_found()
        return _described([found])[0]


def own_entries(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[OwnEntry]:
    """A page of a person's entries, newest first."""
    query = _own(person_id).order_by(WaitingEntry.created_at.desc(), WaitingEntry.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(WaitingEntry.created_at, WaitingEntry.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return _described(db.scalars(query).all())


def open_entries(person_id: uuid.UUID) -> Sequence[OwnEntry]:
    """What a person waits for at this moment, offers first; at most ten."""
    query = _own(person_id).where(WaitingEntry.open)
    # "offered" comes before "waiting" by its letters.
    with transaction() as db:
        return _described(db.scalars(query.order_by(WaitingEntry.state, WaitingEntry.created_at).limit(10)).all())


def _own(person_id: uuid.UUID) -> sa.Select[WaitingEntry]:
    return (
        sa.select(WaitingEntry)
        .where(WaitingEntry.person_id == person_id)
        .options(joinedload(WaitingEntry.office))
        .execution_options(populate_existing=True)
    )


def _described(entries: Sequence[WaitingEntry]) -> list[OwnEntry]:
    ids = [entry.id for entry in entries]
    with transaction() as db:
        places = sa.select(Appointment).where(
            Appointment.waiting_id.in_(ids), Appointment.state.not_in((State.EXPIRED,))
        )
        found = db.scalars(places.options(joinedload(Appointment.slot))).unique().all()
        ahead = {row.id: int(row.ahead) for row in db.execute(_ahead(ids))}
    kept = {one.waiting_id: one for one in found if one.state is State.HELD}
    numbers = {one.waiting_id: one.number for one in found if one.number}
    return [OwnEntry(entry, ahead.get(entry.id), _kept(kept.get(entry.id)), numbers.get(entry.id)) for entry in entries]


def _kept(offer: Appointment | None) -> KeptPlace | None:
    if offer is None or offer.hold_expires_at is None:
        return None
    return KeptPlace(offer.slot, offer.minutes, offer.hold_expires_at)


def _ahead(ids: Sequence[uuid.UUID]) -> sa.Select[tuple[uuid.UUID, int]]:
    """How many wait before these for a place that would suit them as well."""
    mine, other = sa.orm.aliased(WaitingEntry), sa.orm.aliased(WaitingEntry)
    earlier = (
        sa.select(sa.func.count())
        .where(
            other.state == WaitingState.WAITING,
            other.office_id == mine.office_id,
            other.kind == mine.kind,
            other.first_day <= mine.last_day,
            other.last_day >= mine.first_day,
            sa.or_(mine.slot_id.is_(None), other.slot_id.is_(None), other.slot_id == mine.slot_id),
            sa.tuple_(other.queued_at, other.rank, other.id) < sa.tuple_(mine.queued_at, mine.rank, mine.id),
        )
        .correlate(mine)
        .scalar_subquery()
    )
    return sa.select(mine.id, earlier.label("ahead")).where(mine.id.in_(ids), mine.state == WaitingState.WAITING)
