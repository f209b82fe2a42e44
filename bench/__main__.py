"""`python -m bench`, what `make bench` runs: servers up, data in, rounds, table, checks."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context

import psutil
from alembic import command as alembic

from backend import models  # noqa: F401 - registers every table
from backend.commands import migrations
from backend.embedded.places import temporary_data_dir
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from backend.kernel.clock import now
from backend.settings import demonstration_environment, read_settings
from backend.storage import Database, KeyRing, use_database, use_keys
from bench import checks
from bench.bookings import BookingMaker
from bench.data import PEAK_CALLERS, PEAK_PLACES, prepare
from bench.load import Measured
from bench.programs import THREADS, WORKERS, running
from bench.pushes import PushMaker, openids
from bench.rows import BOOKINGS_A_ROUND, ROUND_SECONDS, ROUNDS, WARM_UP_SECONDS, Bench, Row, percentile
from bench.table import print_table

FOLLOWERS = 2_000
_SERVERS = {
    "raw_wsgi": "bench.servers.raw_wsgi:app",
    "empty_view": "bench.servers.empty_view:app",
    "werobot": "bench.servers.werobot_callback:app",
    "werobot_once": "bench.servers.werobot_callback:deduplicated",
    "single_statement": "bench.servers.single_statement:app",
    "product": "wsgi:app",
}


def main() -> int:
    """Print the table; returns 1 when the work was not done right, whatever the timings are."""
    print(f"{platform.machine()}, {psutil.cpu_count()} cores, Python {platform.python_version()}, {now():%Y-%m-%d}")
    print(f"granian {WORKERS} x {THREADS} threads, 32 connections, {ROUNDS} rounds of {ROUND_SECONDS} s, medians\n")
    with _bench() as bench:
        rows = bench.rows()
        warm_ups = [row.run(0, WARM_UP_SECONDS) for row in rows]
        for number in range(1, ROUNDS + 1):
            for row in rows:
                row.rounds.append(row.run(number, ROUND_SECONDS))
                _progress(row)
        rushed = checks.rush(bench)
        crowded = checks.peak(bench)
        wrong = [*checks.failures(bench, rows, warm_ups, rushed), *checks.peak_faults(crowded)]
    print_table(rows)
    _peak(crowded, next(row for row in rows if row.name == "raw WSGI"))
    return _verdict(wrong, rushed)


def _progress(row: Row) -> None:
    if sys.stderr.isatty():
        measured = row.rounds[-1]
        print(f"\r\033[K{row.name}: {len(measured.latencies) / measured.seconds:.0f}/s", end="\r", file=sys.stderr)


def _peak(crowded: Measured, raw: Row) -> None:
    p95 = percentile(crowded.latencies, 0.95)
    print(
        f"\npeak day: {len(crowded.latencies)} callers on {PEAK_PLACES} places in {crowded.seconds:.0f} s,"
        f" p95 {p95:.1f} ms (raw WSGI: {raw.percentile(0.95):.1f} ms)"
    )


def _verdict(wrong: list[str], rushed: Measured) -> int:
    print(f"\nrush: {rushed.statuses[201]} booked, {rushed.statuses[409]} told that the slot is full")
    for finding in wrong:
        print(f"WRONG  {finding}")
    if not wrong:
        print("checked: every answer has its rows, no slot is oversold, no reply is empty")
    return 1 if wrong else 0


@contextmanager
def _bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        directory = stack.enter_context(temporary_data_dir())
        postgres = stack.enter_context(EmbeddedPostgres(directory))  # durable: every commit waits for the disk
        redis = stack.enter_context(EmbeddedRedis(directory))
        env = os.environ | demonstration_environment()
        env |= {
            "DATABASE_URL": postgres.url,
            "BENCH_DATABASE": postgres.url,
            "REDIS_URL": redis.url,
            "DATA_DIR": str(directory),
            "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics"),
            "WECHAT_API_BASE_URL": "http://127.0.0.1:9",  # nobody listens on the discard port
            "RATE_LIMITS": "off",
        }
        settings = read_settings(env)
        use_database(Database(settings.database_url))
        before = settings.blind_index_keys_before
        use_keys(KeyRing(settings.field_keys, settings.blind_index_key, settings.field_cipher, before))
        alembic.upgrade(migrations(), "head")
        people = openids(2 * FOLLOWERS)
        logins = (2 * ROUNDS + 1) * BOOKINGS_A_ROUND + PEAK_CALLERS
        prepared, tokens = prepare(settings.account.app_id, people, settings.miniprogram.app_id, logins)
        yield Bench(
            drivers=stack.enter_context(ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"))),
            ports=stack.enter_context(running(_SERVERS, env, directory / "logs" / "bench.log")),
            database=postgres.url,
            pushes=PushMaker(settings.account),
            bookings=BookingMaker(tokens),
            followers=people[:FOLLOWERS],
            talkers=people[FOLLOWERS:],
            prepared=prepared,
        )


if __name__ == "__main__":
    sys.exit(main())
