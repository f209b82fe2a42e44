"""Book an appointment: the use case behind the chat and `POST /api/v1/marriage/appointments`.

The slot's minutes, the appointment, its parties and the first event row are written by one statement, so that the hot
row of a rush is locked for as short as can be (docs/adr/0002). What lies over several slots locks them in order first.
The notice and both reminders are in the same transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.booking_statements import BOOK, BOOK_SEVERAL, FROM_HOLD
from backend.marriage.couples import (
    CheckedParty,
    PartyInput,
    check_for_day,
    foreign_related,
    number_index,
    party_row,
    read_parties,
)
from backend.marriage.divorce_window import may_be_rescued
from backend.marriage.full import require_long_enough, slot_full
from backend.marriage.kinds import BOOKABLE_KINDS, Declaration, Kind, plain_kind
from backend.marriage.models import Via
from backend.marriage.notices import notice_data, plan_reminders, tell_booked
from backend.marriage.numbers import next_number
from backend.marriage.offers import Bookable, OfficeView, SlotOffer, bookable_slot, offices
from backend.marriage.places import expire_hold, locked_hold, make_ready, release_expired_holds, slot_ids_of
from backend.marriage.rules import State
from backend.marriage.rush.plan import require_no_rush
from backend.marriage.sanctions.check import require_not_paused
from backend.marriage.texts import (
    ALREADY_BOOKED_ONE,
    ALREADY_BOOKED_SOMEONE,
    HOLD_GONE,
    KIND_NAMES,
    KIND_NOT_OFFERED,
    MATTERS,
    SLOT_FULL,
    SUCH,
    WITHDRAW_AT_WINDOW,
)
from backend.people.life_events import require_living
from backend.storage import atomic, broken_constraint, lean_transaction, run, session


@dataclass(frozen=True)
class BookingRequest:
    """What a couple or a person asks for.

    `declared`: everything the kind asks for was declared (domain-rules §2.4 E4, E6), but for what is `withheld`.
    `in_rush`: the place was given in a rush, to which alone the day's places belong while it runs.
    """

    kind: Kind
    slot_id: uuid.UUID
    parties: Sequence[PartyInput]
    declared: bool
    booked_by: uuid.UUID
    via: Via
    withheld: Collection[Declaration] = ()
    in_rush: bool = False


@dataclass(frozen=True)
class Booked:
    """A place that is theirs."""

    appointment_id: uuid.UUID
    number: str
    slot: SlotOffer
    office: OfficeView
    parties: tuple[CheckedParty, ...]
    created_at: datetime


def book_appointment(request: BookingRequest) -> Booked:
    """Take a place; a hold of the same person on the same slot is turned into the booking.

    Raises `AppError`: invalid (fields, pre-checks), slot_full and too_late with alternatives, already_booked,
    not_found, counter_needed (one of them was recorded dead), booking_paused (they did not come too often), rush_open.
    """
    kind = plain_kind(request.kind)
    require_bookable(kind)
    parties = read_parties(kind, request.parties)
    foreign = foreign_related(kind, parties)
    bookable = bookable_slot(
        request.slot_id,
        kind,
        foreign_related=foreign,
        rescue=may_be_rescued(kind, parties),
        late_today=request.via is Via.DESK,  # they stand at the window
    )
    check_for_day(
        parties, bookable.slot.day, bookable.office, declared=request.declared, kind=kind, withheld=request.withheld
    )
    if not request.in_rush:
        require_no_rush(bookable.office.id, bookable.slot.day)
    require_not_paused(kind, [number_index(party.identity) for party in parties], bookable.office)
    require_long_enough(bookable, foreign_related=foreign)
    try:
        return _book(request, bookable, parties)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_parties_one_active":
            raise
        # E8: the number is not repeated and nothing is said of whose booking it is.
        told = ALREADY_BOOKED_SOMEONE if len(parties) > 1 else ALREADY_BOOKED_ONE
        matter = KIND_NAMES[kind] if MATTERS[kind] == KIND_NAMES[kind] else SUCH
        raise AppError("already_booked", told.format(matter=matter), 409) from None


def require_bookable(kind: Kind) -> None:
    """Raises `AppError` invalid, which says where to go, for kinds that are not booked here."""
    if kind in BOOKABLE_KINDS:
        return
    told = KIND_NOT_OFFERED
    if kind is Kind.DIVORCE_WITHDRAWAL:
        told = WITHDRAW_AT_WINDOW.format(phone=next((place.phone for place in offices()), ""))
    raise AppError("invalid", told, 422, errors={"kind": [told]})


def _book(request: BookingRequest, bookable: Bookable, parties: tuple[CheckedParty, ...]) -> Booked:
    number, moment = next_number(), now()
    values: dict[str, object] = {
        "id": new_id(),
        "number": number,
        "slot_id": request.slot_id,
        "kind": bookable.slot.kind.value,
        "minutes": bookable.minutes,
        "others": int(not bookable.rescue),
        "booked_by": request.booked_by,
        "via": request.via.value,
        "now": moment,
        "parties": json.dumps([_as_json(party_row(party, place)) for place, party in enumerate(parties)]),
    }
    # In a rush nobody waits for the reply: they asked before, and are told.
    take = _book_in_chat if request.via is Via.CHAT and not request.in_rush else _book_at_once
    with lean_transaction():
        require_living(request.booked_by, number_indexes=[number_index(party.identity) for party in parties])
        appointment_id = take(request.booked_by, bookable, values)
    return Booked(appointment_id, number, bookable.slot, bookable.office, parties, moment)


def _book_in_chat(person_id: uuid.UUID, bookable: Bookable, values: Mapping[str, Any]) -> uuid.UUID:
    """The held place, or any other; the reply itself tells them. What fails is undone alone, for the turn goes on."""
    with atomic():
        held = run(FROM_HOLD, values).fetchone()
        appointment_id: uuid.UUID = held.id if held else values["id"]
        if not held:
            _give_own_hold_back(person_id, bookable)
        if not held and not _take_and_book(bookable, values):
            raise slot_full(bookable.office, bookable.slot, HOLD_GONE)
        plan_reminders(appointment_id, person_id, bookable.slot.starts_at, _told(bookable, values), first=True)
    return appointment_id


def _give_own_hold_back(person_id: uuid.UUID, bookable: Bookable) -> None:
    """A hold of other minutes - foreign-related couples need more - or of another kind must not be in their way."""
    hold = locked_hold(person_id)
    wanted = {part.slot_id for part in bookable.parts}
    if hold is None or not wanted & slot_ids_of([hold]):
        return
    make_ready(wanted | slot_ids_of([hold]))
    if hold.state is State.HELD:
        expire_hold(hold)
    session().flush()


def _book_at_once(person_id: uuid.UUID, bookable: Bookable, values: Mapping[str, Any]) -> uuid.UUID:
    """A free place. A refusal ends the transaction, so whatever does not need the slot's row is done before it is
    locked: in a rush everybody waits for that row.
    """
    appointment_id: uuid.UUID = values["id"]
    with lean_transaction():
        if not bookable.slot.free and not release_expired_holds(slot_ids=[part.slot_id for part in bookable.parts]):
            raise slot_full(bookable.office, bookable.slot, SLOT_FULL)
        data = _told(bookable, values)
        tell_booked(appointment_id, person_id, data)
        plan_reminders(appointment_id, person_id, bookable.slot.starts_at, data, first=True)
        if not _take_and_book(bookable, values):
            raise slot_full(bookable.office, bookable.slot, SLOT_FULL)
    return appointment_id


def _told(bookable: Bookable, values: Mapping[str, Any]) -> dict[str, str]:
    slot = bookable.slot
    return notice_data(bookable.office.name, slot.starts_at, values["number"], slot.kind)


def _take_and_book(bookable: Bookable, values: Mapping[str, Any]) -> bool:
    if len(bookable.parts) > 1:
        slot_ids = [part.slot_id for part in bookable.parts]
        make_ready(slot_ids)
        parts = {"slot_ids": slot_ids, "part_minutes": [part.minutes for part in bookable.parts]}
        return run(BOOK_SEVERAL, {**values, **parts}).fetchone() is not None
    if run(BOOK, values).fetchone():
        return True
    return bool(release_expired_holds(slot_ids=[values["slot_id"]]) and run(BOOK, values).fetchone())


def _as_json(row: dict[str, object]) -> dict[str, object]:
    return {
        column: value.hex() if isinstance(value, bytes) else str(value) if isinstance(value, uuid.UUID) else value
        for column, value in row.items()
    }
