"""A rush, pure: its modes and phases, and the draw.

The draw is fixed before anybody asks: a secret is made when the rush is announced and its SHA-256 is published. After
the draw the secret is published too. Requests are served in the order of SHA-256("<secret>:<number>"), so that anybody
can check both the secret and the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
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
    WITHDRAWN = "withdrawn"  # by the couple, before it was its turn


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
    CALLED_OFF = "called_off"  # before it opened; the day is booked as any other


def phase_at(opens_at: datetime, closes_at: datetime, settled_at: datetime | None, moment: datetime) -> Phase:
    """Where a rush stands at a moment."""
    if settled_at is not None:
        return Phase.SETTLED
    if moment < opens_at:
        return Phase.AHEAD
    return Phase.OPEN if moment < closes_at else Phase.DRAWING


# Whoever tries before the opening is told the moment. The first tries cost nothing: a clock may be fast. Each one more
# keeps whoever sends it off for twice as long, so that a program that presses without end comes later than a person.
FREE_TRIES = 3
MOST_BACK_OFF = timedelta(minutes=1)


def back_off(tries: int) -> timedelta:
    """For how long nobody is let in after so many tries before the opening, or during such a time."""
    over = tries - FREE_TRIES
    if over <= 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(over, 10)), MOST_BACK_OFF)


def commitment_to(secret: str) -> str:
    """What is published of a secret before the draw: 64 hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def draw_order(secret: str, numbers: Iterable[int]) -> list[int]:
    """The numbers in the order of the draw."""
    return sorted(numbers, key=lambda number: sha256(f"{secret}:{number}".encode()).digest())
