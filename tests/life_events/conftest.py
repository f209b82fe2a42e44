"""A registry with two half hours, an officer, and the calendar of 2026; a Monday morning."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.people.life_events import registry
from backend.storage import Database
from tests.marriage.support import make_office, make_slot
from tests.people_proxies.support import staff_account


@pytest.fixture(autouse=True)
def bureau(app: Flask, clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with its staff; what a test registers for events is forgotten after it."""
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))
    staff_account()
    import_year(2026, year_from_library(2026), "chinesecalendar")
    return app


@pytest.fixture
def office() -> uuid.UUID:
    """A registry."""
    return make_office("pingan", name="平安路婚姻登记处")


@pytest.fixture
def slot(office: uuid.UUID) -> uuid.UUID:
    """One place on Thursday 26 November at ten."""
    return make_slot(office, "2026-11-26 10:00")


@pytest.fixture
def other_slot(office: uuid.UUID) -> uuid.UUID:
    """Two places on Friday 27 November at two."""
    return make_slot(office, "2026-11-27 14:00", 2)
