"""Offer places that come free to whoever is next in line, in the transaction that frees them.

Whatever frees minutes or adds some says so (`backend.marriage.freed`); before that transaction commits, what has room
is kept for the first in line whom it suits. The slot is locked from the freeing until the commit, so nobody comes
between. Nothing here waits for a lock: whom or what somebody else is handling is left to `offer_left_over`, which the
tick runs.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import BEIJING, now
from backend.kernel.ids import new_id
from backend.marriage.authority import has_authority
from backend.marriage.days import office_plan
from backend.marriage.divorce.window import may_use_reserve
from backend.marriage.history import record
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment
from backend.marriage.offers import OfficeView, office
from backend.marriage.opening import BookingRules, booking_closes_at, is_released
from backend.marriage.parameters import booking_rules
from backend.marriage.places import Part, keep_further, lock_without_waiting, parts_from, take_at_once
from backend.marriage.rules import State
from backend.marriage.rush.plan import in_rush
from backend.marriage.spread import length
from backend.marriage.waiting.history import move
from backend.marriage.waiting.models import WaitingEntry, WaitingParty
from backend.marriage.waiting.notices import tell_offered
from backend.marriage.waiting.parameters import hold_minutes
from backend.marriage.waiting.rules import WaitingState, offer_until
from backend.storage import ask, follow_up, session, transaction

_FREED = "slots with more room"
# Whom a place does not suit is passed over; so many at most, and the tick goes on from there.
_MOST_TRIED = 50

# Slots that somebody waits for: those that have more room, and earlier ones from which a longer business reaches them.
_WAITED_FOR = sa.text(
    """
    SELECT DISTINCT slot.id, slot.office_id, slot.area, slot.kinds, slot.day, slot.starts_at, slot.ends_at,
        slot.capacity, slot.taken, slot.reserved
    FROM marriage_slots AS freed JOIN marriage_slots AS slot
        ON slot.office_id = freed.office_id AND slot.area = freed.area AND slot.day = freed.day
        AND slot.starts_at <= freed.starts_at AND slot.starts_at > freed.starts_at - CAST(:longest AS interval)
    WHERE freed.id = ANY(:freed) AND freed.taken < freed.capacity AND EXISTS (
        SELECT 1 FROM marriage_waiting AS entry
        WHERE entry.state = 'waiting' AND entry.office_id = slot.office_id AND entry.kind = ANY(slot.kinds)
            AND slot.day BETWEEN entry.first_day AND entry.last_day
            AND (entry.slot_id IS NULL OR entry.slot_id = slot.id)
    )
    ORDER BY slot.starts_at, slot.id
    """
)
_LONGEST = timedelta(hours=4)

# The first in line for a slot whom it was not offered before, and who has no place meanwhile.
_NEXT = sa.text(
    """
    SELECT entry.id FROM marriage_waiting AS entry
    WHERE entry.state = 'waiting' AND entry.office_id = :office_id AND entry.kind = ANY(:kinds)
        AND :day BETWEEN entry.first_day AND entry.last_day AND (entry.slot_id IS NULL OR entry.slot_id = :slot_id)
        AND entry.id <> ALL(:tried)
        AND NOT EXISTS (
            SELECT 1 FROM marriage_appointments AS offered
            WHERE offered.waiting_id = entry.id AND offered.slot_id = :slot_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM marriage_waiting_parties AS waits JOIN marriage_parties AS has
                ON has.kind = waits.kind AND has.id_number_index = waits.id_number_index AND has.active
            WHERE waits.entry_id = entry.id
        )
    ORDER BY entry.queued_at, entry.rank, entry.id LIMIT 1 FOR UPDATE OF entry SKIP LOCKED
    """
)

_LEFT_OVER = sa.text(
    """
    SELECT slot.id FROM marriage_slots AS slot
    WHERE slot.taken < slot.capacity AND slot.day > :today AND EXISTS (
        SELECT 1 FROM marriage_waiting AS entry
        WHERE entry.state = 'waiting' AND entry.office_id = slot.office_id AND entry.kind = ANY(slot.kinds)
            AND slot.day BETWEEN entry.first_day AND entry.last_day
            AND (entry.slot_id IS NULL OR entry.slot_id = slot.id)
    )
    ORDER BY slot.starts_at LIMIT :limit
    """
)


def note_freed(slot_id: uuid.UUID) -> None:
    """A slot has more room: before the open transaction commits, it is offered to whoever waits."""
    session().info.setdefault(_FREED, set()).add(slot_id)
    follow_up(_offer_freed)


def _offer_freed() -> None:
    freed: set[uuid.UUID] = session().info.pop(_FREED, set())
    if freed:
        _offer(freed)


def offer_left_over(limit: int = 100) -> int:
    """Offer what is free although somebody waits for it: a colleague had them locked, or they joined that moment.

    Safe to run at any time and from several processes; returns how many places were offered.
    """
    with transaction():
        found = [row.id for row in ask(_LEFT_OVER, {"today": now().date(), "limit": limit})]
        return _offer(found) if found else 0


def _offer(freed: Collection[uuid.UUID]) -> int:
    rows = ask(_WAITED_FOR, {"freed": list(freed), "longest": _LONGEST})
    return sum(_offer_slot(row) for row in rows)


def _offer_slot(slot: Any) -> int:
    """Offer one slot until it is full or nobody is left whom it suits; returns how often."""
    place, moment = office(slot.office_id), now()
    if place is None:
        return 0
    rules = booking_rules(place.code, moment)
    until = offer_until(moment, hold_minutes(place.code, moment))
    if not _may_be_offered(place, rules, slot, moment, until):
        return 0
    offered, left = 0, slot.capacity - slot.taken
    tried: list[uuid.UUID] = []
    shortest = min(rules.minutes_of(Kind(kind)) for kind in slot.kinds)
    starts_at: datetime = slot.starts_at.astimezone(BEIJING)
    while left >= shortest and len(tried) < _MOST_TRIED:
        entry = _next_in_line(slot, tried)
        if entry is None:
            break
        tried.append(entry.id)
        minutes = rules.minutes_of(entry.kind, foreign_related=entry.foreign_related)
        parts = _taken(entry, slot, minutes)
        if parts:
            tell_offered(entry, _keep(entry, slot.id, minutes, parts, until), place, starts_at)
            offered, left = offered + 1, left - parts[0].minutes
    return offered


def _may_be_offered(place: OfficeView, rules: BookingRules, slot: Any, moment: datetime, until: datetime) -> bool:
    """Only on released days, and only where whoever is next has the whole time to answer before booking closes."""
    released = is_released(office_plan(place, moment, rules), slot.day, moment)
    return (
        released and not in_rush(place.id, slot.day) and until <= booking_closes_at(slot.day, rules, legal_calendar())
    )


def _next_in_line(slot: Any, tried: Sequence[uuid.UUID]) -> WaitingEntry | None:
    values = {
        "office_id": slot.office_id,
        "kinds": list(slot.kinds),
        "day": slot.day,
        "slot_id": slot.id,
        "tried": list(tried),
    }
    found = next(iter(ask(_NEXT, values)), None)
    return None if found is None else session().get(WaitingEntry, found.id, populate_existing=True)


def _taken(entry: WaitingEntry, slot: Any, minutes: int) -> Sequence[Part]:
    """What the entry's business takes from this slot on, taken already; nothing where it does not fit."""
    rescue = entry.kind is Kind.DIVORCE_CERTIFICATE and may_use_reserve(_indexes(entry.id))
    parts: Sequence[Part] = [Part(slot.id, minutes)]
    if minutes > length(slot):
        parts, _ = parts_from(slot.id, minutes, rescue=rescue)
    if not parts or (entry.foreign_related and not _still_authorised(entry)):
        return ()
    taken = lock_without_waiting([part.slot_id for part in parts]) and take_at_once(parts, rescue=rescue)
    return parts if taken else ()


def _still_authorised(entry: WaitingEntry) -> bool:
    place = office(entry.office_id)
    return place is not None and has_authority(place)


def _indexes(entry_id: uuid.UUID) -> Sequence[bytes]:
    return session().scalars(sa.select(WaitingParty.id_number_index).where(WaitingParty.entry_id == entry_id)).all()


def _keep(entry: WaitingEntry, slot_id: uuid.UUID, minutes: int, parts: Sequence[Part], until: datetime) -> Appointment:
    moment = now()
    offer = Appointment(
        id=new_id(),
        slot_id=slot_id,
        kind=entry.kind,
        minutes=minutes,
        state=State.HELD,
        booked_by=entry.person_id,
        via=entry.via,
        hold_expires_at=until,
        created_at=moment,
        changed_at=moment,
        waiting_id=entry.id,
    )
    session().add(offer)
    session().flush()
    keep_further(offer.id, parts)
    record(offer.id, "offered", SYSTEM, None, State.HELD)
    move(entry, "offered", WaitingState.OFFERED, SYSTEM, slot_id)
    session().flush()
    return offer
