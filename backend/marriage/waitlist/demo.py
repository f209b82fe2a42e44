"""Demonstration data: two days ahead of which every place is gone, the couples in line for them, and what became of
some.

The first day is that of the rush of `backend.marriage.rushes.demo`, whose couples without a place wait; the other is a
short day that is booked here. All by the use cases, with the clock at the moment. Nobody is told anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, clock_at, now, today
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Via
from backend.marriage.offers import DayOffer, day_offers
from backend.marriage.offices import OfficeView, office
from backend.marriage.opening import at
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.plan import in_rush
from backend.marriage.rush.rules import RequestState
from backend.marriage.rushes.demo import couple, done_at, persons
from backend.marriage.waiting.by_staff import ByTelephone, add_by_telephone, end_by_staff
from backend.marriage.waiting.join import WaitingRequest, join_waiting
from backend.marriage.waiting.leave import expire_offers, leave_waiting, pass_offer
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.offer import offer_left_over
from backend.marriage.waiting.take import accept_offer
from backend.staff.demo import accounts_by_username
from backend.storage import session, transaction
from messages import leave_alone

_KIND = Kind.MARRIAGE_REGISTRATION
_REASON = "当事人来电，已经在长乐路婚姻登记处约到号"
# Couples of the list beyond those of the rush.
_BOOKING, _TELEPHONING = 80, 100
_SHORT_DAY, _FIRST_AHEAD, _LAST_AHEAD = 16, 5, 26


def load_demo() -> None:
    """The line of the registry whose rush is settled; nothing where somebody waited already, or no rush was."""
    with transaction() as db:
        if db.scalar(sa.select(sa.exists().where(WaitingEntry.id.is_not(None)))):
            return
        rush = db.scalars(sa.select(Rush).where(Rush.seed.is_not(None)).order_by(Rush.opens_at).limit(1)).one_or_none()
        registrar = accounts_by_username().get("registrar-1")
        place = None if rush is None else office(rush.office_id)
        if rush is None or place is None or registrar is None:
            return
        _Line(place, rush, registrar.id).play()
        _play_short_day(place, rush.day, registrar.id)


@dataclass(frozen=True)
class _Waits:
    """An entry and whose it is."""

    entry_id: uuid.UUID
    person_id: uuid.UUID


@dataclass(frozen=True)
class _Line:
    """The line for the day of the rush. Places given back go to whoever is first in it."""

    place: OfficeView
    rush: Rush
    registrar: uuid.UUID

    def play(self) -> None:
        """Get in line after the rush, then what happened day after day until a moment ago."""
        given = self._requests(RequestState.PLACED)
        unplaced = self._requests(RequestState.UNPLACED)
        if len(given) < 3 or len(unplaced) < 10:
            return
        done_at(self._on(0, 10, 34), partial(self._join, unplaced[0], given[0].appointment_id))
        wishes = [partial(self._join, request) for request in unplaced[1:10]]
        line = [one for turn, join in enumerate(wishes) if (one := done_at(self._on(0, 10, 36 + 2 * turn), join))]
        if len(line) == len(wishes):
            self._first_place(given[0], line)
            self._second_place(given[1], line)
            self._ended(line)
            # The clock of this offer runs.
            _freed_at(now() - timedelta(minutes=8), partial(_give_up, given[2]))
        for request in [*given[:3], *unplaced]:
            leave_alone(request.person_id)

    def _requests(self, state: RequestState) -> Sequence[RushRequest]:
        mine = sa.and_(RushRequest.rush_id == self.rush.id, RushRequest.state == state)
        return session().scalars(sa.select(RushRequest).where(mine).order_by(RushRequest.number)).all()

    def _on(self, days: int, hour: int, minute: int) -> datetime:
        return at(self.rush.opens_at.astimezone(BEIJING).date() + timedelta(days=days), time(hour, minute))

    def _join(self, request: RushRequest, appointment_id: uuid.UUID | None = None) -> _Waits:
        """Wait for any time of the day, or for that of an appointment alone."""
        slot_id = session().scalar(sa.select(Appointment.slot_id).where(Appointment.id == appointment_id))
        both, asked_by, day = couple(request.number - 1), request.person_id, self.rush.day
        if slot_id is None:
            wish = WaitingRequest(_KIND, both, True, asked_by, request.via, self.place.id, day, day)
        else:
            wish = WaitingRequest(_KIND, both, True, asked_by, request.via, slot_id=slot_id)
        return _Waits(join_waiting(wish), asked_by)

    def _first_place(self, given: RushRequest, line: Sequence[_Waits]) -> None:
        """Not answered by the couple that wanted this time alone, and taken by the next."""
        _freed_at(self._on(1, 9, 5), partial(_give_up, given))
        _freed_at(self._on(1, 9, 35), expire_offers)
        done_at(self._on(1, 9, 47), partial(_accept, line[0]))

    def _second_place(self, given: RushRequest, line: Sequence[_Waits]) -> None:
        """Let go by one couple, which waits on, and taken by the next."""
        _freed_at(self._on(2, 14, 10), partial(_give_up, given))
        _freed_at(self._on(2, 14, 21), partial(pass_offer, line[1].entry_id, line[1].person_id))
        done_at(self._on(2, 14, 30), partial(_accept, line[2]))

    def _ended(self, line: Sequence[_Waits]) -> None:
        """One couple leaves, one is told by a registrar that it is over."""
        done_at(self._on(3, 20, 15), partial(leave_waiting, line[3].entry_id, line[3].person_id))
        ended = partial(end_by_staff, line[4].entry_id, [self.place.id], _REASON, self.registrar)
        done_at(max(_last_workday(time(16, 40)), self._on(1, 16, 40)), ended)


def _freed_at(moment: datetime, act: Callable[[], object]) -> None:
    """An act that frees a place, which is offered at once: the transaction of the loading is committed later."""
    done_at(moment, act)
    done_at(moment, offer_left_over)


def _last_workday(clock_time: time) -> datetime:
    return at(legal_calendar().previous_workday(today()), clock_time)


def _give_up(request: RushRequest) -> None:
    if request.appointment_id is not None:
        cancel_appointment(request.appointment_id, request.person_id)


def _accept(one: _Waits) -> None:
    accept_offer(one.entry_id, one.person_id, Via.API)


# --- a short day that is full ---


def _play_short_day(place: OfficeView, not_on: date, registrar: uuid.UUID) -> None:
    began = at(today() - timedelta(days=3), time(9, 10))
    with clock_at(began):
        found = _short_day(place, not_on)
    if found is None:
        return
    free = [slot.id for slot in found.slots for _ in range(slot.free)]
    booking = persons(len(free) + 1)
    for index, slot_id in enumerate(free):
        wish = BookingRequest(_KIND, slot_id, couple(_BOOKING + index), True, booking[index], Via.API)
        done_at(began + timedelta(minutes=25 * index), partial(book_appointment, wish))
    day = found.day
    waits = WaitingRequest(_KIND, couple(_TELEPHONING + 1), True, booking[-1], Via.CHAT, place.id, day, day)
    done_at(began + timedelta(hours=35), partial(join_waiting, waits))
    by_telephone = ByTelephone(place.id, _KIND, day, day, couple(_TELEPHONING))
    telephoned = max(_last_workday(time(16, 30)), began + timedelta(hours=8))
    done_at(telephoned, partial(add_by_telephone, by_telephone, registrar))
    for person_id in booking:
        leave_alone(person_id)


def _short_day(place: OfficeView, not_on: date) -> DayOffer | None:
    """A day with few places, such as a Saturday; best the one before the peak day."""
    days = day_offers(place, _KIND, today() + timedelta(days=_FIRST_AHEAD), today() + timedelta(days=_LAST_AHEAD))
    short = [one for one in days if 0 < one.free <= _SHORT_DAY and one.day != not_on and not in_rush(place.id, one.day)]
    return min(short, key=lambda one: abs(not_on - one.day), default=None)
