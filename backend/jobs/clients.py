"""The WeChat clients delivery uses, made once per process: their connections cannot be shared across a fork."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from messages.ways import Client

MakeClients = Callable[[], Mapping[str, Client]]


class _Process:
    make: MakeClients | None = None
    made: Mapping[str, Client] | None = None
    made_by: int = 0


def use_clients(make: MakeClients) -> None:
    """Choose how this process, and those forked from it, make their clients by app id."""
    _Process.make, _Process.made = make, None


def clients() -> Mapping[str, Client]:
    """The clients of this process; raises `RuntimeError` before `use_clients`."""
    if _Process.make is None:
        raise RuntimeError("no WeChat clients have been chosen yet")
    if _Process.made is None or _Process.made_by != os.getpid():
        _Process.made, _Process.made_by = _Process.make(), os.getpid()
    return _Process.made
