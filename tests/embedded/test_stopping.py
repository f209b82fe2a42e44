"""When a run stops, and when it stops at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from backend.embedded import stopping
from backend.embedded.stopping import StopWish


class Moment:
    """A clock that the test moves."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moment]:
    """The clock of `stopping`; the signal handlers are put back afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    clock = Moment()
    monkeypatch.setattr(stopping.time, "monotonic", clock)
    yield clock
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop(moment: Moment, number: signal.Signals) -> None:
    wish = StopWish(lambda: None)
    wish.listen()
    assert not wish.wanted()
    signal.raise_signal(number)
    assert wish.wanted()


def test_only_a_second_ctrl_c_means_at_once(moment: Moment) -> None:
    ended: list[float] = []
    StopWish(lambda: ended.append(moment.seconds)).listen()
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)  # passed on by make: the same press
    moment.seconds += 5
    signal.raise_signal(signal.SIGTERM)
    assert ended == []
    signal.raise_signal(signal.SIGINT)
    assert ended == [105.0]


def test_a_hang_up_that_nohup_switched_off_stays_off(moment: Moment) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    wish = StopWish(lambda: None)
    wish.listen()
    signal.raise_signal(signal.SIGHUP)
    assert not wish.wanted()


def test_a_parent_that_has_gone_is_a_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    following, alone = StopWish(lambda: None, with_parent=True), StopWish(lambda: None)
    assert not following.wanted()
    monkeypatch.setattr(os, "getppid", lambda: -1)
    assert following.wanted()
    assert not alone.wanted()
