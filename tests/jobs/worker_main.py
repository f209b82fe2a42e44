"""A worker process on given servers: worker_main.py DATABASE REDIS WECHAT MOMENT."""

from __future__ import annotations

import sys
from datetime import datetime

from backend.jobs.clients import use_clients
from backend.jobs.queue import use_redis
from backend.jobs.worker import run_worker
from backend.kernel.clock import MovableClock, use_clock
from backend.storage import Database, use_database
from tests.messages.sender import real_clients


def main() -> None:
    database_url, redis_url, wechat_url, moment = sys.argv[1:]
    use_database(Database(database_url))
    use_clock(MovableClock(datetime.fromisoformat(moment)))
    use_redis(redis_url)
    use_clients(lambda: real_clients(wechat_url, redis_url))
    run_worker(redis_url)


if __name__ == "__main__":
    main()
