"""Fixtures of the tests of our own servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.places import temporary_data_dir


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that the database's user can reach also when the tests run as root."""
    with temporary_data_dir() as path:
        yield path
