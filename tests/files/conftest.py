"""A person, a vault of the test's own, and a clamd that does as it is told."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.files import use_vault
from backend.kernel.clock import MovableClock, now
from backend.storage import Database
from tests.concurrency.support import new_person
from tests.files.samples import EICAR


@pytest.fixture
def vault(app: Flask, clean_database: Database, clock: MovableClock, tmp_path: Path) -> Iterator[Path]:
    """An empty vault; the database is empty too."""
    use_vault(tmp_path / "files", None)
    yield tmp_path / "files"
    use_vault(app.extensions["settings"].data_dir / "files", None)


@pytest.fixture
def owner(vault: Path) -> uuid.UUID:
    """Somebody who sends pictures."""
    return new_person(now())


class Clamd:
    """Speaks clamd's side of INSTREAM on a loopback port; `answer` overrides what it thinks of a file."""

    def __init__(self, listener: socket.socket) -> None:
        self.scanned: list[bytes] = []
        self.answer: bytes | None = None
        self._listener = listener
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as incoming:
                assert incoming.read(10) == b"zINSTREAM\0"
                body = b""
                while size := int.from_bytes(incoming.read(4), "big"):
                    body += incoming.read(size)
                self.scanned.append(body)
                verdict = b"stream: Eicar-Test-Signature FOUND" if EICAR in body else b"stream: OK"
                connection.sendall((verdict if self.answer is None else self.answer) + b"\0")


@pytest.fixture
def clamd_at() -> Iterator[Callable[[str], Clamd]]:
    """Start a clamd at the path of a socket, or at a free port of this machine for an empty path."""
    listeners = []

    def start(path: str = "") -> Clamd:
        listener = socket.socket(socket.AF_UNIX) if path else socket.socket()
        listener.bind(path or ("127.0.0.1", 0))
        listener.listen()
        listeners.append(listener)
        return Clamd(listener)

    yield start
    for listener in listeners:
        listener.close()
