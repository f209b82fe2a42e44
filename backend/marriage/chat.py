"""What the marriage room offers conversations: `workflows.chat.ports.MarriagePort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from backend.h5.sessions import HOME
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType, Sex, clean_number
from backend.kernel.masking import mask_number
from backend.marriage import offers
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity.choice import being_moved
from backend.marriage.couples import (
    CheckedParty,
    PartyInput,
    check_for_day,
    parties_wanted,
    read_parties,
    read_party,
)
from backend.marriage.days import office_plan
from backend.marriage.hold import hold_place, release_hold
from backend.marriage.kinds import is_foreign_related
from backend.marriage.models import Appointment, Via
from backend.marriage.offers import OfficeView, SlotOffer, bookable_slot, office
from backend.marriage.opening import opens_at
from backend.marriage.papers.asked import usual_papers
from backend.marriage.parameters import booking_rules
from backend.marriage.partners.tell import confirm_coming, has_confirmed
from backend.marriage.queries import active_appointments
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import (
    Kind,
    ResidentGroup,
    State,
    age_then,
    change_closes_at,
    last_released_day,
    no_show_from,
)
from backend.marriage.sanctions import warn
from backend.marriage.texts import STATE_NAMES
from backend.people.rights.notice import public_address
from backend.storage import transaction
from workflows.chat.ports import (
    MARRIAGE,
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

# domain-rules §1.3-3: areas of 港澳台居民居住证; numbers of 外国人永久居留身份证 begin with 9.
_GROUPS = {
    "81": (IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT, ResidentGroup.HONG_KONG),
    "82": (IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT, ResidentGroup.MACAU),
    "83": (IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT, ResidentGroup.TAIWAN),
}
_MAINLAND = (IdType.RESIDENT_IDENTITY_CARD, ResidentGroup.MAINLAND)
_FOREIGN = (IdType.FOREIGN_PERMANENT_RESIDENT_CARD, ResidentGroup.FOREIGN)


class MarriageChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def offices(self) -> Sequence[OfficeChoice]:
        """All registries."""
        return [office_choice(place) for place in offers.offices()]

    def last_day(self, office_id: str) -> date:
        """The farthest day released."""
        moment = now()
        return last_released_day(moment, booking_rules(self._place(office_id).code, moment))

    def released_at(self, office_id: str, day: date) -> datetime:
        """When a day can be booked for the first time."""
        return opens_at(office_plan(self._place(office_id), now()), day)

    def free_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[DayChoice]:
        """Days on which something can still be booked, with their free slots."""
        place = self._place(office_id)
        choice = office_choice(place)
        return [
            DayChoice(
                offer.day,
                offer.provisional,
                tuple(_choice(slot, choice) for slot in offer.slots if slot.free),
            )
            for offer in offers.free_days(place, Kind(kind), first, last)
        ]

    def full_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[date]:
        """Days that can be booked, but for all places being taken."""
        return offers.full_days(self._place(office_id), Kind(kind), first, last)

    def hold(self, slot_id: str, kind: str = MARRIAGE) -> HeldPlace | Refused:
        """Keep a place."""
        try:
            held = hold_place(uuid.UUID(slot_id), self.person_id, Kind(kind))
        except AppError as error:
            return refused(error)
        return HeldPlace(_time(held.slot, self._place(str(held.slot.office_id))), held.seconds // 60)

    def release(self) -> None:
        """Give the kept place back."""
        release_hold(self.person_id)

    def parties_wanted(self, office_id: str, kind: str) -> Sequence[int]:
        """How many persons give their names."""
        return parties_wanted(Kind(kind), self._place(office_id))

    def check_parties(
        self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE
    ) -> Sequence[PartySummary] | Refused:
        """Who is not complete yet is only read; the others are checked for the day of the slot."""
        wanted_kind = Kind(kind)
        inputs = [party_input(party) for party in parties]
        groups = frozenset(party.resident_group for party in inputs)
        try:
            bookable = bookable_slot(
                uuid.UUID(slot_id), wanted_kind, foreign_related=is_foreign_related(wanted_kind, groups)
            )
            day = bookable.slot.day
            if len(inputs) not in parties_wanted(wanted_kind, bookable.office):
                return [party_summary(read_party(party), day) for party in inputs]
            checked = read_parties(wanted_kind, inputs, bookable.office)
            check_for_day(checked, day, bookable.office, declared=True, kind=wanted_kind)
        except AppError as error:
            return refused(error)
        return [party_summary(party, day) for party in checked]

    def book(self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE) -> BookedPlace | Refused:
        """Book; the summary they agreed to held all declarations of E4 and E6."""
        request = BookingRequest(
            Kind(kind), uuid.UUID(slot_id), [party_input(party) for party in parties], True, self.person_id, Via.CHAT
        )
        try:
            booked = book_appointment(request)
        except AppError as error:
            return refused(error)
        rules = booking_rules(booked.office.code, now())
        return BookedPlace(booked.number, _time(booked.slot, booked.office), no_show_from(booked.slot.starts_at, rules))

    def own(self) -> Sequence[OwnAppointment]:
        """The person's active appointments, soonest first."""
        found = active_appointments(self.person_id)
        confirmed = has_confirmed([one.id for one in found if one.booked_by != self.person_id], self.person_id)
        moving = being_moved([one.id for one in found])
        return [
            _own(one, mine=one.booked_by == self.person_id, confirmed=one.id in confirmed, free=one.id in moving)
            for one in found
        ]

    def reschedule(self, appointment_id: str, slot_id: str) -> TimeChoice | Refused:
        """Move an appointment."""
        try:
            moved = reschedule_appointment(uuid.UUID(appointment_id), uuid.UUID(slot_id), self.person_id, Via.CHAT)
        except AppError as error:
            return refused(error)
        return _time(moved.slot, moved.office)

    def confirm_coming(self, appointment_id: str) -> Refused | None:
        """Say that one comes, as the one who did not book."""
        try:
            confirm_coming(uuid.UUID(appointment_id), self.person_id)
        except AppError as error:
            return refused(error)
        return None

    def cancel(self, appointment_id: str) -> Refused | None:
        """Give an appointment up."""
        try:
            cancel_appointment(uuid.UUID(appointment_id), self.person_id)
        except AppError as error:
            return refused(error)
        return None

    def if_absent(self, appointment_id: str) -> str:
        """What not coming would do."""
        with transaction() as db:
            return warn.if_absent(db.get_one(Appointment, uuid.UUID(appointment_id)))

    def if_cancelled(self, appointment_id: str) -> str:
        """What cancelling would do; nothing where the registry took the time away."""
        if being_moved([uuid.UUID(appointment_id)]):
            return ""
        with transaction() as db:
            return warn.if_cancelled(db.get_one(Appointment, uuid.UUID(appointment_id)))

    def papers(self, kind: str = MARRIAGE, office_id: str = "") -> Sequence[str]:
        """What to bring."""
        place = office(uuid.UUID(office_id)) if office_id else None
        return usual_papers(Kind(kind), office_code=place.code if place else "").spoken

    def _place(self, office_id: str) -> OfficeView:
        place = office(uuid.UUID(office_id))
        if place is None:  # an office is never deleted while conversations refer to it
            raise LookupError("the office of a conversation is gone")
        return place


def office_choice(place: OfficeView) -> OfficeChoice:
    """A registry as conversations name it."""
    return OfficeChoice(str(place.id), place.name, place.address, place.phone)


def _time(slot: SlotOffer, place: OfficeView) -> TimeChoice:
    return _choice(slot, office_choice(place))


def _choice(slot: SlotOffer, place: OfficeChoice) -> TimeChoice:
    return TimeChoice(str(slot.id), place, slot.starts_at, slot.ends_at, slot.free)


def party_input(party: TypedParty) -> PartyInput:
    """What was typed, with the kind of paper its number tells."""
    number = clean_number(party.number)
    is_foreign = len(number) == 18 and number.startswith("9")
    id_type, group = _FOREIGN if is_foreign else _GROUPS.get(number[:2], _MAINLAND)
    return PartyInput(name=party.name, id_number=party.number, id_type=id_type, resident_group=group)


def party_summary(party: CheckedParty, day: date) -> PartySummary:
    """A party as read back for checking on the day of the appointment."""
    sex = party.identity.sex
    return PartySummary(
        party.name,
        mask_number(party.identity.number),
        None if sex is None else sex is Sex.MALE,
        age_then(party.identity, day),
    )


def _own(appointment: Appointment, *, mine: bool, confirmed: bool, free: bool) -> OwnAppointment:
    """`free`: the registry took their time away, so no cut-off holds (§2.5-4)."""
    slot, place = appointment.slot, appointment.slot.office
    rules = booking_rules(place.code, now())
    open_for_change = free or now() < change_closes_at(slot.day, rules)
    view = OfficeView(place.id, place.code, place.name, place.address, place.phone)
    until = max(slot.ends_at, slot.starts_at + timedelta(minutes=appointment.minutes))
    offer = SlotOffer(slot.id, place.id, appointment.kind, slot.day, slot.starts_at, until, 0)
    return OwnAppointment(
        str(appointment.id),
        appointment.number or "",
        STATE_NAMES[appointment.state],
        _time(offer, view),
        open_for_change and appointment.state in (State.BOOKED, State.CONFIRMED),
        appointment.kind.value,
        mine,
        confirmed,
        public_address(HOME),
    )


def refused(error: AppError) -> Refused:
    """A refusal as conversations take it."""
    alternatives: list[TimeChoice] = []
    for free in error.extra.get("alternatives", ()):  # type: ignore[attr-defined]
        kind = Kind(str(error.extra.get("kind", Kind.MARRIAGE_REGISTRATION)))
        slot = bookable_slot(uuid.UUID(free["id"]), kind)
        alternatives.append(_time(slot.slot, slot.office))
    possible = error.extra.get("possible_from")
    return Refused(
        error.code,
        error.user_text,
        tuple(alternatives),
        date.fromisoformat(possible) if isinstance(possible, str) else None,
    )
