"""An application with the console and the marriage desk, on a database of its own; the clock stands at a Tuesday."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from backend.console import enforce, install_console
from backend.kernel.access import Caller, declared_access
from backend.kernel.clock import MovableClock, clock_at
from backend.marriage.console import marriage_console
from backend.staff.demo import load_demo
from backend.storage import Database
from tests.console.support import TUESDAY, Desk, empty_tables, fresh_database, make_offices


@pytest.fixture(scope="session")
def made_database(worker_id: str) -> Iterator[Database]:
    """A migrated database of this test process."""
    with fresh_database(f"test_console_{worker_id}") as made:
        yield made


@pytest.fixture(autouse=True)
def clean(made_database: Database) -> Iterator[MovableClock]:
    """The demonstration's places, accounts and registries, nothing else."""
    with clock_at(TUESDAY) as clock:
        empty_tables(made_database)
        load_demo()
        make_offices()
        yield clock


@pytest.fixture(scope="session")
def app() -> Flask:
    """The console alone."""
    made = Flask("console")
    made.secret_key = "a secret of the tests"
    install_console(made, [marriage_console], secure_cookies=False)

    @made.before_request
    def guard() -> Response | None:
        declared = declared_access(made.view_functions[request.endpoint]) if request.endpoint else None
        return enforce(declared) if declared and declared.caller is Caller.STAFF else None

    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def desk(app: Flask) -> Callable[[str], Desk]:
    """Signs somebody in with a browser of their own."""
    return lambda username="registrar-1": Desk(app.test_client(), username)
