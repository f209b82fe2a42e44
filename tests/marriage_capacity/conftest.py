"""One registry whose days are laid out by its own rules, and somebody who may close them."""

from __future__ import annotations

import uuid

import pytest

from backend.marriage.offers import forget_offices, offices
from backend.marriage.offices import OfficeView
from backend.marriage.open_slots import open_slots
from tests.kept import fill_once
from tests.marriage.conftest import calendar_2026, office
from tests.marriage.support import make_office
from tests.marriage_divorce.support import make_registrar

__all__ = ["calendar_2026", "office"]


@pytest.fixture
def place(app: object, calendar_2026: None) -> OfficeView:
    """The registry with its released days laid out; two windows, 0.7 of them online."""
    fill_once("registrys_days", lay_out)
    forget_offices()
    (found,) = offices()
    return found


def lay_out() -> None:
    """A registry and its days."""
    make_office()
    open_slots()


@pytest.fixture
def officer(place: OfficeView) -> uuid.UUID:
    """An account."""
    return make_registrar()
