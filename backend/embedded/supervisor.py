"""Keeps the programs of one installation running: starts them, brings back what dies, stops them in order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from backend.embedded import places, processes, texts
from backend.embedded.errors import EmbeddedServerError

BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
_STEADY_SECONDS = 60.0  # after this long its earlier deaths no longer count


class Service(Protocol):
    """What can be kept running: one of our servers, or a `ChildProcess`."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None

    def launch(self) -> None:
        """Start it, also again after it died. Raises `EmbeddedServerError`."""

    def stop(self) -> None:
        """Stop it and wait for the end."""

    def kill(self) -> None:
        """Have it end at once, without waiting."""


@dataclass(frozen=True)
class Child:
    """A program to keep running; `grace` is how many seconds it may take to stop."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    grace: float = 1.0


class ChildProcess:
    """A `Child` with its log, DATA_DIR/logs/<name>.log, and its record, DATA_DIR/run/<name>.pid."""

    def __init__(self, child: Child, data_dir: Path, cwd: Path) -> None:
        self.name = child.name
        self.log = places.fresh_log(data_dir, child.name)
        self.process: subprocess.Popen[bytes] | None = None
        self._child = child
        self._cwd = cwd
        self._record = data_dir / "run" / f"{child.name}.pid"

    def launch(self) -> None:
        """Start the program. Raises `EmbeddedServerError` when there is no such program."""
        if self.process is not None:
            processes.kill_group(self.process)  # what a killed parent left in its group may keep the port
        try:
            with self.log.open("ab") as log:
                self.process = processes.start(self._child.argv, cwd=self._cwd, env=self._child.env, output=log)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise EmbeddedServerError(texts.CHILD_UNSTARTABLE.format(name=self.name, reason=reason)) from error
        processes.remember(self._record, self.process)

    def stop(self) -> None:
        """Stop the program by SIGTERM, after its grace by SIGKILL."""
        if self.process is not None:
            processes.stop(self.process, ((signal.SIGTERM, self._child.grace),))
            self.process = None
        processes.forget(self._record)

    def kill(self) -> None:
        """End the program at once."""
        if self.process is not None and self.process.returncode is None:
            processes.kill_group(self.process)


@dataclass
class _Watched:
    service: Service
    deaths: int = 0
    started_at: float = field(default_factory=time.monotonic)
    back_at: float | None = None


class Supervisor:
    """Watches services. `say` is told what happened; `changed` is called when a process has been replaced."""

    def __init__(
        self,
        say: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        backoff: Sequence[float] = BACKOFF_SECONDS,
    ) -> None:
        self._say = say
        self._changed = changed
        self._backoff = backoff
        self._watched: list[_Watched] = []

    def watch(self, service: Service) -> None:
        """From now on bring `service`, which has been started, back whenever it dies."""
        self._watched.append(_Watched(service))

    def pids(self) -> dict[str, int]:
        """The process number of each service that runs, by name."""
        found = {watched.service.name: watched.service.process for watched in self._watched}
        return {name: process.pid for name, process in found.items() if process is not None}

    def look(self) -> None:
        """Notice what died and start again what has waited long enough; returns at once, so call it often."""
        for watched in self._watched:
            process = watched.service.process
            if watched.back_at is not None:
                if time.monotonic() >= watched.back_at:
                    self._bring_back(watched)
            elif process is not None and process.poll() is not None:
                self._note_death(watched, _status(process.returncode))

    def stop(self, order: Sequence[str]) -> None:
        """Stop the services named in `order`, one after another, then any others, the last started first."""
        by_name = {watched.service.name: watched.service for watched in self._watched}
        others = [name for name in reversed(by_name) if name not in order]
        for name in [*order, *others]:
            if name in by_name:
                by_name[name].stop()
        self._watched.clear()

    def kill(self) -> None:
        """Have everything end at once; `stop` still has to follow. Fit for a signal handler."""
        for watched in self._watched:
            watched.service.kill()

    def _note_death(self, watched: _Watched, status: str) -> None:
        if time.monotonic() - watched.started_at > _STEADY_SECONDS:
            watched.deaths = 0
        wait = self._backoff[min(watched.deaths, len(self._backoff) - 1)]
        watched.deaths += 1
        watched.back_at = time.monotonic() + wait
        service = watched.service
        self._say(texts.CHILD_DIED.format(name=service.name, status=status, seconds=wait, log=service.log))

    def _bring_back(self, watched: _Watched) -> None:
        watched.back_at, watched.started_at = None, time.monotonic()
        try:
            watched.service.launch()
        except EmbeddedServerError as error:
            self._note_death(watched, str(error))
            return
        self._changed()
        self._say(texts.CHILD_BACK.format(name=watched.service.name))


def _status(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    return signal.strsignal(-code) or f"signal {-code}"
