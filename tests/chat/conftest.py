"""A registry with its slots, and a phone."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.storage import Database
from tests.chat.phone import Phone
from tests.marriage.support import make_office, make_slot


@pytest.fixture
def phone(app: Flask, clean_database: Database, clock: MovableClock) -> Phone:
    """A phone that has not written yet; the database is empty."""
    return Phone(app)


@pytest.fixture
def slot(phone: Phone) -> uuid.UUID:
    """A registry with one place, on Thursday 26 November at ten."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    office = make_office()
    make_slot(office, "2026-11-27 14:00", 2)
    return make_slot(office, "2026-11-26 10:00")
