"""What the tests of our own servers share."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from backend.embedded.processes import alive


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Ask again and again until it holds; False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    """Whether no process with this number runs any more."""
    try:
        return not alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True
