"""Threads that come at the same time are served together, each with its own result."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.kernel.gathering import Gathering


class Gate:
    """Work that stops at its first batch until it is let go on, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.began, self.may_end = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        self.began.set()
        assert self.may_end.wait(10)
        if -1 in items:
            raise ValueError("a bad batch")
        return [item * 10 for item in items]


def queued(gathering: Gathering[int, int], count: int) -> None:
    """Wait until so many wait for the batch under way."""
    for _ in range(10_000):
        if len(gathering._queue) == count:
            return
        threading.Event().wait(0.001)
    pytest.fail("nobody came")


def test_one_alone_does_not_wait_for_company() -> None:
    gathering = Gathering(lambda items: [item + 1 for item in items], 4)
    assert [gathering.do(1), gathering.do(2)] == [2, 3]


def test_who_comes_meanwhile_is_served_together() -> None:
    gate = Gate()
    gathering = Gathering(gate, 3)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(gathering.do, 0)
        assert gate.began.wait(10)
        others = [pool.submit(gathering.do, item) for item in range(1, 6)]
        queued(gathering, 5)
        gate.may_end.set()
        assert (first.result(10), [other.result(10) for other in others]) == (0, [10, 20, 30, 40, 50])
    assert [len(batch) for batch in gate.batches] == [1, 3, 2]


def test_a_failure_is_told_to_all_of_its_batch_and_to_no_other() -> None:
    gate = Gate()
    gathering = Gathering(gate, 2)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(gathering.do, 7)
        assert gate.began.wait(10)
        spoilt = [pool.submit(gathering.do, -1)]
        queued(gathering, 1)
        spoilt.append(pool.submit(gathering.do, 2))
        queued(gathering, 2)
        later = pool.submit(gathering.do, 3)
        queued(gathering, 3)
        gate.may_end.set()
        assert (first.result(10), later.result(10)) == (70, 30)
        for one in spoilt:
            with pytest.raises(ValueError, match="a bad batch"):
                one.result(10)
    assert gathering.do(4) == 40


def test_many_threads_each_get_their_own_result() -> None:
    gathering = Gathering(lambda items: [item * item for item in items], 5)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(gathering.do, range(2_000))) == [item * item for item in range(2_000)]
