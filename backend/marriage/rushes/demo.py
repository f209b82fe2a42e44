"""Demonstration data: a rush of some days ago whose day is still to come, with its proof, and one that opens soon.

The couples are invented and their numbers of the test-only area 100000; nobody of them is told anything. Everything is
done by the use cases, with the clock at the moment; where a day does not lend itself to it, less is loaded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import clock_at, now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import check_character
from backend.kernel.ids import new_id
from backend.marriage.couples import PartyInput
from backend.marriage.days import PeakSetting, forget_days, office_plan, set_peak_day
from backend.marriage.demo import Couple
from backend.marriage.kinds import Kind
from backend.marriage.lay_out import Applied, add_slots, lay_out_anew
from backend.marriage.models import Appointment, Closure, Slot, Via
from backend.marriage.offices import OfficeView, offices
from backend.marriage.opening import at, plan
from backend.marriage.rush.ask import Asking, ask_in_rush
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.peaks import watch_peak
from backend.marriage.rush.plan import announce, forget_rushes
from backend.marriage.rush.rules import DayPart, RushMode
from backend.marriage.rush.settle import settle_rushes
from backend.marriage.rush.withdraw import withdraw_request
from backend.people.models import Person
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY
from backend.storage import atomic, session, transaction
from messages import leave_alone

Result = TypeVar("Result")

_OPENS, _LASTS = time(10, 0), timedelta(minutes=30)
_ANNOUNCED = timedelta(days=7)
# Thirteen half hours of three windows online.
_HOURS = [["09:00", "12:00"], ["13:30", "17:00"]]
_EXTRA_WINDOWS, _SHARE = 2, 0.75
_REQUESTS, _WITHDRAWN = 74, (9, 27, 41, 58)
# The first and the last request come so many milliseconds after the opening, a third of all in the first minute.
_FIRST_AFTER, _LAST_AFTER = 1_140, 1_500_000
# Few like the afternoon.
_PARTS = (DayPart.ANY, DayPart.MORNING, DayPart.ANY, DayPart.MORNING, DayPart.AFTERNOON, DayPart.ANY)
_SERVED_EVERY = 24  # requests
_WATCHES = 5
_DAYS_AGO, _LEAST_AHEAD, _OPENS_IN, _FURTHEST = 6, 9, 3, 45
# Days that people like to marry on, beside 1-1, 2-2 … 12-12.
_LIKED = frozenset({(2, 14), (5, 20), (5, 21)})


def load_demo() -> None:
    """The past one at the first registry, the one to come at the second; nothing where rushes are already."""
    with transaction() as db:
        places = {place.code: place for place in offices()}
        if db.scalar(sa.select(sa.exists().where(Rush.id.is_not(None)))):
            return
        first, second = places.get(XINCHENG_REGISTRY), places.get(CHANGLE_REGISTRY)
        day = None if first is None else next(_rest_days(first), None)
        if first is not None and day is not None:
            _play_past(first, day)
        day = None if second is None else next(_days_to_come(second), None)
        if second is not None and day is not None:
            _announce_next(second, day)


def couple(index: int) -> list[PartyInput]:
    """The two of a place in the list, of whom the rush knows the first, all grown up; other rooms' have other
    numbers.
    """
    named = Couple(index)
    grooms, brides = date(1993, 3, 1), date(1995, 5, 1)
    serial = 301 + 2 * (index % 140)
    return [
        _party(named.groom.name, grooms + timedelta(days=53 * index % 2900), serial),
        _party(named.bride.name, brides + timedelta(days=41 * index % 2500), serial + 1),
    ]


def _party(name: str, born: date, serial: int) -> PartyInput:
    first17 = f"100000{born:%Y%m%d}{serial:03d}"
    return PartyInput(name, first17 + check_character(first17), phone=f"1390003{born:%m}{serial % 100:02d}")


def persons(count: int) -> list[uuid.UUID]:
    """So many persons without a name or a WeChat of their own."""
    made = [Person(id=new_id(), created_at=now()) for _ in range(count)]
    session().add_all(made)
    session().flush()
    return [one.id for one in made]


def done_at(moment: datetime, act: Callable[[], Result]) -> Result | None:
    """What the act returns at a moment; None where it is refused, and then nothing is left of it."""
    with clock_at(moment), suppress(AppError), atomic():
        return act()
    return None


# --- the one that is over ---


def _rest_days(place: OfficeView) -> Iterator[date]:
    """Rest days to come on which the registry is not open as a rule, so that nothing is laid out: Sundays."""
    for ahead in range(_LEAST_AHEAD, _FURTHEST):
        day = today() + timedelta(days=ahead)
        if not legal_calendar().is_workday(day) and _untouched(place, day, laid_out=False):
            yield day


def _untouched(place: OfficeView, day: date, *, laid_out: bool) -> bool:
    """Whether the registry is not closed on a day and nobody has a place; `laid_out`: free slots do not matter."""
    here = sa.and_(Slot.office_id == place.id, Slot.day == day)
    closed = sa.and_(Closure.office_id == place.id, Closure.first_day <= day, Closure.last_day >= day)
    used = sa.exists().where(here, Appointment.slot_id == Slot.id) if laid_out else sa.exists().where(here)
    return not session().scalar(sa.select(sa.or_(used, sa.exists().where(closed))))


def _play_past(place: OfficeView, day: date) -> None:
    opens = at(today() - timedelta(days=_DAYS_AGO), _OPENS)
    with clock_at(opens - _ANNOUNCED):
        _make_peak(place, day, opens, RushMode.QUEUE)
        asking = persons(_REQUESTS)
    with clock_at(opens):
        add_slots(place, plan(office_plan(place, now()), day, legal_calendar()))
    rush_id = session().scalars(sa.select(Rush.id).where(Rush.office_id == place.id, Rush.day == day)).one()
    for index, person_id in enumerate(asking):
        arrived = opens + timedelta(milliseconds=_FIRST_AFTER + 41 * index + _LAST_AFTER * (index / _REQUESTS) ** 3)
        with clock_at(arrived):
            _ask(rush_id, index, person_id)
            if index % _SERVED_EVERY == _SERVED_EVERY - 1:
                settle_rushes()
    with clock_at(opens + _LASTS):
        while settle_rushes():
            pass
    forget_rushes()
    for person_id in asking:
        leave_alone(person_id)


def _make_peak(place: OfficeView, day: date, opens: datetime, mode: RushMode) -> None:
    kinds = [Kind.MARRIAGE_REGISTRATION]
    set_peak_day(place.id, PeakSetting(day, _HOURS, _EXTRA_WINDOWS, kinds, _SHARE, True, opens))
    forget_days()
    announce(place, day, mode, opens, opens + _LASTS)
    forget_rushes()


def _ask(rush_id: uuid.UUID, index: int, person_id: uuid.UUID) -> None:
    via = Via.API if index % 3 else Via.CHAT
    asked = ask_in_rush(Asking(rush_id, couple(index), person_id, _PARTS[index % len(_PARTS)], via=via))
    if asked.number in _WITHDRAWN:
        mine = sa.and_(RushRequest.rush_id == rush_id, RushRequest.number == asked.number)
        withdraw_request(session().scalars(sa.select(RushRequest.id).where(mine)).one(), person_id)


# --- the one to come ---


def _days_to_come(place: OfficeView) -> Iterator[date]:
    """Days that nobody has a place on: those that people like, then rest days beyond the first weekends."""
    days = [today() + timedelta(days=ahead) for ahead in range(_LEAST_AHEAD, _FURTHEST)]
    liked = [day for day in days if day.month == day.day or (day.month, day.day) in _LIKED]
    rest = [day for day in days if not legal_calendar().is_workday(day)]
    return (day for day in [*liked, *rest[2:]] if _untouched(place, day, laid_out=True))


def _announce_next(place: OfficeView, day: date) -> None:
    opens = at(today() + timedelta(days=_OPENS_IN), _OPENS)
    with clock_at(opens - _ANNOUNCED):
        # What is laid out goes: the day is released anew, and by other hours.
        lay_out_anew(place, day, {}, Applied())
        _make_peak(place, day, opens, RushMode.DRAW)
        watching = persons(_WATCHES)
    for turn, person_id in enumerate(watching, 1):
        evening = at(today() - timedelta(days=1 + turn % 3), time(19, 7 * turn))
        done_at(evening, partial(watch_peak, place.id, day, person_id))
