"""A rush, pure: its modes and phases, and the draw.

The draw is fixed before anybody asks: a secret is made when the rush is announced and its SHA-256 is published. After
the draw the secret is published too. Requests are served in the order of SHA-256("<secret>:<number>"), so that anybody
can check both the secret and the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class RushMode(StrEnum):
    """In which order requests are served."""

    QUEUE = "queue"  # by their numbers
    DRAW = "draw"


class RequestState(StrEnum):
    """What became of a request."""

    ASKED = "asked"
    PLACED = "placed"
    UNPLACED = "unplaced"


class DayPart(StrEnum):
    """What suits a couple."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class Phase(StrEnum):
    """Where a rush stands."""

    AHEAD = "ahead"
    OPEN = "open"  # requests are taken
    DRAWING = "drawing"  # no more are taken, places are being given
    SETTLED = "settled"


def phase_at(opens_at: datetime, closes_at: datetime, settled_at: datetime | None, moment: datetime) -> Phase:
    """Where a rush stands at a moment."""
    if settled_at is not None:
        return Phase.SETTLED
    if moment < opens_at:
        return Phase.AHEAD
    return Phase.OPEN if moment < closes_at else Phase.DRAWING


def commitment_to(secret: str) -> str:
    """What is published of a secret before the draw: 64 hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def draw_order(secret: str, numbers: Iterable[int]) -> list[int]:
    """The numbers in the order of the draw."""
    return sorted(numbers, key=lambda number: sha256(f"{secret}:{number}".encode()).digest())
