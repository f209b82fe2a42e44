"""A database of its own with the demonstration's places and accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.kernel.clock import MovableClock, clock_at
from backend.staff.demo import load_demo
from backend.storage import Database
from tests.console.support import TUESDAY, empty_tables, fresh_database


@pytest.fixture(scope="session")
def made_database(worker_id: str) -> Iterator[Database]:
    """A migrated database of this test process."""
    with fresh_database(f"test_staff_{worker_id}") as made:
        yield made


@pytest.fixture(autouse=True)
def clock(made_database: Database) -> Iterator[MovableClock]:
    """Nothing but the demonstration's places and accounts, at a Tuesday morning."""
    with clock_at(TUESDAY) as standing:
        empty_tables(made_database)
        load_demo()
        yield standing
