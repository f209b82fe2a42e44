"""One registry, without slots until a test makes them; 2026's calendar is loaded, 2027's is not."""

from __future__ import annotations

import uuid

import pytest

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.marriage.support import make_office, make_slot


@pytest.fixture
def calendar_2026(clean_database: Database, clock: MovableClock) -> None:
    """The notice of 2026."""
    import_year(2026, year_from_library(2026), "chinesecalendar")


@pytest.fixture
def office(calendar_2026: None) -> uuid.UUID:
    """A registry."""
    return make_office()


@pytest.fixture
def slot(office: uuid.UUID) -> uuid.UUID:
    """One place on Thursday 26 November at ten."""
    return make_slot(office, "2026-11-26 10:00")


@pytest.fixture
def other_slot(office: uuid.UUID) -> uuid.UUID:
    """One place on Friday 27 November at two."""
    return make_slot(office, "2026-11-27 14:00")
