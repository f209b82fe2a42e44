"""The worker process. Start it from a program that has made the application: forked jobs then import nothing (13 ms
instead of 380 ms per job).

A job runs in a forked child, so a crash never takes the worker along. There is no RQ scheduler: due times live
in PostgreSQL.
"""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from backend.jobs.queue import QUEUES
from backend.storage import database

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0

# With RQ's defaults a crashed worker's job is found again after minutes; with these after about 80 s.
WORKER_TTL = 30
MAINTENANCE_SECONDS = 15
MONITORING_SECONDS = 10


class _Worker(Worker):
    max_connection_wait_time = 5.0
    stop_wanted = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stop_wanted = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        database().forget_connections()  # they belong to the parent
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        # A supervisor that stops the whole group would cut a send in two; the job ends by itself within a minute.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def run_worker(redis_url: str, *, burst: bool = False) -> None:
    """Work until SIGTERM or SIGINT, finishing the job at hand; Redis may be away at the start or at any time.

    `burst`: stop when the queues are empty. Needs `use_database`, `use_redis` and `use_clients` done in this process.
    """
    stop = threading.Event()
    while not stop.is_set():
        _stop_on_signals(stop)
        if _work(redis_url, burst):
            return
        log.warning("worker_waits_for_redis seconds=%s", RETRY_SECONDS)
        stop.wait(RETRY_SECONDS)


def _work(redis_url: str, burst: bool) -> bool:
    """Work while Redis is there; True when the worker is to stop for good."""
    worker: _Worker | None = None
    try:
        worker = _Worker(
            list(QUEUES),
            connection=Redis.from_url(redis_url, socket_connect_timeout=5),
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            maintenance_interval=MAINTENANCE_SECONDS,
            job_monitoring_interval=MONITORING_SECONDS,
        )
        worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
    except StopRequested:
        return True
    except RedisError as error:
        log.warning("worker_lost_redis error=%s", type(error).__name__)
        return worker is not None and worker.stop_wanted
    return burst or worker.stop_wanted


def _stop_on_signals(stop: threading.Event) -> None:
    """Until RQ puts its own handlers in place, and after it has given up."""

    def handler(*_: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
