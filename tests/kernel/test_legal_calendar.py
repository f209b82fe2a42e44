"""Counting of days: the vectors of domain-rules §1.1 and §8-11, and properties against a plain day-by-day count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.calendar import year_from_library
from backend.kernel.legal_calendar import DayKind, LegalCalendar

CALENDAR = LegalCalendar(year_from_library(2026), frozenset({2026}))


def day(text: str, year: int = 2026) -> date:
    month, number = text.split("-")
    return date(year, int(month), int(number))


def test_the_library_carries_the_notice_of_2026() -> None:
    """domain-rules §1.1-5, written out here so that a library update cannot change the law unseen."""
    off = {
        *CALENDAR.span(day("1-1"), day("1-3")),
        *CALENDAR.span(day("2-15"), day("2-23")),
        *CALENDAR.span(day("4-4"), day("4-6")),
        *CALENDAR.span(day("5-1"), day("5-5")),
        *CALENDAR.span(day("6-19"), day("6-21")),
        *CALENDAR.span(day("9-25"), day("9-27")),
        *CALENDAR.span(day("10-1"), day("10-7")),
    }
    working = {day(text) for text in ("1-4", "2-14", "2-28", "5-9", "9-20", "10-10")}
    assert {d for d, kind in CALENDAR.days.items() if kind is DayKind.OFF} == off
    assert {d for d, kind in CALENDAR.days.items() if kind is DayKind.WORKDAY} == working


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("9-18", 3, "9-22"),
        ("9-18", 10, "10-9"),
        ("9-18", 20, "10-22"),
        ("9-18", 30, "11-5"),
        ("2-12", 3, "2-24"),
        ("4-28", 5, "5-8"),
    ],
)
def test_workdays(start: str, count: int, expected: str) -> None:
    counted = CALENDAR.add_workdays(day(start), count)
    assert counted.day == day(expected)
    assert not counted.provisional


@pytest.mark.parametrize(
    ("nominal", "rolled"),
    [("9-25", "9-28"), ("10-1", "10-8"), ("2-14", "2-14"), ("2-15", "2-24"), ("5-1", "5-6"), ("9-20", "9-20")],
)
def test_a_last_day_on_a_rest_day_rolls(nominal: str, rolled: str) -> None:
    assert CALENDAR.roll(day(nominal)).day == day(rolled)


def test_a_year_without_notice_is_provisional() -> None:
    assert CALENDAR.add_workdays(day("12-30"), 5).provisional
    assert CALENDAR.roll(date(2027, 5, 1)).provisional
    assert not CALENDAR.add_workdays(day("12-1"), 5).provisional


def test_counting_needs_a_day_to_count() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_workdays(day("9-18"), 0)


days_of_2026 = st.dates(date(2026, 1, 1), date(2026, 10, 31))


@given(days_of_2026, st.integers(1, 30))
def test_workdays_agree_with_a_plain_count(start: date, count: int) -> None:
    """Between start (exclusive) and result (inclusive) there are exactly `count` workdays, and the result is one."""
    result = CALENDAR.add_workdays(start, count).day
    between = [start + timedelta(days=step) for step in range(1, (result - start).days + 1)]
    assert sum(CALENDAR.is_workday(d) for d in between) == count
    assert CALENDAR.is_workday(result)


@given(days_of_2026)
def test_rolling_passes_rest_days_only(last: date) -> None:
    rolled = CALENDAR.roll(last).day
    assert CALENDAR.is_workday(rolled)
    assert not any(CALENDAR.is_workday(d) for d in CALENDAR.span(last, rolled) if d != rolled)


@given(days_of_2026)
def test_the_previous_workday_is_the_nearest(start: date) -> None:
    previous = CALENDAR.previous_workday(start)
    assert CALENDAR.is_workday(previous)
    assert not any(
        CALENDAR.is_workday(d) for d in CALENDAR.span(previous + timedelta(days=1), start - timedelta(days=1))
    )
