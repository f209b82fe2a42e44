"""A chat on a Monday morning."""

from __future__ import annotations

import pytest

from backend.kernel.clock import MovableClock
from tests.flows.tester import Chat


@pytest.fixture
def chat(clock: MovableClock) -> Chat:
    """Somebody who has not written before."""
    return Chat()
