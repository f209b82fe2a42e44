"""One registry and the slot of a Thursday that others have taken."""

from __future__ import annotations

from tests.marriage.conftest import calendar_2026, office, slot

__all__ = ["calendar_2026", "office", "slot"]
