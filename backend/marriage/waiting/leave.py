"""How waiting ends, and how a place that was not taken goes on to the next in line (domain-rules §7)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Slot
from backend.marriage.offers import OfficeView, office
from backend.marriage.opening import booking_closes_at
from backend.marriage.parameters import booking_rules
from backend.marriage.places import expire_hold
from backend.marriage.rules import State
from backend.marriage.waiting import texts
from backend.marriage.waiting.history import locked_entry, locked_offer, move
from backend.marriage.waiting.models import WaitingEntry, WaitingParty
from backend.marriage.waiting.notices import tell_ended, tell_passed, withdraw_offer_notice
from backend.marriage.waiting.parameters import hold_minutes, most_offers
from backend.marriage.waiting.rules import OPEN_STATES, WaitingState, offer_until
from backend.storage import atomic, session, transaction

# Booking for a day closes on the workday before; no holiday is longer.
_LOOKED_AHEAD = timedelta(days=20)


def leave_waiting(entry_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Get out of line; what was kept for them goes to the next. Leaving twice is the same as once.

    Raises `AppError`: not_found (also for another's), state_conflict once they have a place or the waiting is over.
    """
    with atomic():
        entry = locked_entry(entry_id, person_id)
        if entry.state is WaitingState.LEFT:
            return
        offer = locked_offer(entry.id)
        move(entry, "left", WaitingState.LEFT, Actor("resident", person_id))
        withdraw_offer_notice(entry)
        if offer is not None:
            expire_hold(offer)


def pass_offer(entry_id: uuid.UUID, person_id: uuid.UUID, actor: Actor | None = None) -> WaitingState:
    """Let the next in line have the place; returns how they stand: they go on waiting for other times, if any.

    `actor`: a registrar who was told so on the telephone.

    Raises `AppError`: not_found (also for another's), state_conflict while nothing is offered to them.
    """
    with atomic():
        entry = locked_entry(entry_id, person_id)
        offer = locked_offer(entry.id) if entry.state is WaitingState.OFFERED else None
        if offer is None:
            raise AppError("state_conflict", texts.NO_OFFER, 409, extra={"state": entry.state.value})
        _go_on(entry, offer, "passed", actor or Actor("resident", person_id))
        withdraw_offer_notice(entry)
        return entry.state


def expire_offers(limit: int = 100) -> int:
    """Pass on what was kept for people who did not answer in time; returns how many. Safe from several processes."""
    due = sa.select(Appointment.waiting_id).where(
        Appointment.state == State.HELD, Appointment.waiting_id.is_not(None), Appointment.hold_expires_at <= now()
    )
    with transaction() as db:
        ids = [one for one in db.scalars(due.order_by(Appointment.hold_expires_at).limit(limit)) if one]
    return sum(_expire(entry_id) for entry_id in ids)


def _expire(entry_id: uuid.UUID) -> bool:
    with transaction():
        entry = session().get(WaitingEntry, entry_id, with_for_update={"skip_locked": True}, populate_existing=True)
        offer = locked_offer(entry_id) if entry is not None else None
        # Whoever has the row locked is answering this very moment; a look again finds what became of it.
        if entry is None or offer is None or offer.hold_expires_at is None or offer.hold_expires_at > now():
            return False
        slot, place = _where(offer)
        _go_on(entry, offer, "offer_expired", SYSTEM)
        still = entry.state is WaitingState.WAITING
        hint = texts.STILL_IN_LINE_HINT if still else texts.LINE_OVER_HINT
        tell_passed(entry, offer, place, slot.starts_at, hint)
        return True


def _go_on(entry: WaitingEntry, offer: Appointment, event: str, actor: Actor) -> None:
    """Give the place back and wait for another, unless there is none to wait for or it was offered often enough."""
    _, place = _where(offer)
    entry.passed += 1
    enough = entry.slot_id is not None or entry.passed >= most_offers(place.code, now())
    move(entry, event, WaitingState.ENDED if enough else WaitingState.WAITING, actor, offer.slot_id)
    expire_hold(offer)


def end_over(limit: int = 100) -> int:
    """End entries for whose days no place can be offered any more, and tell them; returns how many."""
    query = sa.select(WaitingEntry.id, WaitingEntry.office_id, WaitingEntry.last_day).where(
        WaitingEntry.state == WaitingState.WAITING, WaitingEntry.last_day <= now().date() + _LOOKED_AHEAD
    )
    with transaction() as db:
        rows = db.execute(query.order_by(WaitingEntry.last_day, WaitingEntry.id).limit(limit)).all()
    return sum(_end_over(row.id) for row in rows if is_over(row.office_id, row.last_day))


def is_over(office_id: uuid.UUID, last_day: date) -> bool:
    """Whether no place of these days could be offered any more in time to be booked."""
    place, moment = office(office_id), now()
    if place is None:
        return False
    closes_at = booking_closes_at(last_day, booking_rules(place.code, moment), legal_calendar())
    return offer_until(moment, hold_minutes(place.code, moment)) > closes_at


def _end_over(entry_id: uuid.UUID) -> bool:
    with transaction():
        entry = locked_entry(entry_id)
        place = office(entry.office_id)
        if entry.state is not WaitingState.WAITING or place is None:
            return False
        end_entry(entry, "days_over", SYSTEM)
        tell_ended(entry, place, texts.DAYS_OVER_HINT)
        return True


def settle_rest(kind: Kind, indexes: Collection[bytes], actor: Actor) -> int:
    """End what the same persons still wait for in a kind, since a registrar has confirmed their place.

    Joins the open transaction: what was kept for them goes on to the next in line together with the confirmation.
    Returns how many entries ended.
    """
    theirs = sa.select(WaitingParty.entry_id).where(
        WaitingParty.open, WaitingParty.kind == kind, WaitingParty.id_number_index.in_(indexes)
    )
    ids = session().scalars(theirs.distinct()).all()
    return sum(_settle(entry_id, actor) for entry_id in sorted(ids))


def _settle(entry_id: uuid.UUID, actor: Actor) -> bool:
    entry = locked_entry(entry_id)
    if entry.state not in OPEN_STATES:
        return False
    end_entry(entry, "settled", actor)
    place = office(entry.office_id)
    if place is not None:
        tell_ended(entry, place, texts.HAS_PLACE_HINT)
    return True


def end_entry(entry: WaitingEntry, event: str, actor: Actor, reason: str | None = None) -> None:
    """End a locked open entry; what was kept for it goes to the next in line."""
    offer = locked_offer(entry.id)
    move(entry, event, WaitingState.ENDED, actor, reason=reason)
    withdraw_offer_notice(entry)
    if offer is not None:
        expire_hold(offer)


def _where(offer: Appointment) -> tuple[Slot, OfficeView]:
    slot = session().get_one(Slot, offer.slot_id)
    place = office(slot.office_id)
    if place is None:  # an office is never deleted while appointments refer to it
        raise LookupError("the office of an offer is gone")
    return slot, place
