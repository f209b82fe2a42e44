"""A real PostgreSQL and a real Redis, started once per test process, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backend import models  # noqa: F401 - registers every table
from backend.embedded.places import temporary_data_dir
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from backend.kernel.clock import MovableClock, clock_at
from backend.storage import Base, Database, use_database
from messages.outbox import use_wake
from tests.messages.support import NOON

OWN_TABLES = (
    "message_addresses",
    "subscription_credits",
    "message_templates",
    "outbox_messages",
    "delivery_attempts",
    "reminders",
    "leases",
)


@pytest.fixture(scope="session")
def created_database() -> Iterator[Database]:
    with temporary_data_dir() as directory, EmbeddedPostgres(directory, durable=False) as server:
        created = Database(server.url)
        Base.metadata.create_all(created.engine)
        yield created
        created.engine.dispose()


@pytest.fixture
def database(created_database: Database) -> Database:
    """The database with no rows of ours, chosen for this process."""
    with created_database.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {', '.join(OWN_TABLES)} CASCADE"))
    use_database(created_database)
    return created_database


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with temporary_data_dir() as directory, EmbeddedRedis(directory) as server:
        yield server.url


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    with clock_at(NOON) as movable:
        yield movable


@pytest.fixture(autouse=True)
def nobody_to_wake() -> None:
    use_wake(lambda: None)
