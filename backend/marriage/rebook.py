"""Use case `book_again`: a couple whose papers were not in order takes a new time before they leave the window."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from backend.kernel.errors import AppError
from backend.marriage.book import Booked, BookingRequest, book_appointment
from backend.marriage.capacity.nearest import suiting
from backend.marriage.couples import CheckedParty, PartyInput
from backend.marriage.history import locked_appointment
from backend.marriage.models import Via
from backend.marriage.offers import SlotOffer
from backend.marriage.rules import State
from backend.marriage.stored_parties import checked_parties
from backend.marriage.texts import NOT_AGAIN
from backend.storage import atomic

# As many as there are digits on the keyboard.
MOST_TIMES = 9
# So many of each day, so that several days are among them.
_A_DAY, _LOOKED_AT = 3, 40


def times_to_come_again(appointment_id: uuid.UUID) -> Sequence[SlotOffer]:
    """Free times that suit the couple, in order, today's among them: the missing paper may lie at home."""
    by_day: dict[date, list[SlotOffer]] = defaultdict(list)
    for slot in suiting(appointment_id, most=_LOOKED_AT):
        if len(by_day[slot.day]) < _A_DAY:
            by_day[slot.day].append(slot)
    return sorted((slot for slots in by_day.values() for slot in slots), key=lambda slot: slot.starts_at)[:MOST_TIMES]


def book_again(appointment_id: uuid.UUID, slot_id: uuid.UUID) -> Booked:
    """Book the same couple anew, for whoever booked before, who is told as ever; nothing is typed twice.

    Raises `AppError`: state_conflict unless their papers failed, already_booked when pressed twice, and as
    `book_appointment` does.
    """
    with atomic():
        appointment = locked_appointment(appointment_id)
        if appointment.state is not State.FAILED_DOCUMENTS:
            raise AppError("state_conflict", NOT_AGAIN, 409, extra={"state": appointment.state.value})
        request = BookingRequest(
            kind=appointment.kind,
            slot_id=slot_id,
            parties=[_given(party) for party in checked_parties(appointment_id)],
            declared=True,  # they stood at the window and have just declared it
            booked_by=appointment.booked_by,
            via=Via.DESK,
        )
        return book_appointment(request)


def _given(party: CheckedParty) -> PartyInput:
    return PartyInput(party.name, party.identity.number, party.identity.id_type, party.phone, party.resident_group)
