"""The clock of an application: the table of domain-rules §2.6, and every start date against a count day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from backend.calendar import year_from_library
from backend.kernel.clock import BEIJING
from backend.kernel.legal_calendar import DayKind, LegalCalendar
from backend.marriage.divorce.rules import (
    MOVES,
    OPEN_STATES,
    CaseState,
    case_number,
    days_left,
    divorce_clock,
    is_closing,
    may_issue,
    may_withdraw,
    state_at,
)

YEARS = (2024, 2025, 2026)
# What the holidays of 2027 could be; the real notice is not out, and the rules must not care.
INVENTED_2027 = {
    date(2027, 1, 1): DayKind.OFF,
    date(2027, 1, 4): DayKind.OFF,
    date(2027, 2, 5): DayKind.OFF,
    date(2027, 2, 8): DayKind.OFF,
    date(2027, 2, 9): DayKind.OFF,
    date(2027, 2, 10): DayKind.OFF,
    date(2027, 2, 20): DayKind.WORKDAY,
    date(2027, 2, 28): DayKind.WORKDAY,
    date(2027, 10, 1): DayKind.OFF,
    date(2027, 10, 9): DayKind.WORKDAY,
}


def calendar(*years: int, extra: dict[date, DayKind] | None = None) -> LegalCalendar:
    days: dict[date, DayKind] = {}
    for year in years:
        days |= year_from_library(year)
    return LegalCalendar(days | (extra or {}), frozenset({*years, *(day.year for day in extra or {})}))


IN_2026 = calendar(*YEARS)
WITH_2027 = calendar(*YEARS, extra=INVENTED_2027)


def d(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("d0", "nominal", "cool_last", "first", "last"),
    [
        ("01-15", "02-14", "02-14", "02-15", "03-16"),
        ("01-16", "02-15", "02-24", "02-25", "03-26"),
        ("04-01", "05-01", "05-06", "05-07", "06-05"),
        ("08-21", "09-20", "09-20", "09-21", "10-20"),
        ("08-28", "09-27", "09-28", "09-29", "10-28"),
        ("09-01", "10-01", "10-08", "10-09", "11-09"),
        ("10-12", "11-11", "11-11", "11-12", "12-11"),
    ],
)
def test_the_vectors_of_the_rules(d0: str, nominal: str, cool_last: str, first: str, last: str) -> None:
    clock = divorce_clock(d(d0), IN_2026)
    assert (clock.cool_nominal, clock.cool_last, clock.win_first, clock.win_last) == (
        d(nominal),
        d(cool_last),
        d(first),
        d(last),
    )
    assert not clock.provisional


def test_the_first_open_day_after_the_spring_festival_is_the_first_to_issue() -> None:
    clock = divorce_clock(d("01-15"), IN_2026)
    issuing = [day for day in IN_2026.span(clock.win_first, clock.win_last) if may_issue(clock, day, IN_2026)]
    assert issuing[0] == d("02-24")
    assert d("02-28") in issuing, "a Saturday that is worked by the notice"
    assert issuing[-1] == d("03-16")


# --- against a count day by day ---


def works(day: date, table: LegalCalendar) -> bool:
    """Whether offices work, read straight from the table."""
    said = table.days.get(day)
    if said is None:
        return day.isoweekday() <= 5
    return said is DayKind.WORKDAY


def count_thirty(begin: date, table: LegalCalendar) -> tuple[date, date]:
    """Tear off thirty leaves after `begin`; then more, as long as the last one is a rest day."""
    day = begin
    for _ in range(30):
        day = date.fromordinal(day.toordinal() + 1)
    nominal = day
    while not works(day, table):
        day = date.fromordinal(day.toordinal() + 1)
    return nominal, day


@pytest.mark.parametrize("table", [IN_2026, WITH_2027], ids=["notices to 2026", "notices to 2027"])
def test_every_start_date_from_2024_to_2027(table: LegalCalendar) -> None:
    d0 = date(2024, 1, 1)
    while d0 <= date(2027, 12, 31):
        clock = divorce_clock(d0, table)
        nominal, cool_last = count_thirty(d0, table)
        _, win_last = count_thirty(cool_last, table)
        assert (clock.d0, clock.cool_nominal, clock.cool_last) == (d0, nominal, cool_last), d0
        assert (clock.win_first, clock.win_last) == (cool_last + timedelta(days=1), win_last), d0
        # Only what rests on a year whose notice is missing may move.
        assert clock.cool_provisional == (not {nominal.year, cool_last.year} <= table.years), d0
        rolled_from = cool_last + timedelta(days=30)
        reached = {nominal.year, cool_last.year, rolled_from.year, win_last.year}
        assert clock.provisional == (not reached <= table.years), d0
        for day in table.span(d0, win_last + timedelta(days=1)):
            assert not (may_withdraw(clock, day) and may_issue(clock, day, table)), (d0, day)
        if not clock.provisional:
            assert may_withdraw(clock, cool_last)
            assert not may_issue(clock, cool_last, table)
            assert may_issue(clock, win_last, table)
            assert not may_issue(clock, win_last + timedelta(days=1), table)
        d0 += timedelta(days=1)


def test_from_november_2026_on_the_end_is_provisional() -> None:
    """Domain-rules §1.1-6: an application from 2026-11-02 has a window that ends in 2027."""
    assert not divorce_clock(d("11-01"), IN_2026).provisional
    assert divorce_clock(d("11-02"), IN_2026).provisional
    assert not divorce_clock(d("11-02"), IN_2026).cool_provisional
    assert divorce_clock(d("12-02"), IN_2026).cool_provisional


# --- what time makes of it ---


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)


CLOCK = divorce_clock(d("09-01"), IN_2026)
CLOSE = moment("11-09 17:00")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("09-01 09:00", CaseState.ACCEPTED),
        ("09-01 23:59", CaseState.ACCEPTED),
        ("09-02 00:00", CaseState.COOLING),
        ("10-08 23:59", CaseState.COOLING),
        ("10-09 00:00", CaseState.WINDOW),
        ("11-09 16:59", CaseState.WINDOW),
        ("11-09 17:00", CaseState.LAPSED),
    ],
)
def test_where_it_stands(now: str, state: CaseState) -> None:
    assert state_at(CLOCK, moment(now), CLOSE) is state


def test_nothing_ends_on_a_day_that_may_still_move() -> None:
    clock = divorce_clock(d("11-10"), IN_2026)
    long_after = datetime(2027, 6, 1, 9, 0, tzinfo=BEIJING)
    close = datetime.combine(clock.win_last, datetime.min.time(), BEIJING)
    assert state_at(clock, long_after, close) is CaseState.WINDOW
    unsure = divorce_clock(d("12-10"), IN_2026)
    assert state_at(unsure, long_after, close) is CaseState.COOLING
    assert may_withdraw(unsure, long_after.date())
    assert not may_issue(unsure, unsure.win_first + timedelta(days=3), IN_2026)


def test_a_window_closes_when_few_workdays_are_left() -> None:
    days = [day for day in IN_2026.span(CLOCK.win_first, CLOCK.win_last) if is_closing(CLOCK, day, 5, IN_2026)]
    assert days[0] == d("11-03")
    assert days[-1] == CLOCK.win_last
    assert days_left(CLOCK, d("11-03"), IN_2026) == 5
    assert not is_closing(CLOCK, d("10-08"), 60, IN_2026), "not yet open"


def test_the_moves() -> None:
    assert MOVES.keys() == set(CaseState)
    assert not MOVES[CaseState.WITHDRAWN] | MOVES[CaseState.ISSUED]
    assert all(CaseState.ISSUED not in MOVES[state] for state in (CaseState.ACCEPTED, CaseState.COOLING))
    assert CaseState.WITHDRAWN not in MOVES[CaseState.WINDOW], "who changed their mind does not come"
    assert all(CaseState.LAPSED in MOVES[state] for state in OPEN_STATES)


def test_numbers_do_not_repeat() -> None:
    assert len({case_number(serial) for serial in range(1, 5000)}) == 4999
