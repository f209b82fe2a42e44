"""How long is long: periods by the calendar and to the hour, and the clocks of requests by the legal calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from backend.calendar import year_from_library
from backend.kernel.clock import BEIJING
from backend.kernel.legal_calendar import LegalCalendar
from backend.kernel.personal_data import Period, add_months
from backend.people.rights.rules import (
    MOVES,
    OPEN_STATES,
    RequestState,
    Warmth,
    due_day,
    request_number,
    warmth,
    workdays_left,
    workdays_used,
)
from backend.people.rights.texts import kept_for

CALENDAR = LegalCalendar(year_from_library(2026), frozenset({2026}))


@pytest.mark.parametrize(
    ("began", "months", "last"),
    [
        ("2026-11-23", 24, "2028-11-23"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -13, "2024-12-15"),
    ],
)
def test_the_corresponding_day_or_the_months_last(began: str, months: int, last: str):
    assert add_months(date.fromisoformat(began), months) == date.fromisoformat(last)


@pytest.mark.parametrize("months", [1, 6, 12, 24, 36])
def test_a_calendar_period_is_over_the_day_after_its_last_and_not_before(months: int):
    """The day before 24:00 of the last day it is kept, at 0:00 of the next it goes - for every day of four years."""
    period = Period(months=months)
    for step in range(4 * 366):
        began = date(2024, 1, 1) + timedelta(days=step)
        settled = datetime.combine(began, time(23, 59, 59), BEIJING)
        last = period.last_day(began)
        assert settled >= period.over_before(datetime.combine(last, time(23, 59, 59), BEIJING)), began
        assert settled < period.over_before(datetime.combine(last + timedelta(days=1), time(0, 0), BEIJING)), began


def test_days_and_hours_are_exact():
    moment = datetime(2026, 11, 23, 9, tzinfo=BEIJING)
    assert Period(days=7).over_before(moment) == moment - timedelta(days=7)
    assert Period(hours=48).over_before(moment) == moment - timedelta(hours=48)
    assert Period().over_before(moment) == moment
    with pytest.raises(ValueError, match="months, or"):
        Period(months=1, days=1)


def test_periods_in_words():
    periods = (Period(months=24), Period(months=6), Period(days=180), Period(hours=48), Period())
    assert [kept_for(period) for period in periods] == ["2年", "6个月", "180天", "48小时", "随即清除"]


@pytest.mark.parametrize(
    ("received", "due", "provisional"),
    [
        ("2026-11-23", "2026-12-14", False),  # three plain weeks
        ("2026-11-21", "2026-12-11", False),  # a Saturday: Monday is the first day
        ("2026-02-09", "2026-03-06", False),  # New Year off 15-23, working weekends 14 and 28
        ("2026-04-30", "2026-05-25", False),  # Labour Day off 1-5, working Saturday 9
        ("2026-09-24", "2026-10-22", False),  # Mid-Autumn 25-27, National Day 1-7, working Saturday 10
        ("2026-12-11", "2027-01-01", True),  # reaches a year without a notice
    ],
)
def test_fifteen_workdays(received: str, due: str, provisional: bool):
    counted = due_day(date.fromisoformat(received), CALENDAR)
    assert (counted.day.isoformat(), counted.provisional) == (due, provisional)


def test_a_request_warms_up_at_seventy_and_ninety_percent():
    received = date(2026, 11, 23)
    due = due_day(received, CALENDAR).day
    by_day = {}
    for step in range(30):
        day = received + timedelta(days=step)
        by_day.setdefault(warmth(received, due, day, CALENDAR), day)
    assert by_day == {
        Warmth.CALM: received,
        Warmth.SOON: date(2026, 12, 8),  # the 11th workday: more than 10.5
        Warmth.URGENT: date(2026, 12, 11),  # the 14th: more than 13.5
        Warmth.OVERDUE: date(2026, 12, 15),
    }


def test_workdays_used_and_left_add_up():
    received = date(2026, 2, 9)
    due = due_day(received, CALENDAR).day
    for step in range((due - received).days + 1):
        day = received + timedelta(days=step)
        assert workdays_used(received, day, CALENDAR) + workdays_left(due, day, CALENDAR) == 15
    assert workdays_left(due, due, CALENDAR) == 0


def test_what_is_answered_stays_answered():
    assert {state for state, targets in MOVES.items() if targets} == set(OPEN_STATES)
    assert RequestState.RECEIVED not in set().union(*MOVES.values())


def test_numbers_are_all_different():
    assert len({request_number(serial) for serial in range(10**5)}) == 10**5
    assert all(len(request_number(serial)) == 8 for serial in (1, 999_999))
