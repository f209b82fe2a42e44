"""One registry whose days are laid out by its own rules, and somebody who may close them."""

from __future__ import annotations

import uuid

import pytest

from backend.marriage.offices import OfficeView
from backend.marriage.offices import office as office_view
from backend.marriage.open_slots import open_slots
from tests.marriage.conftest import calendar_2026, office
from tests.marriage_divorce.support import make_registrar

__all__ = ["calendar_2026", "office"]


@pytest.fixture
def place(app: object, office: uuid.UUID) -> OfficeView:
    """The registry with its released days laid out; two windows, 0.7 of them online."""
    open_slots()
    found = office_view(office)
    assert found is not None
    return found


@pytest.fixture
def officer(place: OfficeView) -> uuid.UUID:
    """An account."""
    return make_registrar()
