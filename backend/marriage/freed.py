"""Who wants to know when minutes of slots are given back, or are new. The transaction that frees them tells."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

Listener = Callable[[uuid.UUID], None]

_listeners: dict[str, Listener] = {}


def on_freed(name: str, listener: Listener) -> None:
    """Have `listener` called with the id of each slot that has more room; the same name's earlier one is replaced."""
    _listeners[name] = listener


def tell_freed(slot_ids: Iterable[uuid.UUID]) -> None:
    """Say in the open transaction that slots have more room than before."""
    for slot_id in slot_ids:
        for listener in _listeners.values():
            listener(slot_id)
