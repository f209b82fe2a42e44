"""Use case `accept_offer`: the place that is kept for somebody becomes their appointment."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.couples import CheckedParty, check_for_day
from backend.marriage.history import record
from backend.marriage.models import Appointment, Slot, Via
from backend.marriage.notices import notice_data, plan_reminders, tell_booked
from backend.marriage.numbers import next_number
from backend.marriage.offers import OfficeView, office
from backend.marriage.rules import State
from backend.marriage.waiting.history import locked_entry, locked_offer, move
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.notices import withdraw_offer_notice
from backend.marriage.waiting.parties import give_parties, indexes_of, waiting_parties
from backend.marriage.waiting.rules import WaitingState
from backend.marriage.waiting.texts import HAVE_PLACE, NO_OFFER, OFFER_GONE
from backend.people.life_events import require_living
from backend.storage import atomic, broken_constraint, session


@dataclass(frozen=True)
class TakenPlace:
    """The appointment that was made of an offer."""

    appointment_id: uuid.UUID
    number: str
    slot: Slot
    place: OfficeView


def accept_offer(entry_id: uuid.UUID, person_id: uuid.UUID, via: Via, actor: Actor | None = None) -> TakenPlace:
    """Take exactly the place that is kept; taking it twice is the same as once. In the chat the reply tells them.

    `actor`: a registrar who was told so on the telephone.

    Raises `AppError`: not_found (also for another's), state_conflict while nothing is offered, too_late once the time
    ran out, already_booked, invalid (outside the window of their case), counter_needed.
    """
    try:
        with atomic():
            parties = waiting_parties(entry_id)
            require_living(person_id, number_indexes=indexes_of(parties))
            entry = locked_entry(entry_id, person_id)
            if entry.state is WaitingState.BOOKED:
                return _taken_before(entry)
            return _book(entry, _offer_of(entry), parties, via, actor or Actor("resident", person_id))
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_parties_one_active":
            raise
        raise AppError("already_booked", HAVE_PLACE, 409) from None


def _offer_of(entry: WaitingEntry) -> Appointment:
    offer = locked_offer(entry.id) if entry.state is WaitingState.OFFERED else None
    if offer is None:
        raise AppError("state_conflict", NO_OFFER, 409, extra={"state": entry.state.value})
    if offer.hold_expires_at is not None and offer.hold_expires_at <= now():
        raise AppError("too_late", OFFER_GONE, 409)
    return offer


def _book(
    entry: WaitingEntry, offer: Appointment, parties: Sequence[CheckedParty], via: Via, actor: Actor
) -> TakenPlace:
    taken = _described(offer)
    check_for_day(parties, taken.slot.day, taken.place, declared=True, kind=entry.kind)
    offer.state, offer.number, offer.hold_expires_at = State.BOOKED, next_number(), None
    offer.via, offer.changed_at = via, now()
    session().flush()
    give_parties(offer.id, offer.kind, parties)
    record(offer.id, "booked", actor, State.HELD, State.BOOKED)
    move(entry, "accepted", WaitingState.BOOKED, actor, offer.slot_id)
    withdraw_offer_notice(entry)
    data = notice_data(taken.place.name, taken.slot.starts_at, offer.number, offer.kind)
    plan_reminders(offer.id, entry.person_id, taken.slot.starts_at, data, first=True)
    if via is not Via.CHAT:
        tell_booked(offer.id, entry.person_id, data)
    return _described(offer)


def _taken_before(entry: WaitingEntry) -> TakenPlace:
    mine = sa.select(Appointment).where(Appointment.waiting_id == entry.id, Appointment.number.is_not(None))
    return _described(session().scalars(mine.order_by(Appointment.created_at.desc()).limit(1)).one())


def _described(offer: Appointment) -> TakenPlace:
    slot = session().scalars(sa.select(Slot).where(Slot.id == offer.slot_id).options(joinedload(Slot.office))).one()
    place = office(slot.office_id) or OfficeView(
        slot.office.id, slot.office.code, slot.office.name, slot.office.address, slot.office.phone
    )
    return TakenPlace(offer.id, offer.number or "", slot, place)
