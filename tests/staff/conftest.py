"""The demonstration's places and accounts, at a Tuesday morning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.kernel.clock import MovableClock, clock_at
from backend.staff import passwords
from backend.staff.demo import load_demo
from backend.storage import Database
from tests.console.support import CHEAP_HASHER, TUESDAY
from tests.kept import fill_once


@pytest.fixture(autouse=True)
def clock(clean_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableClock]:
    """Nothing but the demonstration's places and accounts."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with clock_at(TUESDAY) as standing:
        fill_once("staff", load_demo)
        yield standing
