"""Work that is cheaper for many than for each: threads that come while it is being done are served together next.

This is group commit in the large. Nobody waits for company: the first to come begins at once and alone; those who come
meanwhile are taken together by the first of them. So a batch is as large as the load makes it, and an idle server
answers without delay.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Place(Generic[Item, Result]):
    """One thread's place in the queue; `wake` is a lock that is held until the thread is to go on."""

    __slots__ = ("item", "outcome", "served", "wake")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.served = False
        self.outcome: Result | BaseException | None = None
        self.wake = threading.Lock()
        self.wake.acquire()


class Gathering(Generic[Item, Result]):
    """Calls `work` with the items of all threads that wait, at most `most` at a time, one call after another.

    `work` returns a result for each item, in order. What it raises is raised in every thread that it worked for.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], most: int) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._queue: deque[_Place[Item, Result]] = deque()
        self._led = False

    def do(self, item: Item) -> Result:
        """Have the item worked on, together with what others bring at the same time."""
        mine: _Place[Item, Result] = _Place(item)
        with self._lock:
            self._queue.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.wake.acquire()
        if not mine.served:  # the first of the queue leads
            self._lead()
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome  # type: ignore[return-value]

    def _lead(self) -> None:
        with self._lock:
            places = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
        outcomes: Sequence[Result | BaseException]
        try:
            outcomes = self._work([place.item for place in places])
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items came from
            outcomes = [error] * len(places)
        with self._lock:
            following = self._queue[0] if self._queue else None
            self._led = following is not None
        if following is not None:
            following.wake.release()
        for place, outcome in zip(places, outcomes, strict=True):
            place.outcome, place.served = outcome, True
            place.wake.release()
