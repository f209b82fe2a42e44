"""A chat on a Monday morning."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock
from tests.flows.tester import Chat


@pytest.fixture(autouse=True)
def application(app: Flask) -> Flask:
    """What the fakes ask of a room's rules, as whether a registry takes foreigners, is a setting in the database."""
    return app


@pytest.fixture
def chat(clock: MovableClock) -> Chat:
    """Somebody who has not written before."""
    return Chat()
