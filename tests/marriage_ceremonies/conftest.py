"""A registry on Monday 23 November 2026 with a garden, a hall, somebody who speaks, and couples who have an account."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.marriage.support import make_office
from tests.marriage_ceremonies.support import Couple, make_couple, make_officiant, make_venue
from tests.marriage_divorce.support import make_registrar


@pytest.fixture
def office(clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """The registry."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return make_office()


@pytest.fixture
def registrar(office: uuid.UUID) -> uuid.UUID:
    """Whoever decides about the weather."""
    return make_registrar()


@pytest.fixture
def hall(office: uuid.UUID) -> uuid.UUID:
    """The indoor venue."""
    return make_venue(office, "颁证大厅")


@pytest.fixture
def garden(office: uuid.UUID, hall: uuid.UUID) -> uuid.UUID:
    """The outdoor venue, with the hall to fall back on."""
    return make_venue(office, "屋顶花园", fallback=hall)


@pytest.fixture
def officiant(office: uuid.UUID) -> uuid.UUID:
    """特邀颁证师."""
    return make_officiant(office)


@pytest.fixture
def couple(office: uuid.UUID) -> Callable[..., Couple]:
    """The `index`-th couple, registered (or to be) at the moment told."""

    def make(index: int = 0, at: str = "2026-11-26 10:00", *, served: bool = False) -> Couple:
        return make_couple(office, index, at, served=served)

    return make
