"""Fresh appointment numbers, drawn from the database's sequence in blocks; a gap in them means nothing."""

from __future__ import annotations

import threading
from collections import deque

import sqlalchemy as sa

from backend.marriage.rules import appointment_number
from backend.storage import lean_transaction, run

_BLOCK = 20
_DRAW = sa.text("SELECT nextval('marriage_appointment_numbers') FROM generate_series(1, :block)")


_lock = threading.Lock()
_numbers: deque[str] = deque()


def next_number() -> str:
    """A number no appointment has had."""
    with _lock:
        if not _numbers:
            with lean_transaction():
                drawn = [row[0] for row in run(_DRAW, {"block": _BLOCK})]
            _numbers.extend(appointment_number(sequence) for sequence in drawn)
        return _numbers.popleft()
