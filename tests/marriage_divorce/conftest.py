"""One registry with its registrar, on 1 September 2026: the application of that day has rest days at both its ends."""

from __future__ import annotations

import uuid

import pytest

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.marriage.support import at, make_office
from tests.marriage_divorce.support import make_registrar


@pytest.fixture
def office(clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """The registry; 2026's notice is loaded, 2027's is not."""
    clock.move_to(at("2026-09-01 10:00"))
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return make_office()


@pytest.fixture
def registrar(office: uuid.UUID) -> uuid.UUID:
    """Whoever receives."""
    return make_registrar()
