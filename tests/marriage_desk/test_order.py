"""Who is called next, how long the wait is: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import BEIJING
from backend.marriage.kinds import KINDS, Area, Kind
from backend.marriage.tickets.rules import (
    AT_WINDOWS,
    OPEN_STATES,
    TICKET_MOVES,
    Lane,
    TicketState,
    area_of,
    booked_time,
    mean_minutes,
    rank,
    ticket_label,
    waiting_minutes,
    walk_in_places,
)

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=BEIJING)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Somebody:
    number: int
    queued_at: datetime
    booked_for: datetime | None = None
    lane: Lane = Lane.ORDINARY


def order(*hall: Somebody, moment: datetime = TEN) -> list[int]:
    return [one.number for one in sorted(hall, key=lambda one: rank(one, moment))]


def test_the_order_of_a_hall() -> None:
    walk_in, late = Somebody(1, at(-50)), Somebody(5, at(-10))
    booked, sooner = Somebody(2, at(-20), TEN), Somebody(3, at(-15), at(-30))
    early = Somebody(4, at(-12), at(30))
    elder = Somebody(6, at(-1), lane=Lane.PRIORITY)
    assert order(walk_in, booked, sooner, early, late, elder) == [6, 3, 2, 1, 5, 4]


def test_a_booked_couple_goes_ahead_of_walk_ins_from_their_minute_on() -> None:
    walk_in, booked = Somebody(1, at(-5)), Somebody(2, at(-20), TEN)
    assert order(walk_in, booked, moment=at(-1)) == [1, 2]
    assert order(walk_in, booked, moment=TEN) == [2, 1]


@pytest.mark.parametrize(("minutes", "kept"), [(-30, True), (15, True), (16, False)])
def test_a_time_is_kept_through_the_grace(minutes: int, kept: bool) -> None:
    assert (booked_time(TEN, at(minutes), 15) == TEN) is kept


moments = st.integers(-120, 120).map(at)


@given(st.lists(st.tuples(moments, st.none() | moments, st.sampled_from(Lane)), min_size=2, max_size=12), moments)
def test_the_order_is_total_and_loses_nobody(hall: list[tuple[datetime, datetime | None, Lane]], moment: datetime):
    people = [Somebody(index, *one) for index, one in enumerate(hall)]
    called = order(*people, moment=moment)
    assert sorted(called) == list(range(len(people)))
    assert called == order(*reversed(people), moment=moment)
    by_number = {one.number: one for one in people}
    lanes = [by_number[number].lane for number in called]
    assert lanes == sorted(lanes, key=lambda lane: lane is Lane.ORDINARY)
    walk_ins = [
        by_number[n].queued_at for n in called if not by_number[n].booked_for and by_number[n].lane is Lane.ORDINARY
    ]
    assert walk_ins == sorted(walk_ins)


@pytest.mark.parametrize(
    ("ahead", "at_windows", "windows", "told"),
    [(0, 0, 2, 0), (0, 1, 2, 0), (0, 2, 2, 15), (1, 2, 2, 30), (4, 2, 2, 75), (3, 0, 0, 90), (0, 0, 0, 5)],
)
def test_the_wait(ahead: int, at_windows: int, windows: int, told: int) -> None:
    assert waiting_minutes(ahead, at_windows, windows, 30.0) == told


def test_while_all_windows_are_out_the_wait_begins_when_the_first_is_back() -> None:
    assert waiting_minutes(0, 0, 0, 30.0, closed=42) == 45
    assert waiting_minutes(2, 1, 0, 30.0, closed=42) == 120


def test_the_mean_is_the_days_own_after_three() -> None:
    assert mean_minutes([], 30) == 30
    assert mean_minutes([6], 30) == 22
    assert mean_minutes([10, 20, 30], 30) == 20
    assert mean_minutes([10] * 9, 30) == 10


def test_room_for_walk_ins() -> None:
    hours = [(time(9), time(12)), (time(13, 30), time(17))]
    assert walk_in_places(hours, 2, 0.7, 30) == 7
    assert walk_in_places(hours, 2, 1, 30) == 0
    assert walk_in_places(hours, 2, 0, 30) == 26


def test_every_kind_at_a_window_has_one_area() -> None:
    at_windows = [kind for kinds in AT_WINDOWS.values() for kind in kinds]
    assert sorted(at_windows) == sorted(kind for kind in KINDS if KINDS[kind].area)
    assert len(at_windows) == 9, "as many as there are digits to choose them by"
    assert area_of(Kind.COUNSELLING) is None
    assert area_of(Kind.DIVORCE_WITHDRAWAL) is Area.DIVORCE_ROOM
    assert {ticket_label(area, 7) for area in Area} == {"A007", "B007", "C007"}


def test_every_state_is_reached_and_nobody_is_stuck() -> None:
    assert set(TICKET_MOVES) == set(TicketState)
    assert {state for targets in TICKET_MOVES.values() for state in targets} == set(TicketState)
    assert all(TICKET_MOVES[state] for state in OPEN_STATES)
