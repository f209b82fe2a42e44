"""Identifiers. Rows are keyed by UUIDs that grow with time, so that indexes stay compact and ids tell nothing."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_RANDOM_BITS = 74
_STEP_BITS = 32

_lock = threading.Lock()
_last = 0  # milliseconds and random bits of the id made last


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Those that a process makes grow, also within a millisecond (§6.2, method 2), so that rows written at one moment of
    the product's clock keep the order they were written in. The step is random: an id does not tell the next.

    The time in it serves order only, so it is the machine's and not the product's movable clock.
    """
    global _last
    made = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        if made >> _RANDOM_BITS <= _last >> _RANDOM_BITS:
            made = _last + 1 + secrets.randbits(_STEP_BITS)
        _last = made
    return uuid.UUID(int=_as_version_7(made))


def _as_version_7(made: int) -> int:
    """48, 12 and 62 bits with the four of the version and the two of the variant between them."""
    milliseconds, first, rest = made >> _RANDOM_BITS, made >> 62 & 0xFFF, made & (1 << 62) - 1
    return (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | first << 64 | 0b10 << 62 | rest
