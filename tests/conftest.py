"""Fixtures every test may use: the run's servers, a database per worker, the application, a clock that is moved."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from backend.app import create_app
from backend.kernel.clock import BEIJING, MovableClock, clock_at
from backend.settings import Settings, demonstration_environment, read_settings
from backend.storage import Database, database
from tests.browsers import LAUNCH_ARGUMENTS, chromium_path
from tests.caches import forget_caches
from tests.servers import Servers, clone_template, empty_tables, redis_address, running_servers

# A Monday without a holiday near, in the only year whose notice the calendar library holds for sure.
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING)

_run = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the controlling process; workers are told their addresses."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[_SERVERS] = _run.enter_context(running_servers())


def pytest_configure_node(node: Any) -> None:
    """Tell one worker where the servers are."""
    servers = node.config.stash[_SERVERS]
    node.workerinput["servers"] = (servers.postgres_url, servers.redis_url)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers."""
    if not hasattr(config, "workerinput"):
        _run.close()


_SERVERS: pytest.StashKey[Servers] = pytest.StashKey()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    """The run's PostgreSQL and Redis."""
    given = getattr(request.config, "workerinput", None)
    return Servers(*given["servers"]) if given else request.config.stash[_SERVERS]


@pytest.fixture(scope="session")
def worker_number(worker_id: str) -> int:
    """0 for the first xdist worker and for a run without workers."""
    return 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))


@pytest.fixture(scope="session")
def database_url(servers: Servers, worker_id: str) -> str:
    """This worker's migrated database."""
    return clone_template(servers, f"test_{worker_id}")


@pytest.fixture(scope="session")
def redis_url(servers: Servers, worker_number: int) -> str:
    """This worker's Redis database."""
    return redis_address(servers, worker_number)


@pytest.fixture(scope="session")
def make_settings(database_url: str, redis_url: str) -> Any:
    """Settings of a demonstration on this worker's servers, with changes by name."""
    directory = tempfile.mkdtemp(prefix="nuanmin-test-")

    def make(**changes: str) -> Settings:
        environ = demonstration_environment() | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(Path(directory)),
            "WECHAT_API_BASE_URL": "http://127.0.0.1:9",  # nobody listens on the discard port
            "RATE_LIMITS": "off",
        }
        return read_settings(environ | changes)

    return make


@pytest.fixture(scope="session")
def app(make_settings: Any) -> Flask:
    """The application of this worker."""
    made = create_app(make_settings())
    made.testing = False  # errors are answered as they would be in production
    return made


@pytest.fixture
def clean_database(app: Flask) -> Database:
    """This worker's database without a row, and no cached rows either."""
    empty_tables(database())
    app.extensions["redis"].flushdb()
    forget_caches()
    return database()


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    """The product's clock, standing at a Monday morning until it is moved."""
    with clock_at(MONDAY_MORNING) as movable:
        yield movable


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of a worker: Playwright cannot be started twice in a thread."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or program nobody has signed in with."""
    return app.test_client()
