"""The legal calendar and the counting of days (domain-rules §1.1; 民法典 201-203).

A day is a rest day when the State Council's notice says so, else by weekday. A year without a notice is counted by
weekday and every result that touches it is provisional: shown as such, recomputed when the notice is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What the notice says of a day that differs from its weekday."""

    OFF = "off"
    WORKDAY = "workday"


@dataclass(frozen=True)
class CountedDay:
    """A computed date; `provisional` when any day looked at lies in a year without a notice."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class LegalCalendar:
    """Notices of some years: `days` holds the exceptions, `years` those whose notice is known whole."""

    days: Mapping[date, DayKind]
    years: Set[int]

    def is_workday(self, day: date) -> bool:
        """Whether offices work by law. A Saturday an office opens by its own choice stays a rest day (§1.1-3)."""
        kind = self.days.get(day)
        return kind is DayKind.WORKDAY if kind else day.weekday() < 5

    def is_provisional(self, day: date) -> bool:
        """Whether the notice for the day's year is still missing (§1.1-6)."""
        return day.year not in self.years

    def roll(self, day: date) -> CountedDay:
        """The last day of a period, moved past rest days (民法典 203)."""
        last, provisional = day, self.is_provisional(day)
        while not self.is_workday(last):
            last += ONE_DAY
            provisional = provisional or self.is_provisional(last)
        return CountedDay(last, provisional)

    def add_workdays(self, day: date, count: int) -> CountedDay:
        """The `count`-th legal workday after `day`; the first counted day is the next workday (§1.1-7).

        Raises `ValueError` for a count below one.
        """
        if count < 1:
            raise ValueError("count at least one workday")
        current, provisional = day, self.is_provisional(day)
        while count:
            current += ONE_DAY
            provisional = provisional or self.is_provisional(current)
            count -= self.is_workday(current)
        return CountedDay(current, provisional)

    def previous_workday(self, day: date) -> date:
        """The last legal workday before `day`."""
        current = day - ONE_DAY
        while not self.is_workday(current):
            current -= ONE_DAY
        return current

    def span(self, first: date, last: date) -> Iterator[date]:
        """Every civil date from `first` to `last`, both included."""
        while first <= last:
            yield first
            first += ONE_DAY
