"""Who speaks about what, when a call back is due, when people are reminded: without a database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import BEIJING
from backend.kernel.crisis import Crisis
from backend.marriage.counselling.rules import (
    MOVES,
    NOTED,
    SERVES,
    TOGETHER,
    Matter,
    Profession,
    SessionState,
    due_after,
    is_minor,
    public_number,
    reminder_moments,
)
from tests.marriage.support import at
from workflows.chat.understanding import read_crisis

HOURS = ((time(9), time(12)), (time(13, 30), time(17)))
FRIDAY = date(2026, 11, 27)


def workdays(day: date) -> tuple[tuple[time, time], ...]:
    return HOURS if day.weekday() < 5 else ()


def test_every_matter_has_somebody_and_everybody_something() -> None:
    assert SERVES.keys() == set(Matter)
    assert set().union(*SERVES.values()) == set(Profession)
    assert SERVES[Matter.LEGAL] == {Profession.LAWYER}
    assert TOGETHER.isdisjoint({Matter.LEGAL, Matter.PSYCHOLOGICAL})


def test_what_is_over_stays_over() -> None:
    ended = {state for state, targets in MOVES.items() if not targets}
    assert ended == {SessionState.DONE, SessionState.ABSENT}
    assert not {SessionState.BOOKED, SessionState.CANCELLED} & set(NOTED)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2026-11-26 10:00", "2026-11-26 10:30"),
        ("2026-11-26 11:30", "2026-11-26 12:00"),  # exactly until lunch
        ("2026-11-26 11:45", "2026-11-26 13:45"),  # fifteen minutes before lunch, fifteen after
        ("2026-11-26 12:20", "2026-11-26 14:00"),  # during lunch
        ("2026-11-26 16:50", "2026-11-27 09:20"),  # over the night
        ("2026-11-26 23:10", "2026-11-27 09:30"),
        ("2026-11-27 16:50", "2026-11-30 09:20"),  # over the weekend
        ("2026-11-28 03:00", "2026-11-30 09:30"),
    ],
)
def test_lunch_nights_and_rest_days_do_not_count(written: str, due: str) -> None:
    assert due_after(at(written), 30, workdays) == at(due)


def test_a_registry_that_never_opens_counts_by_the_wall() -> None:
    assert due_after(at("2026-11-26 10:00"), 30, lambda _day: ()) == at("2026-11-26 10:30")


@given(st.integers(0, 14 * 24 * 60), st.integers(5, 240))
def test_a_call_is_due_within_working_hours_and_never_too_early(minute: int, length: int) -> None:
    begun = datetime.combine(FRIDAY, time(), BEIJING) + timedelta(minutes=minute)
    due = due_after(begun, length, workdays)
    assert due >= begun + timedelta(minutes=length)
    assert any(opens < due.time() <= closes for opens, closes in workdays(due.date()))
    worked = sum(
        max(
            (
                min(due, datetime.combine(day, closes, BEIJING)) - max(begun, datetime.combine(day, opens, BEIJING))
            ).total_seconds(),
            0,
        )
        for offset in range((due.date() - begun.date()).days + 1)
        for day in [begun.date() + timedelta(days=offset)]
        for opens, closes in workdays(day)
    )
    assert worked == length * 60


def test_a_day_before_and_half_an_hour() -> None:
    assert reminder_moments(at("2026-11-26 09:00")) == [at("2026-11-25 10:00"), at("2026-11-26 08:30")]


@pytest.mark.parametrize(("born", "minor"), [("2008-11-26", False), ("2008-11-27", True), ("2008-11-25", False)])
def test_eighteen_on_the_birthday(born: str, minor: bool) -> None:
    assert is_minor(date.fromisoformat(born), date(2026, 11, 26)) is minor


def test_numbers_tell_nothing_and_never_meet() -> None:
    assert len({public_number(serial) for serial in range(2000)}) == 2000
    assert public_number(1)[:2] == "FW"


@pytest.mark.parametrize(
    ("text", "crisis"),
    [
        ("老公喝了酒就打我", Crisis.VIOLENCE),
        ("我被打了，怕他再来", Crisis.VIOLENCE),
        ("他威胁我要抢孩子", Crisis.VIOLENCE),
        ("真的不想活了", Crisis.DESPAIR),
        ("有时候想死", Crisis.DESPAIR),
        ("他打我，我活不下去了", Crisis.DESPAIR),
        ("我打电话问过了", None),
        ("方便的话打我电话", None),
        ("想谈谈怎么相处", None),
        ("孩子打游戏不听话", None),
        ("", None),
    ],
)
def test_words_that_tell_of_danger(text: str, crisis: Crisis | None) -> None:
    assert read_crisis(text) is crisis
