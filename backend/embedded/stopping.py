"""Signals and other reasons to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

# A signal to the process group and another one that make passes on are one wish to stop.
_SAME_PRESS_SECONDS = 0.3


class StopWish:
    """Whether somebody wants us to stop. The first signal asks; a second Ctrl-C means at once."""

    def __init__(self, at_once: Callable[[], None], *, with_parent: bool = False) -> None:
        self._at_once = at_once
        self._parent = os.getppid() if with_parent else None
        self._signalled_at: float | None = None

    def listen(self) -> None:
        """Take over the signals that end a program; a hang-up that nohup has switched off stays off."""
        signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._handle)

    def wanted(self) -> bool:
        """True after a signal, or when the parent we were told to follow has gone."""
        return self._signalled_at is not None or (self._parent is not None and os.getppid() != self._parent)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        # Only a note is taken here: an exception out of a handler could come between starting a process and knowing it.
        if self._signalled_at is None:
            self._signalled_at = time.monotonic()
        elif number == signal.SIGINT and time.monotonic() - self._signalled_at > _SAME_PRESS_SECONDS:
            self._at_once()
