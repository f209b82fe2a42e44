"""A registry with an archivist and its head, and somebody who has proven who they are, on Monday 23 November 2026."""

from __future__ import annotations

import uuid

import pytest

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.staff.models import Role
from backend.storage import Database
from tests.marriage.support import couple, make_office
from tests.marriage_divorce.support import make_registrar, make_verified


@pytest.fixture
def office(clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """The registry; 2026's notice is loaded, 2027's is not."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return make_office()


@pytest.fixture
def archivist(office: uuid.UUID) -> uuid.UUID:
    """Whoever looks."""
    return make_registrar()


@pytest.fixture
def head(office: uuid.UUID) -> uuid.UUID:
    """Whoever approves."""
    return make_registrar(username="head", role=Role.REGISTRY_HEAD)


@pytest.fixture
def resident(office: uuid.UUID) -> uuid.UUID:
    """Somebody who has proven name and number."""
    return make_verified(couple(0)[0])
