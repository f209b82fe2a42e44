"""An empty bureau with a district and one clerk, a verification service, phones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.people.verification_service import use_verification_service, verification_service
from backend.staff import NodeKind, make_node, passwords
from backend.storage import Database, transaction
from tests.console.support import CHEAP_HASHER
from tests.people.support import Phone, Service, staff_account


@pytest.fixture
def bureau(app: Flask, clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A district; the clock stands at a Monday morning."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    with transaction() as db:
        db.add(make_node("district", NodeKind.DISTRICT, "新城区民政局", None))
    return app


@pytest.fixture
def clerk(bureau: Flask) -> uuid.UUID:
    """A member of staff."""
    return staff_account()


@pytest.fixture
def service(bureau: Flask) -> Iterator[Service]:
    """The bureau's verification service."""
    before, made = verification_service(), Service()
    use_verification_service(made)
    yield made
    use_verification_service(before)


@pytest.fixture
def phone(bureau: Flask) -> Callable[..., Phone]:
    """A resident's mini-program by the name of its owner; the same name is the same WeChat."""
    return lambda name="wang", unionid=None: Phone(bureau, f"openid-of-{name}", unionid)
