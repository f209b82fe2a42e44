"""What the marriage room offers conversations: `workflows.chat.ports.MarriagePort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.identity import Sex
from backend.kernel.masking import mask_number
from backend.marriage import offers
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.couples import CheckedParty, PartyInput, check_for_day, read_couple, read_party
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.models import Appointment, Via
from backend.marriage.offers import OfficeView, SlotOffer, bookable_slot, office
from backend.marriage.parameters import booking_rules
from backend.marriage.queries import active_appointments
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import (
    Kind,
    State,
    age_then,
    change_closes_at,
    last_released_day,
    no_show_from,
    released_at,
)
from backend.marriage.texts import PAPERS, STATE_NAMES
from workflows.chat.ports import (
    BookedPlace,
    DayChoice,
    HeldPlace,
    OfficeChoice,
    OwnAppointment,
    PartySummary,
    Refused,
    TimeChoice,
    TypedParty,
)

KIND = Kind.MARRIAGE_REGISTRATION


class MarriageChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def offices(self) -> Sequence[OfficeChoice]:
        """All registries."""
        return [_office(place) for place in offers.offices()]

    def last_day(self, office_id: str) -> date:
        """The farthest day released."""
        moment = now()
        return last_released_day(moment, booking_rules(self._place(office_id).code, moment))

    def released_at(self, office_id: str, day: date) -> datetime:
        """When a day can be booked for the first time."""
        return released_at(day, booking_rules(self._place(office_id).code, now()))

    def free_days(self, office_id: str, first: date, last: date) -> Sequence[DayChoice]:
        """Days on which something can still be booked, with their free slots."""
        place = self._place(office_id)
        choice = _office(place)
        return [
            DayChoice(
                offer.day,
                offer.provisional,
                tuple(_choice(slot, choice) for slot in offer.slots if slot.free),
            )
            for offer in offers.free_days(place, KIND, first, last)
        ]

    def hold(self, slot_id: str) -> HeldPlace | Refused:
        """Keep a place."""
        try:
            held = hold_place(uuid.UUID(slot_id), self.person_id)
        except AppError as error:
            return _refused(error)
        return HeldPlace(_time(held.slot, self._place(str(held.slot.office_id))), held.seconds // 60)

    def release(self) -> None:
        """Give the kept place back."""
        release_hold(self.person_id)

    def check_parties(self, slot_id: str, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
        """One party alone is read; two are also checked as a couple for the day of the slot."""
        try:
            bookable = bookable_slot(uuid.UUID(slot_id))
            inputs = [_input(party) for party in parties]
            if len(inputs) == 1:
                return [_summary(read_party(inputs[0]), bookable.slot.day)]
            couple = read_couple(inputs)
            check_for_day(couple, bookable.slot.day, bookable.office, declared=True)
        except AppError as error:
            return _refused(error)
        return [_summary(party, bookable.slot.day) for party in couple]

    def book(self, slot_id: str, parties: Sequence[TypedParty]) -> BookedPlace | Refused:
        """Book; the summary they agreed to held all declarations of E4."""
        request = BookingRequest(
            KIND, uuid.UUID(slot_id), [_input(party) for party in parties], True, self.person_id, Via.CHAT
        )
        try:
            booked = book_appointment(request)
        except AppError as error:
            return _refused(error)
        rules = booking_rules(booked.office.code, now())
        return BookedPlace(booked.number, _time(booked.slot, booked.office), no_show_from(booked.slot.starts_at, rules))

    def own(self) -> Sequence[OwnAppointment]:
        """The person's active appointments, soonest first."""
        return [_own(appointment) for appointment in active_appointments(self.person_id)]

    def reschedule(self, appointment_id: str, slot_id: str) -> TimeChoice | Refused:
        """Move an appointment."""
        try:
            moved = reschedule_appointment(uuid.UUID(appointment_id), uuid.UUID(slot_id), self.person_id, Via.CHAT)
        except AppError as error:
            return _refused(error)
        return _time(moved.slot, moved.office)

    def cancel(self, appointment_id: str) -> Refused | None:
        """Give an appointment up."""
        try:
            cancel_appointment(uuid.UUID(appointment_id), self.person_id)
        except AppError as error:
            return _refused(error)
        return None

    def papers(self) -> Sequence[str]:
        """What to bring."""
        return PAPERS

    def _place(self, office_id: str) -> OfficeView:
        place = office(uuid.UUID(office_id))
        if place is None:  # an office is never deleted while conversations refer to it
            raise LookupError("the office of a conversation is gone")
        return place


def _office(place: OfficeView) -> OfficeChoice:
    return OfficeChoice(str(place.id), place.name, place.address, place.phone)


def _time(slot: SlotOffer, place: OfficeView) -> TimeChoice:
    return _choice(slot, _office(place))


def _choice(slot: SlotOffer, place: OfficeChoice) -> TimeChoice:
    return TimeChoice(str(slot.id), place, slot.starts_at, slot.ends_at, slot.free)


def _input(party: TypedParty) -> PartyInput:
    return PartyInput(name=party.name, id_number=party.number)


def _summary(party: CheckedParty, day: date) -> PartySummary:
    sex = party.identity.sex
    return PartySummary(
        party.name,
        mask_number(party.identity.number),
        None if sex is None else sex is Sex.MALE,
        age_then(party.identity, day),
    )


def _own(appointment: Appointment) -> OwnAppointment:
    slot, place = appointment.slot, appointment.slot.office
    rules = booking_rules(place.code, now())
    open_for_change = now() < change_closes_at(slot.day, rules)
    view = OfficeView(place.id, place.code, place.name, place.address, place.phone)
    offer = SlotOffer(slot.id, place.id, slot.kind, slot.day, slot.starts_at, slot.ends_at, slot.capacity - slot.taken)
    return OwnAppointment(
        str(appointment.id),
        appointment.number or "",
        STATE_NAMES[appointment.state],
        _time(offer, view),
        open_for_change and appointment.state in (State.BOOKED, State.CONFIRMED),
    )


def _refused(error: AppError) -> Refused:
    alternatives: list[TimeChoice] = []
    for free in error.extra.get("alternatives", ()):  # type: ignore[attr-defined]
        slot = bookable_slot(uuid.UUID(free["id"]))
        alternatives.append(_time(slot.slot, slot.office))
    possible = error.extra.get("possible_from")
    return Refused(
        error.code,
        error.user_text,
        tuple(alternatives),
        date.fromisoformat(possible) if isinstance(possible, str) else None,
    )
