"""Taking the time of a counsellor, and of a room for a talk on site, in the caller's open transaction.

Counsellors are claimed before rooms, by everybody, so that nobody waits in a circle.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.kernel.clock import BEIJING, today
from backend.kernel.errors import AppError
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import CounsellingSession, Counsellor
from backend.marriage.counselling.offers import Offer, free_rooms, offers, rooms_of
from backend.marriage.counselling.rules import Matter, Way
from backend.marriage.models import Office
from backend.marriage.resources.claim import claim, give_back
from backend.marriage.resources.free import session_at
from backend.storage import atomic, session

_SHOWN = 3
_DAYS_AROUND = timedelta(days=7)


@dataclass(frozen=True)
class Taken:
    """Time that is taken for a session, and the room with it where one is needed."""

    counsellor_id: uuid.UUID
    booking_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    room_id: uuid.UUID | None = None
    room_booking_id: uuid.UUID | None = None


def take_time(
    office: Office, matter: Matter, way: Way, starts_at: datetime, counsellor_id: uuid.UUID | None = None
) -> Taken:
    """Take the first counsellor who is free, or the one named; raises `AppError` slot_full with the nearest times."""
    day = starts_at.astimezone(BEIJING).date()
    found = offers(office, matter, way, day, day, counsellor_id)
    for offer in (one for one in found if one.starts_at == starts_at):
        for counsellor in offer.counsellors:
            taken = _take(counsellor, offer, office.id if way is Way.ON_SITE else None)
            if taken is not None:
                return taken
    nearest = _nearest(office, matter, way, starts_at)
    free = [{"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()} for one in nearest]
    raise AppError("slot_full", texts.TIME_TAKEN, 409, extra={"free": free})


def put(row: CounsellingSession, taken: Taken) -> None:
    """Give a locked session what was taken for it, and only then give back what it had."""
    before = [one for one in (row.booking_id, row.room_booking_id) if one is not None]
    fill(row, taken)
    session().flush()
    for booking_id in before:
        if booking_id != taken.room_booking_id:
            give_back(booking_id)


def fill(row: CounsellingSession, taken: Taken) -> None:
    """Write into a session what was taken for it; the caller flushes once its state fits."""
    row.counsellor_id, row.booking_id = taken.counsellor_id, taken.booking_id
    row.room_id, row.room_booking_id = taken.room_id, taken.room_booking_id
    row.starts_at, row.ends_at = taken.starts_at, taken.ends_at


def take_for(row: CounsellingSession, counsellor: Counsellor, offer: Offer) -> Taken:
    """Take another time or another counsellor for a session; at its own time it keeps its room.

    Raises `AppError` slot_full.
    """
    same_time = (row.starts_at, row.ends_at) == (offer.starts_at, offer.ends_at)
    needs_room = row.way is Way.ON_SITE and not same_time
    taken = _take(counsellor, offer, row.office_id if needs_room else None)
    if taken is None:
        raise AppError("slot_full", texts.TIME_TAKEN, 409)
    if row.way is not Way.ON_SITE or not same_time:
        return taken
    return Taken(
        taken.counsellor_id, taken.booking_id, taken.starts_at, taken.ends_at, row.room_id, row.room_booking_id
    )


def _take(counsellor: Counsellor, offer: Offer, room_at: uuid.UUID | None) -> Taken | None:
    """All of it or nothing. `room_at`: the office whose room is needed."""
    slot = session_at(counsellor.resource, offer.starts_at)
    if slot is None:
        return None
    try:
        with atomic():
            booking_id = claim(counsellor.resource_id, slot.starts_at, slot.until)
            room_id, room_booking_id = (None, None) if room_at is None else _take_room(room_at, offer)
    except AppError:
        return None
    return Taken(counsellor.resource_id, booking_id, offer.starts_at, offer.ends_at, room_id, room_booking_id)


def _take_room(office_id: uuid.UUID, offer: Offer) -> tuple[uuid.UUID, uuid.UUID]:
    for room in free_rooms(rooms_of(office_id), offer.starts_at, offer.ends_at):
        try:
            with atomic():
                return room.id, claim(room.id, offer.starts_at, offer.ends_at)
        except AppError:
            continue  # taken by somebody else meanwhile
    raise AppError("slot_full", texts.TIME_TAKEN, 409)


def _nearest(office: Office, matter: Matter, way: Way, starts_at: datetime) -> Sequence[Offer]:
    first = max(today(), starts_at.date() - _DAYS_AROUND)
    found = offers(office, matter, way, first, max(first, starts_at.date() + _DAYS_AROUND))
    nearest = sorted(found, key=lambda one: abs(one.starts_at - starts_at))[:_SHOWN]
    return sorted(nearest, key=lambda one: one.starts_at)
