"""Book an appointment for a couple: the use case behind the chat and `POST /api/v1/marriage/appointments`.

The slot's place, the appointment, both parties and the first event row are written by one statement, so that the hot
row of a rush is locked for as short as can be (docs/adr/0002). The notice and both reminders are in the same
transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, PartyInput, check_for_day, number_index, party_row, read_couple
from backend.marriage.full import slot_full
from backend.marriage.models import Via
from backend.marriage.notices import notice_data, plan_reminders, tell_booked
from backend.marriage.numbers import next_number
from backend.marriage.offers import Bookable, OfficeView, SlotOffer, bookable_slot
from backend.marriage.places import release_expired_holds
from backend.marriage.rules import BOOKABLE_KINDS, Kind
from backend.marriage.texts import ALREADY_BOOKED_SOMEONE, HOLD_GONE, KIND_NOT_OFFERED, OTHER_OFFICE_KIND, SLOT_FULL
from backend.people.life_events import require_living
from backend.storage import atomic, broken_constraint, lean_transaction, run


@dataclass(frozen=True)
class BookingRequest:
    """What a couple asks for. `declared`: both tick all four declarations of E4 (domain-rules §2.4)."""

    kind: Kind
    slot_id: uuid.UUID
    parties: Sequence[PartyInput]
    declared: bool
    booked_by: uuid.UUID
    via: Via


@dataclass(frozen=True)
class Booked:
    """A place that is theirs."""

    appointment_id: uuid.UUID
    number: str
    slot: SlotOffer
    office: OfficeView
    parties: tuple[CheckedParty, CheckedParty]
    created_at: datetime


def book_appointment(request: BookingRequest) -> Booked:
    """Take a place for a couple; a hold of the same person on the same slot is turned into the booking.

    Raises `AppError`: invalid (fields, pre-checks), slot_full with alternatives, already_booked, too_late, not_found,
    counter_needed (one of them was recorded dead).
    """
    if request.kind not in BOOKABLE_KINDS:
        raise AppError("invalid", KIND_NOT_OFFERED, 422, errors={"kind": [KIND_NOT_OFFERED]})
    couple = read_couple(request.parties)
    bookable = bookable_slot(request.slot_id)
    if bookable.slot.kind is not request.kind:
        raise AppError("invalid", OTHER_OFFICE_KIND, 422, errors={"slot_id": [OTHER_OFFICE_KIND]})
    check_for_day(couple, bookable.slot.day, bookable.office, declared=request.declared)
    try:
        return _book(request, bookable, couple)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_parties_one_active":
            raise
        # E8: the number is not repeated and nothing is said of whose booking it is.
        raise AppError("already_booked", ALREADY_BOOKED_SOMEONE, 409) from None


def _book(request: BookingRequest, bookable: Bookable, couple: tuple[CheckedParty, CheckedParty]) -> Booked:
    number, moment = next_number(), now()
    values: dict[str, object] = {
        "id": new_id(),
        "number": number,
        "slot_id": request.slot_id,
        "kind": request.kind.value,
        "booked_by": request.booked_by,
        "via": request.via.value,
        "now": moment,
        "parties": json.dumps([_as_json(party_row(party, place)) for place, party in enumerate(couple)]),
    }
    take = _book_in_chat if request.via is Via.CHAT else _book_at_once
    with lean_transaction():
        require_living(request.booked_by, number_indexes=[number_index(party.identity) for party in couple])
        appointment_id = take(request.booked_by, bookable, values)
    return Booked(appointment_id, number, bookable.slot, bookable.office, couple, moment)


def _book_in_chat(person_id: uuid.UUID, bookable: Bookable, values: Mapping[str, Any]) -> uuid.UUID:
    """The held place, or any other; the reply itself tells them. What fails is undone alone, for the turn goes on."""
    with atomic():
        held = run(_FROM_HOLD, values).fetchone()
        appointment_id: uuid.UUID = held.id if held else values["id"]
        if not held and not _take_and_book(values):
            raise slot_full(bookable.office, bookable.slot, HOLD_GONE)
        plan_reminders(appointment_id, person_id, bookable.slot.starts_at, _told(bookable, values), first=True)
    return appointment_id


def _book_at_once(person_id: uuid.UUID, bookable: Bookable, values: Mapping[str, Any]) -> uuid.UUID:
    """A free place. A refusal ends the transaction, so whatever does not need the slot's row is done before it is
    locked: in a rush everybody waits for that row.
    """
    appointment_id: uuid.UUID = values["id"]
    with lean_transaction():
        if not bookable.slot.free and not release_expired_holds(slot_id=bookable.slot.id):
            raise slot_full(bookable.office, bookable.slot, SLOT_FULL)
        data = _told(bookable, values)
        tell_booked(appointment_id, person_id, data)
        plan_reminders(appointment_id, person_id, bookable.slot.starts_at, data, first=True)
        if not _take_and_book(values):
            raise slot_full(bookable.office, bookable.slot, SLOT_FULL)
    return appointment_id


def _told(bookable: Bookable, values: Mapping[str, Any]) -> dict[str, str]:
    return notice_data(bookable.office.name, bookable.slot.starts_at, values["number"])


def _take_and_book(values: Mapping[str, Any]) -> bool:
    if run(_BOOK, values).fetchone():
        return True
    return bool(release_expired_holds(slot_id=values["slot_id"]) and run(_BOOK, values).fetchone())


def _as_json(row: dict[str, object]) -> dict[str, object]:
    return {
        column: value.hex() if isinstance(value, bytes) else str(value) if isinstance(value, uuid.UUID) else value
        for column, value in row.items()
    }


_PARTIES_AND_EVENT = """
    parties AS (
        INSERT INTO marriage_parties (id, appointment_id, active, position, kind, name_sealed, name_index,
            id_type, id_number_sealed, id_number_index, last4, sex, phone_sealed, phone_last4, resident_group)
        SELECT party.id, appointment.id, true, party.position, :kind, decode(party.name_sealed, 'hex'),
            decode(party.name_index, 'hex'), party.id_type, decode(party.id_number_sealed, 'hex'),
            decode(party.id_number_index, 'hex'), party.last4, party.sex, decode(party.phone_sealed, 'hex'),
            party.phone_last4, party.resident_group
        FROM appointment, jsonb_to_recordset(CAST(:parties AS jsonb)) AS party(id uuid, position smallint,
            name_sealed text, name_index text, id_type text, id_number_sealed text, id_number_index text, last4 text,
            sex text, phone_sealed text, phone_last4 text, resident_group text)
    ),
    event AS (
        INSERT INTO marriage_appointment_events
            (appointment_id, at, name, actor_kind, actor_id, from_state, to_state)
        SELECT id, :now, 'booked', 'resident', :booked_by, from_state, 'booked' FROM appointment
    )
    SELECT id FROM appointment
"""

_BOOK = sa.text(
    f"""
    WITH place AS (
        UPDATE marriage_slots SET taken = taken + 1 WHERE id = :slot_id AND taken < capacity RETURNING id
    ),
    appointment AS (
        INSERT INTO marriage_appointments
            (id, number, slot_id, kind, state, booked_by, via, rescheduled, created_at, changed_at)
        SELECT :id, :number, place.id, :kind, 'booked', :booked_by, :via, 0, :now, :now FROM place
        RETURNING id, CAST(NULL AS varchar) AS from_state
    ),
    {_PARTIES_AND_EVENT}
    """  # noqa: S608 - only the constant above is put in
)

_FROM_HOLD = sa.text(
    f"""
    WITH appointment AS (
        UPDATE marriage_appointments
        SET state = 'booked', number = :number, hold_expires_at = NULL, changed_at = :now
        WHERE booked_by = :booked_by AND slot_id = :slot_id AND state = 'held' AND hold_expires_at > :now
        RETURNING id, 'held' AS from_state
    ),
    {_PARTIES_AND_EVENT}
    """  # noqa: S608 - only the constant above is put in
)
