"""Every call in both directions, for people who look and tests that assert. Secrets are shortened before they enter."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from typing import Any, Literal

KEPT = 2000
SECRET_NAMES = frozenset(
    {"access_token", "secret", "appsecret", "session_key", "js_code", "token", "refresh_token", "ticket"}
)

Direction = Literal["push", "call"]


class Journal:
    """Newest `KEPT` entries. Ids rise for ever, also over a restart, so that a poller's `after` stays good."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._last_id = int(time.time()) * 1000

    def add(
        self,
        *,
        at: str,
        direction: Direction,
        method: str,
        path: str,
        app: str,
        request: Any,
        response: Any,
        status: int | None,
        duration_ms: int,
        note: str = "",
    ) -> int:
        """Enter one exchange (`request`, `response`: JSON values) and give its id; `status` None: no answer came."""
        entry = {
            "at": at,
            "direction": direction,
            "method": method,
            "path": path,
            "app": app,
            "request": shortened(request),
            "response": shortened(response),
            "status": status,
            "duration_ms": duration_ms,
            "note": note,
        }
        with self._lock:
            self._last_id += 1
            self._entries.append({"id": self._last_id, **entry})
            return self._last_id

    def after(self, entry_id: int, limit: int) -> list[dict[str, Any]]:
        """Entries newer than `entry_id`, oldest first; of too many, the newest `limit`."""
        with self._lock:
            found = [entry for entry in self._entries if entry["id"] > entry_id]
        return found[-limit:] if limit else []

    def clear(self) -> None:
        """Forget all entries; ids go on rising."""
        with self._lock:
            self._entries.clear()


def shortened(value: Any) -> Any:
    """A copy in which tokens, secrets and session keys keep only their first characters."""
    if isinstance(value, dict):
        return {key: _short(item) if key in SECRET_NAMES else shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, str):
        pattern = r'("?(?:access_token|refresh_token|secret|session_key)"?\s*[:=]\s*"?)([^"&\s]{7,})'
        return re.sub(pattern, lambda match: match[1] + _short(match[2]), value)
    return value


def _short(value: Any) -> Any:
    return value[:6] + "…" if isinstance(value, str) and len(value) > 6 else value
