"""The console's places and accounts, with couples who are expected on a Tuesday."""

from __future__ import annotations

import uuid
from datetime import time

import pytest
import sqlalchemy as sa

from backend.marriage.models import Office
from backend.storage import transaction
from tests.console.conftest import app_redis, desk, desks
from tests.console.support import TUESDAY, make_slot

__all__ = ["app_redis", "desk", "desks"]


@pytest.fixture
def office_id(desks: object) -> uuid.UUID:
    """The registry of the first registrar."""
    with transaction() as session:
        return session.scalars(sa.select(Office.id).where(Office.code == "xincheng")).one()


@pytest.fixture
def ten(office_id: uuid.UUID) -> uuid.UUID:
    """Places at ten; the clock stands at 09:40."""
    return make_slot("xincheng", TUESDAY.date(), time(10, 0), 30)


@pytest.fixture
def nine(office_id: uuid.UUID) -> uuid.UUID:
    """Places at nine, whose grace ended at 09:15."""
    return make_slot("xincheng", TUESDAY.date(), time(9, 0), 9)
