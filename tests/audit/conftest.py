"""The demonstration's places and accounts at a Tuesday morning, and a browser for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import time

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock, clock_at
from backend.marriage.offers import forget_offices
from backend.staff import passwords
from backend.staff.audit import acting_ends
from backend.staff.models import StaffAccount
from backend.storage import Database, transaction
from tests.audit.support import AUDITOR, REGISTRAR, Bureau, Opened
from tests.console.support import CHEAP_HASHER, TUESDAY, Desk, make_appointment, make_desks, make_slot
from tests.kept import fill_once


@pytest.fixture
def bureau(clean_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bureau]:
    """Nothing but places, accounts and registries."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with clock_at(TUESDAY) as standing:
        fill_once("desks", make_desks)
        forget_offices()
        with transaction() as session:
            accounts = {account.username: account.id for account in session.scalars(sa.select(StaffAccount))}
        yield Bureau(standing, accounts)
    acting_ends()


@pytest.fixture
def clock(bureau: Bureau) -> MovableClock:
    """The product's clock."""
    return bureau.clock


@pytest.fixture
def desk(app: Flask, bureau: Bureau) -> Opened:
    """Signs somebody in with a browser of their own."""
    return lambda username=REGISTRAR: Desk(app.test_client(), username)


@pytest.fixture
def case(bureau: Bureau) -> uuid.UUID:
    """A couple's appointment at the registrar's registry."""
    return make_appointment(make_slot("xincheng", TUESDAY.date(), time(10, 0)), serial=1)


@pytest.fixture
def auditor(desk: Opened) -> Desk:
    """Whoever reads the trail."""
    return desk(AUDITOR)
