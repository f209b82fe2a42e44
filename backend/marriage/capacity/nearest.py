"""Which free times suit an appointment that loses its own, the nearest first (domain-rules §2.5-4)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice

from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.marriage.capacity.affected import windows_of
from backend.marriage.couples import CheckedParty, check_for_day, foreign_related
from backend.marriage.divorce_window import may_be_rescued
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Slot
from backend.marriage.offers import DayOffer, OfficeView, SlotOffer, day_offers, free_days, office
from backend.marriage.opening import last_released_day
from backend.marriage.parameters import booking_rules
from backend.marriage.stored_parties import checked_parties
from backend.storage import transaction

# Whoever is to come earlier than they had planned hears of it so many days before.
_NOTICE = timedelta(days=3)
# Nobody is sent to a time that begins before they have read of it.
_ON_THE_WAY = timedelta(hours=1)
_MOST_DAYS, _MOST_TIMES, _MOST_TODAY = 15, 3, 12


@dataclass(frozen=True)
class Displaced:
    """An appointment that loses its time, with all that its new one depends on."""

    appointment: Appointment
    place: OfficeView
    couple: Sequence[CheckedParty]
    old_starts_at: datetime

    @property
    def foreign(self) -> bool:
        """Whether one of them is not of the mainland."""
        return foreign_related(self.appointment.kind, self.couple)

    @property
    def rescue(self) -> bool:
        """Whether what is held back for closing windows is theirs as well."""
        return may_be_rescued(self.appointment.kind, self.couple)

    @property
    def of_today(self) -> bool:
        """Whether it is a time of today that they lose."""
        return self.old_starts_at.date() == today()


def suiting(appointment_id: uuid.UUID, without: Collection[uuid.UUID] = (), most: int = 10) -> Sequence[SlotOffer]:
    """Free times for an appointment that may have to be moved, nearest first; for a look, so nothing is locked."""
    with transaction() as db:
        appointment = db.get_one(Appointment, appointment_id)
        slot = db.get_one(Slot, appointment.slot_id)
        place = office(slot.office_id)
        if place is None:  # an office is never deleted while appointments refer to it
            raise LookupError("the office of an appointment is gone")
        lost = Displaced(appointment, place, checked_parties(appointment_id), slot.starts_at.astimezone(BEIJING))
        return list(islice((one for one in nearest(lost) if one.id not in without), most))


def nearest(case: Displaced) -> Iterator[SlotOffer]:
    """Free times that suit, the nearest day first and on it those nearest to the old time of day."""
    wanted = case.old_starts_at
    for offer in sorted(_days(case), key=lambda offer: _distance(offer.day, wanted.date()))[:_MOST_DAYS]:
        if not _suits(case, offer.day):
            continue
        shift = offer.day - wanted.date()
        free = [slot for slot in offer.slots if slot.free]
        most = _MOST_TODAY if offer.day == today() else _MOST_TIMES
        yield from sorted(free, key=lambda slot, at=wanted + shift: abs(slot.starts_at - at))[:most]  # type: ignore[misc]


def _days(case: Displaced) -> Sequence[DayOffer]:
    rules = booking_rules(case.place.code, now())
    first, last = today() + timedelta(days=1), last_released_day(now(), rules)
    certificate = case.appointment.kind is Kind.DIVORCE_CERTIFICATE
    if certificate:
        first, last = _window(case, first, last)
    days = free_days(case.place, case.appointment.kind, first, last, foreign_related=case.foreign, rescue=case.rescue)
    earliest = today() + _NOTICE
    old = case.old_starts_at.date()
    return [*_later_today(case), *(offer for offer in days if certificate or offer.day >= min(old, earliest))]


def _later_today(case: Displaced) -> Sequence[DayOffer]:
    """Whoever loses a time of today has taken the day off, and may be on the way: later today is nearest to it."""
    if not case.of_today:
        return []
    soon, kind = now() + _ON_THE_WAY, case.appointment.kind
    offers = day_offers(case.place, kind, today(), today(), foreign_related=case.foreign, rescue=case.rescue)
    return [replace(one, slots=tuple(slot for slot in one.slots if slot.starts_at >= soon)) for one in offers]


def _window(case: Displaced, first: date, last: date) -> tuple[date, date]:
    """Within the couple's divorce window (§2.4 E7)."""
    found = windows_of([case.appointment.id]).get(case.appointment.id)
    return (first, last) if found is None else (max(first, found.win_first), min(last, found.win_last))


def check_day(case: Displaced, day: date) -> None:
    """What the day itself decides (§2.4): the window of a certificate, and the age where they would come earlier.

    The rest was checked when they booked, and is looked at again at the window: nobody loses their place by a move.
    """
    kind = case.appointment.kind
    if kind is Kind.DIVORCE_CERTIFICATE or day < case.old_starts_at.date():
        check_for_day(case.couple, day, case.place, declared=True, kind=kind)


def _suits(case: Displaced, day: date) -> bool:
    try:
        check_day(case, day)
    except AppError:
        return False
    return True


def _distance(day: date, wanted: date) -> tuple[int, bool]:
    """Days between, a later one before an earlier one."""
    return abs((day - wanted).days), day < wanted
