"""Web servers under test: all run by granian with the settings `make run` uses, two workers of four threads."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backend.embedded import processes
from bench.load import HOST

ROOT = Path(__file__).parent.parent
WORKERS, THREADS = 2, 16
_START_SECONDS = 120.0


@contextmanager
def running(modules: Mapping[str, str], env: Mapping[str, str], log: Path) -> Iterator[dict[str, int]]:
    """Start a server for each `name: module:app`; yields their ports by name once all listen."""
    with ExitStack() as stack:
        ports = {}
        for name, module in modules.items():
            ports[name] = _free_port()
            stack.enter_context(_server(module, ports[name], env, log))
        for port in ports.values():
            _wait_until_listening(port, log)
        yield ports


@contextmanager
def _server(module: str, port: int, env: Mapping[str, str], log: Path) -> Iterator[None]:
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    argv += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning"]
    argv += ["--workers-kill-timeout", "1", module]
    with log.open("ab") as output:
        process: subprocess.Popen[bytes] = processes.start(argv, cwd=ROOT, env=env, output=output)
    try:
        yield
    finally:
        processes.stop(process, ((signal.SIGTERM, 3.0),))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"a server did not start:\n{log.read_text()}") from None
            time.sleep(0.1)
