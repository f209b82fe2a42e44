"""Ids are UUIDs of version 7 that grow, and none tells another."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from backend.kernel import ids
from backend.kernel.ids import new_id


def made(count: int) -> list[int]:
    """So many ids, one after the other."""
    return [new_id().int for _ in range(count)]


def test_they_are_of_version_7_and_tell_the_time() -> None:
    before = time.time_ns() // 1_000_000
    one = new_id()
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert before <= one.int >> 80 <= time.time_ns() // 1_000_000


def test_they_grow_within_a_millisecond_too() -> None:
    many = made(20_000)
    assert many == sorted(many)
    assert len(set(many)) == len(many)


def test_they_grow_in_every_thread_and_none_comes_twice() -> None:
    with ThreadPoolExecutor(8) as pool:
        threads = list(pool.map(made, [2_000] * 8))
    assert all(one == sorted(one) for one in threads)
    assert len({one for thread in threads for one in thread}) == 16_000


def test_a_clock_that_goes_back_does_not_bring_older_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000_000)
    assert new_id() > before


def test_the_next_one_cannot_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.time_ns()
    monkeypatch.setattr(ids.time, "time_ns", lambda: moment)
    steps = [other - one for one, other in pairwise(made(500))]
    assert len(set(steps)) > 490
