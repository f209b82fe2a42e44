"""One holder at a time, however many ask, and whatever the clock does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from backend.jobs.lease import LEASE_FOR, age, hold, new_holder, release
from tests.messages.support import NOON

pytestmark = pytest.mark.usefixtures("database")

SECOND = timedelta(seconds=1)


def test_the_first_holds_it_as_long_as_it_beats():
    moment = NOON
    for _ in range(60):
        assert hold("work", "a", moment)
        assert not hold("work", "b", moment + SECOND / 2)
        moment += SECOND


def test_a_silent_holder_is_followed_and_cannot_come_back():
    assert hold("work", "a", NOON)
    assert not hold("work", "b", NOON + LEASE_FOR - SECOND)
    assert hold("work", "b", NOON + LEASE_FOR)
    assert not hold("work", "a", NOON + LEASE_FOR)


def test_a_released_lease_is_free_at_once():
    assert hold("work", "a", NOON)
    release("work", "b", NOON)
    assert not hold("work", "b", NOON)
    release("work", "a", NOON)
    assert hold("work", "b", NOON)


def test_after_the_clock_was_set_back_the_lease_is_not_lost():
    assert hold("work", "a", NOON)
    back = NOON - timedelta(hours=5)
    assert hold("work", "b", back)
    assert not hold("work", "a", back + SECOND)


def test_leases_of_other_names_are_other_leases():
    assert hold("work", "a", NOON)
    assert hold("play", "b", NOON)


def test_age():
    assert age("work", NOON) is None
    hold("work", "a", NOON)
    assert age("work", NOON + 7 * SECOND) == 7 * SECOND


def test_of_many_who_ask_together_one_gets_it():
    start, results = threading.Barrier(8), []

    def ask() -> None:
        holder = new_holder()
        start.wait()
        results.append(hold("work", holder, NOON))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]


def test_holders_differ_and_fit():
    names = {new_holder() for _ in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) <= 80
