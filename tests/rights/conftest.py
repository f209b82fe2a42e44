"""A registry on a Monday morning, and residents by name."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.marriage.support import make_office
from tests.rights.support import Resident, make_resident


@pytest.fixture
def office(app: Flask, clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """One registry; nobody has booked."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return make_office()


@pytest.fixture
def resident(app: Flask, office: uuid.UUID) -> Callable[[str], Resident]:
    """A resident by any name; the same name is the same openid."""
    return lambda name="wang": make_resident(app, name)
