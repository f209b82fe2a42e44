"""The clock of an application as a plain picture: a line of days, pure; the template only draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.divorce.rules import DivorceClock

DAY_WIDTH = 14
MARGIN = 56


@dataclass(frozen=True)
class DayMark:
    """One day of the line: where, which stretch it belongs to (receipt, cooling, window), whether it is a rest day."""

    x: int
    day: date
    part: str
    rest: bool


@dataclass(frozen=True)
class Label:
    """A day that is named: `name` is the clock's, `row` the line of text on which it stands, so that none overlap."""

    x: int
    day: date
    name: str
    row: int


@dataclass(frozen=True)
class ClockPicture:
    """Everything to be drawn, in pixels; `today_x` is None when today lies outside."""

    width: int
    days: Sequence[DayMark]
    labels: Sequence[Label]
    today_x: int | None


def clock_picture(clock: DivorceClock, today: date, calendar: LegalCalendar) -> ClockPicture:
    """The line from the day of the receipt to the last day of the window."""

    def x(day: date) -> int:
        return MARGIN + (day - clock.d0).days * DAY_WIDTH

    days = [
        DayMark(x(day), day, _part(clock, day), not calendar.is_workday(day))
        for day in calendar.span(clock.d0, clock.win_last)
    ]
    named = (("d0", clock.d0, 0), ("cool_last", clock.cool_last, 0), ("win_first", clock.win_first, 1))
    labels = [Label(x(day), day, name, row) for name, day, row in (*named, ("win_last", clock.win_last, 0))]
    within = clock.d0 <= today <= clock.win_last
    return ClockPicture(x(clock.win_last) + MARGIN, days, labels, x(today) if within else None)


def _part(clock: DivorceClock, day: date) -> str:
    if day == clock.d0:
        return "receipt"
    return "cooling" if day <= clock.cool_last else "window"
