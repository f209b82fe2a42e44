"""Windows that go out while others act: a second officer, couples who book, give up and move themselves."""

from __future__ import annotations

import uuid
from collections import Counter

from backend.kernel.clock import MovableClock
from backend.marriage.book import book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity.outage import end_outage, place_chosen, take_windows_out
from backend.marriage.capacity.outage_look import look_at_outage
from backend.marriage.capacity.rules import LineState
from backend.marriage.offices import OfficeView
from tests.concurrency.support import all_at_once, new_person, request
from tests.marriage_capacity.support import assert_nothing_oversold, lines_of, moves, slots_of
from tests.marriage_capacity.test_outages import THURSDAY, wish
from tests.marriage_capacity.test_races import fill, officer, place

__all__ = ["officer", "place"]

OUT = wish("10:00", "12:00", {2})


def test_one_of_two_officers_is_told_that_it_is_done(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    """Both looked at the same page, and both press: one outage, one move, everybody in it once."""
    fill(place, THURSDAY, clock, 0)
    look = look_at_outage(place, OUT)
    chosen = {one.hit.id: None for one in look.couples if one.must_move}
    assert len(chosen) == 2

    def confirm(_: int) -> None:
        place_chosen(take_windows_out(place, OUT, chosen, look.base, officer), chosen)

    assert all_at_once(4, confirm) == Counter(done=1, state_conflict=3)
    (move,) = moves()
    assert {line.state for line in lines_of(move.id)} == {LineState.OFFERED}
    assert_nothing_oversold()


def test_couples_act_while_windows_go_out_and_come_back(
    place: OfficeView, officer: uuid.UUID, clock: MovableClock
) -> None:
    """Nobody waits in a circle, nothing is sold twice, and whoever books meanwhile makes the officer look again."""
    booked = fill(place, THURSDAY, clock, 0)
    look = look_at_outage(place, OUT)
    chosen = {one.hit.id: None for one in look.couples if one.must_move}
    touched = [slot.id for slot in slots_of(place, THURSDAY)[2:6]]
    people = [new_person(clock()) for _ in range(16)]

    def act(index: int) -> None:
        if index == 0:
            done = take_windows_out(place, OUT, chosen, look.base, officer)
            place_chosen(done, chosen)
            end_outage(place, done.outage_id, officer)
        elif index % 2:
            book_appointment(request(touched[index % len(touched)], 600 + index, people[index]))
        else:
            cancel_appointment(*booked[index])

    outcomes = all_at_once(16, act)
    assert set(outcomes) <= {"done", "slot_full", "state_conflict"}
    assert_nothing_oversold()


def test_whoever_comes_after_finds_the_windows_out(place: OfficeView, officer: uuid.UUID, clock: MovableClock) -> None:
    """The places of the windows that are out are not sold: of two at ten one is left, and one couple gets it."""
    ten = slots_of(place, THURSDAY)[2]
    look = look_at_outage(place, OUT)
    take_windows_out(place, OUT, {}, look.base, officer)
    people = [new_person(clock()) for _ in range(6)]
    outcomes = all_at_once(6, lambda index: book_appointment(request(ten.id, 700 + index, people[index])))
    assert outcomes == Counter(done=1, slot_full=5)
    assert_nothing_oversold()
