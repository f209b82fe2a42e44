"""The tick: a loop that finds in PostgreSQL what is due. Several processes may run it; a lease lets one of them work.

Should two work at once, after a clock was moved or a process was stopped for a while, nothing is done twice: every
task takes its rows with locks or conditions of its own.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from backend.jobs import lease
from backend.jobs.clients import clients
from backend.jobs.queue import wake_delivery
from backend.kernel.clock import now
from messages.attention import expire_moot
from messages.delivery import anything_due, deliver_due
from messages.reminders import post_due

log = logging.getLogger(__name__)

LEASE = "tick"
LOOP_SECONDS = 1.0
RENEW_SECONDS = 5.0

_BATCHES = 20  # of one task in one go, so that the others get their turn
_INLINE = 20  # messages delivered by the tick itself in one go while Redis is away


@dataclass(frozen=True)
class Task:
    """Something to do every so many seconds of the product's clock. `run` takes its rows so that it may run twice."""

    name: str
    every_seconds: float
    run: Callable[[], object]


def sweep() -> None:
    """Have delivered what Redis forgot to ask for; while Redis is away, deliver here."""
    if anything_due() and not wake_delivery():
        deliver_due(clients(), limit=_INLINE)


def repeated(batch: Callable[[], int]) -> Callable[[], None]:
    """A task that runs `batch` until it finds nothing more, or others have waited long enough."""

    def run() -> None:
        for _ in range(_BATCHES):
            if batch() == 0:
                return

    return run


TASKS: tuple[Task, ...] = (
    Task("post_due_reminders", 5, repeated(post_due)),
    Task("sweep_outbox", 1, sweep),
    Task("expire_moot_messages", 60, repeated(expire_moot)),
)


class Tick:
    """One process's part in the tick. `extra_tasks` are those of the services."""

    def __init__(self, extra_tasks: Sequence[Task] = ()) -> None:
        self.holder = lease.new_holder()
        self._tasks = (*TASKS, *extra_tasks)
        self._last_run: dict[str, datetime] = {}
        self._renewed_at = 0.0

    def run_once(self, moment: datetime) -> tuple[str, ...]:
        """Renew the lease and run what is due at `moment`; the names of the tasks run, none without the lease.

        A task that fails is logged and tried again after its interval. Raises `SQLAlchemyError` if the lease cannot
        be asked for.
        """
        ran: list[str] = []
        if not self._renew():
            return ()
        for task in self._tasks:
            if not self._is_due(task, moment):
                continue
            # The task before may have taken longer than the lease lasts.
            if time.monotonic() - self._renewed_at > RENEW_SECONDS and not self._renew():
                break
            self._last_run[task.name] = moment
            _run(task)
            ran.append(task.name)
        return tuple(ran)

    def _renew(self) -> bool:
        self._renewed_at = time.monotonic()
        return lease.hold(LEASE, self.holder, now())

    def stop(self) -> None:
        """Let another process take over at once."""
        lease.release(LEASE, self.holder, now())

    def _is_due(self, task: Task, moment: datetime) -> bool:
        last = self._last_run.get(task.name)
        # `last > moment`: the clock was set back.
        return last is None or last > moment or moment - last >= timedelta(seconds=task.every_seconds)


def _run(task: Task) -> None:
    try:
        task.run()
    except Exception:
        log.exception("task_failed task=%s", task.name)


def run_tick(extra_tasks: Sequence[Task] = (), stop: threading.Event | None = None) -> None:
    """Tick until `stop` is set; without one given, until SIGTERM or SIGINT. The database may be away for a while.

    Needs `use_database`, `use_redis` and `use_clients` done in this process.
    """
    stop = stop or _stop_on_signals()
    tick = Tick(extra_tasks)
    log.info("tick_started holder=%s", tick.holder)
    while not stop.is_set():
        try:
            tick.run_once(now())
        except SQLAlchemyError as error:
            log.warning("tick_without_database error=%s", type(error).__name__)
        stop.wait(LOOP_SECONDS)
    try:
        tick.stop()
    except SQLAlchemyError as error:
        log.warning("lease_not_released error=%s", type(error).__name__)


def tick_age(moment: datetime) -> timedelta | None:
    """How long ago any process ticked; None if never. Some seconds are well, a minute is not (/readyz)."""
    return lease.age(LEASE, moment)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handler(*_: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
    return stop
