"""A registry on Monday 23 November 2026 with a room and somebody who counsels."""

from __future__ import annotations

import uuid

import pytest

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.marriage.support import make_office, make_person
from tests.marriage_counselling.support import make_account, make_counsellor, make_room


@pytest.fixture
def office(clean_database: Database, clock: MovableClock) -> uuid.UUID:
    """The registry."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return make_office()


@pytest.fixture
def account(office: uuid.UUID) -> uuid.UUID:
    """The counsellor's account."""
    return make_account("counsellor")


@pytest.fixture
def counsellor(office: uuid.UUID, account: uuid.UUID) -> uuid.UUID:
    """苏敏."""
    return make_counsellor(office, account_id=account)


@pytest.fixture
def room(office: uuid.UUID) -> uuid.UUID:
    """辅导室一."""
    return make_room(office)


@pytest.fixture
def person(office: uuid.UUID) -> uuid.UUID:
    """Somebody who wishes to talk."""
    return make_person()
