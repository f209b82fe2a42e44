"""The run's PostgreSQL and Redis without our rows, and a clock that stands still at noon."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
import sqlalchemy as sa

from backend.jobs import clients
from backend.jobs import queue as jobs_queue
from backend.kernel.clock import MovableClock, clock_at
from backend.storage import Database, use_database
from messages import outbox
from messages.outbox import use_wake
from tests.messages.support import NOON

OWN_TABLES = (
    "message_addresses",
    "subscription_credits",
    "message_templates",
    "channel_alarms",
    "outbox_messages",
    "delivery_attempts",
    "reminders",
    "leases",
)
CHOICES = (
    (import_module("backend.storage.database")._Process, "database"),
    (outbox._Process, "wake"),
    (jobs_queue._Process, "redis"),
    (clients._Process, "make"),
    (clients._Process, "made"),
)


@pytest.fixture(autouse=True)
def choices_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test chooses for its process is forgotten after it. Nobody is woken unless a test wants it."""
    for holder, name in CHOICES:
        monkeypatch.setattr(holder, name, getattr(holder, name))
    use_wake(lambda: None)


@pytest.fixture(scope="session")
def own_database(database_url: str) -> Iterator[Database]:
    own = Database(database_url)
    yield own
    own.engine.dispose()


@pytest.fixture
def database(own_database: Database, choices_of_the_process: None) -> Database:
    """The database with no rows of ours, chosen for this process."""
    with own_database.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {', '.join(OWN_TABLES)} CASCADE"))
    use_database(own_database)
    return own_database


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    with clock_at(NOON) as movable:
        yield movable
