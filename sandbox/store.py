"""The state file: written whole, atomically, and at most a few times a second."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.state import State

DEBOUNCE_SECONDS = 0.3


def load_state(path: Path) -> State | None:
    """The kept state, or None where there is none.

    A file that cannot be read is set aside under another name instead of being overwritten, so nobody's chats vanish.
    """
    try:
        return State.from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError):
        path.replace(path.with_suffix(".unreadable.json"))
        return None


class StateWriter:
    """Writes `snapshot()` to `path` shortly after `touch()`; `close()` writes what is still owed."""

    def __init__(self, path: Path, snapshot: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._snapshot = snapshot
        self._owed = threading.Event()
        self._closed = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="state-writer", daemon=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def touch(self) -> None:
        """Something changed."""
        self._owed.set()

    def close(self) -> None:
        """Stop, writing first what is owed."""
        self._closed.set()
        self._owed.set()
        self._thread.join(timeout=5)
        self.write()

    def write(self) -> None:
        """Write now. A reader or a crash sees the old file or the new one, never half of one."""
        with self._writing:
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps(self._snapshot(), ensure_ascii=False), "utf-8")
            os.replace(partial, self._path)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._owed.wait()
            if self._closed.wait(DEBOUNCE_SECONDS):
                return
            self._owed.clear()
            self.write()
