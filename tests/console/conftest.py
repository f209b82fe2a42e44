"""The console with the demonstration's places and accounts; the clock stands at a Tuesday."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from redis import Redis

from backend.jobs.queue import use_redis
from backend.kernel.clock import MovableClock, clock_at
from backend.marriage.offers import forget_offices
from backend.staff import passwords
from backend.storage import Database
from tests.console.support import CHEAP_HASHER, TUESDAY, Desk, make_desks
from tests.kept import fill_once


@pytest.fixture(autouse=True)
def desks(clean_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableClock]:
    """The demonstration's places, accounts and registries, nothing else."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with clock_at(TUESDAY) as standing:
        fill_once("desks", make_desks)
        forget_offices()
        yield standing


@pytest.fixture
def desk(app: Flask) -> Callable[..., Desk]:
    """Signs somebody in with a browser of their own."""
    return lambda username="registrar-1": Desk(app.test_client(), username)


@pytest.fixture
def app_redis(redis_url: str) -> Iterator[Redis]:
    """This worker's Redis, empty, through which the application wakes workers."""
    client = Redis.from_url(redis_url)
    client.flushdb()
    use_redis(redis_url)
    yield client
    client.close()
