"""An empty bureau on a Monday morning."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.people_proxies.support import DAUGHTER, MOTHER, make_person


@pytest.fixture(autouse=True)
def bureau(app: Flask, clean_database: Database, clock: MovableClock) -> Flask:
    """The application, with nobody known."""
    return app


@pytest.fixture
def daughter() -> uuid.UUID:
    """A verified helper."""
    return make_person(DAUGHTER)


@pytest.fixture
def mother() -> uuid.UUID:
    """A verified principal."""
    return make_person(MOTHER)
