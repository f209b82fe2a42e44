"""How many places are free per registry and day: read from the slots themselves, at most a second old.

However many read it, a process asks the database once a second, by one statement over the slots of the open days.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.cached import Cached
from backend.kernel.clock import BEIJING, now
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.days import office_plan
from backend.marriage.kinds import KINDS, Kind
from backend.marriage.offices import OfficeView, offices
from backend.marriage.opening import OfficePlan, booking_closes_at, is_released, last_released_day
from backend.marriage.parameters import booking_rules
from backend.marriage.spread import fitting
from backend.storage import ask

KIND = Kind.MARRIAGE_REGISTRATION
KEPT_SECONDS = 1

_NOON = time(12, 30)
_SLOTS = sa.text(
    """
    SELECT office_id, day, starts_at, ends_at, capacity, taken, reserved FROM marriage_slots
    WHERE office_id = ANY(:office_ids) AND area = :area AND day BETWEEN :first AND :last AND :kind = ANY(kinds)
    ORDER BY office_id, starts_at
    """
)


@dataclass(frozen=True)
class FreeDay:
    """A day of a registry: places free in the morning and in the afternoon, of how many couples it can take online.

    `open`: it can be booked now. `releases_at`: a peak day that opens later; then nothing is told of its places.
    """

    day: date
    open: bool
    morning: int
    afternoon: int
    places: int
    releases_at: datetime | None = None

    @property
    def free(self) -> int:
        """Places free on the whole day."""
        return self.morning + self.afternoon


@dataclass(frozen=True)
class FreeOffice:
    """A registry and its days, those without places left out."""

    place: OfficeView
    days: Sequence[FreeDay]


def _read() -> Sequence[FreeOffice]:
    places, moment, calendar = offices(), now(), legal_calendar()
    plans = {place.id: office_plan(place, moment) for place in places}
    today = moment.date()
    last = max((_last(plan, moment) for plan in plans.values()), default=today)
    values = {
        "office_ids": list(plans),
        "area": KINDS[KIND].area,
        "kind": KIND.value,
        "first": today + timedelta(days=1),
        "last": last,
    }
    rows: dict[uuid.UUID, dict[date, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in ask(_SLOTS, values) if plans else ():
        rows[row.office_id][row.day].append(row)
    return [FreeOffice(place, _days(place, plans[place.id], rows[place.id], moment, calendar)) for place in places]


def _last(plan: OfficePlan, moment: datetime) -> date:
    return max([last_released_day(moment, plan.rules), *plan.peaks])


def _days(
    place: OfficeView, plan: OfficePlan, rows: dict[date, list[Any]], moment: datetime, calendar: LegalCalendar
) -> list[FreeDay]:
    minutes = booking_rules(place.code, moment).minutes_of(KIND)
    found = [
        _day(day, slots, minutes, is_open=moment < booking_closes_at(day, plan.rules, calendar))
        for day, slots in rows.items()
        if is_released(plan, day, moment)
    ]
    announced = [
        FreeDay(day, open=False, morning=0, afternoon=0, places=0, releases_at=peak.release_at)
        for day, peak in plan.peaks.items()
        if peak.release_at is not None and peak.release_at > moment and KIND in peak.kinds
    ]
    return sorted([*found, *announced], key=lambda one: one.day)


def _day(day: date, slots: Sequence[Any], minutes: int, *, is_open: bool) -> FreeDay:
    free = {True: 0, False: 0}
    for index, slot in enumerate(slots):
        free[slot.starts_at.astimezone(BEIJING).time() < _NOON] += fitting(minutes, slots[index:])
    places = sum(slot.capacity for slot in slots) // minutes
    return FreeDay(day, is_open, free[True], free[False], places)


_board = Cached(_read, seconds=KEPT_SECONDS)


def free_board() -> Sequence[FreeOffice]:
    """Every registry with its days, in order; at most `KEPT_SECONDS` old."""
    return _board.get()


def forget_board() -> None:
    """Read anew next time."""
    _board.forget()
