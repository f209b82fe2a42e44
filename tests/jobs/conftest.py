"""The fixtures of the messages' tests, and a Redis that is empty or away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from backend.jobs.queue import use_redis
from tests.messages.conftest import choices_of_the_process, clock, database, own_database

__all__ = ["choices_of_the_process", "clock", "database", "own_database"]


@pytest.fixture
def redis(redis_url: str, choices_of_the_process: None) -> Iterator[Redis]:
    """An empty Redis, chosen for this process."""
    client = Redis.from_url(redis_url)
    client.flushdb()
    use_redis(redis_url)
    yield client
    client.close()


@pytest.fixture
def no_redis(choices_of_the_process: None) -> None:
    """A Redis that is away, chosen for this process."""
    use_redis("redis://127.0.0.1:1")
