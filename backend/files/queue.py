"""Waking the workers, by whatever means the jobs choose; without any, the tick finds the work."""

from __future__ import annotations

from collections.abc import Callable


class _Process:
    wake: Callable[[], object] | None = None


def use_wake(wake: Callable[[], object]) -> None:
    """Choose how this process wakes a worker."""
    _Process.wake = wake


def wake_up() -> None:
    """Have a worker look soon, if this process knows how."""
    if _Process.wake is not None:
        _Process.wake()
