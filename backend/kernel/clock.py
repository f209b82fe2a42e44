"""The one clock. Everything that asks for the time asks here, so that a test or a demonstration can move it.

Times are aware and in 北京时间; a naive datetime never leaves or enters this product (architecture.md §4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time, aware, in 北京时间."""
    return datetime.now(BEIJING)


class _Current:
    clock: Clock = staticmethod(system_clock)


def use_clock(clock: Clock) -> None:
    """Replace the clock of this process; it must return aware datetimes."""
    _Current.clock = clock


def now() -> datetime:
    """The present moment, aware, in 北京时间."""
    return _Current.clock().astimezone(BEIJING)


def today() -> date:
    """The civil date in 北京时间 (domain-rules §1.1-1)."""
    return now().date()


def start_of_day(day: date) -> datetime:
    """Midnight at the beginning of a civil day, in 北京时间."""
    return datetime.combine(day, time(), BEIJING)


def end_of_day(day: date) -> datetime:
    """The moment at which a civil day is over: the midnight after it."""
    return start_of_day(day + timedelta(days=1))


class MovableClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move_to(self, moment: datetime) -> None:
        """Set the clock to an aware moment, also backwards."""
        if moment.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self.moment = moment

    def advance(self, step: timedelta) -> None:
        """Move the clock forward by `step`."""
        self.moment += step


@contextmanager
def clock_at(moment: datetime) -> Iterator[MovableClock]:
    """Put the process under a standing clock for the length of a `with` block."""
    previous, movable = _Current.clock, MovableClock(moment)
    _Current.clock = movable
    try:
        yield movable
    finally:
        _Current.clock = previous
