"""The running sandbox: one state under one lock, one clock, one journal. Handed to every function that needs them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import httpx
from flask import current_app

from sandbox.config import BEIJING, Config, Product
from sandbox.conformance.report import Conformance
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.state import CHAT_KEPT, ChatItem, Resident, State, fresh_residents
from sandbox.store import StateWriter, load_state


class World:
    """Hold `lock` to read or change `state`; never hold it while speaking to the product, which may call back."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.journal = Journal()
        self.faults = Faults()
        self.in_flight: set[str] = set()
        self.waiting: dict[str, int] = {}
        self.oauth_states: dict[str, str] = {}
        self.clock_moving = threading.Lock()
        self.media_dir = config.data_dir / "sandbox" / "media"
        self.conformance = Conformance()
        path = config.data_dir / "sandbox" / "state.json"
        kept = load_state(path)
        self.state = kept or State()
        if kept is None:
            fresh_residents(config, self.state, int(self.now()))
        self._writer = StateWriter(path, self._snapshot)
        # The product stands on this machine, so no proxy may come between; and WeChat follows no redirect.
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=32)
        self.http = httpx.Client(trust_env=False, limits=limits, follow_redirects=False)
        self.changed()

    def now(self) -> float:
        """The sandbox's Unix time in seconds: the machine's plus the offset."""
        return time.time() + self.state.offset_seconds

    def now_text(self) -> str:
        """The sandbox's time as RFC 3339 in 北京时间."""
        return datetime.fromtimestamp(self.now(), BEIJING).isoformat(timespec="milliseconds")

    def changed(self) -> None:
        """Tell the state file that it is out of date."""
        self._writer.touch()

    def in_background(self, work: Callable[[], object], delay_seconds: float = 0.0) -> None:
        """Run `work` on a thread that dies with the process, after a pause of machine time."""

        def run() -> None:
            if self.stopping.wait(delay_seconds):
                return
            try:
                work()
            except RuntimeError:
                # Work that was still under way when the sandbox closed finds its HTTP client closed.
                if not self.stopping.is_set():
                    raise

        threading.Thread(target=run, daemon=True).start()

    def show(self, resident: Resident, sender: str, kind: str, text: str, product: Product, **more: Any) -> ChatItem:
        """Put one item on the resident's phone; `more` holds title, fields and the like."""
        with self.lock:
            item: ChatItem = {
                "id": self.state.number(),
                "at": self.now_text(),
                "sender": sender,
                "type": kind,
                "text": text,
                "product": product,
            }
            item.update(cast(ChatItem, more))
            resident.chat.append(item)
            del resident.chat[:-CHAT_KEPT]
            self.changed()
        return item

    def close(self) -> None:
        """Let waiting deliveries go and write the state a last time."""
        self.stopping.set()
        self._writer.close()
        self.http.close()

    def _snapshot(self) -> dict[str, Any]:
        with self.lock:
            return self.state.to_json()


def current_world() -> World:
    """The world of the application that is answering this request."""
    world: World = current_app.extensions["sandbox"]
    return world
