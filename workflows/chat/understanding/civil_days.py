"""Days of the civil calendar completed from what was said of them: a month and a day, a day's number alone."""

from __future__ import annotations

import calendar
from datetime import date


class ImpossibleDay(Exception):
    """The text names a day that no calendar has, like 2月30日."""


def make_day(year: int, month: int, day: int) -> date:
    """That day; raises ImpossibleDay when there is none."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ImpossibleDay from error


def next_month_day(month: int, day: int, today: date) -> date:
    """The month and day from today on, this year or next; raises ImpossibleDay when neither year has it."""
    for year in (today.year, today.year + 1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate >= today:
            return candidate
    raise ImpossibleDay


def next_day_of_month(day: int, today: date) -> date:
    """The next day with that number from today on; months that lack it are passed over."""
    year, month = today.year, today.month
    for _ in range(3):
        if day <= calendar.monthrange(year, month)[1] and (candidate := make_day(year, month, day)) >= today:
            return candidate
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    raise ImpossibleDay


def shifted_month(today: date, shift: int) -> tuple[int, int]:
    """Year and month, so many months from today's."""
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1
