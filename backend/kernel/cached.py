"""A value read rarely and used often: kept in the process for some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cached(Generic[Value]):
    """Keeps what `load` returned for `seconds` of machine time; other processes see a change that much later."""

    def __init__(self, load: Callable[[], Value], seconds: float) -> None:
        self._load = load
        self._seconds = seconds
        self._kept: tuple[float, Value] | None = None

    def get(self) -> Value:
        """The kept value, or a fresh one."""
        kept = self._kept  # one read, so that two threads never see half a change
        if kept is not None and time.monotonic() - kept[0] < self._seconds:
            return kept[1]
        value = self._load()
        self._kept = (time.monotonic(), value)
        return value

    def forget(self) -> None:
        """Read anew next time; call after a change made by this process."""
        self._kept = None
