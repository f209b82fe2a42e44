"""The bare SQL, driven without HTTP by as many processes and threads as the servers have."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from bench.load import Measured
from bench.programs import THREADS


@dataclass(frozen=True)
class Bare:
    """One statement to run again and again, each time in a transaction with other values."""

    database: str
    statement: str
    values: Sequence[Mapping[str, object]]
    seconds: float


def run(bare: Bare) -> Measured:
    """Run the statement in the threads of this process until the time is over or the values are used up."""
    measured, lock = Measured(), threading.Lock()
    waiting = iter(bare.values)
    connections = [psycopg.connect(bare.database) for _ in range(THREADS)]
    began = time.perf_counter()

    def work(connection: psycopg.Connection) -> None:
        latencies = list(_latencies(connection, bare.statement, waiting, began + bare.seconds, lock))
        with lock:
            measured.latencies.extend(latencies)
        connection.close()

    threads = [threading.Thread(target=work, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = time.perf_counter() - began
    return measured


def _latencies(
    connection: psycopg.Connection,
    statement: str,
    waiting: Iterator[Mapping[str, object]],
    end: float,
    lock: threading.Lock,
) -> Iterator[float]:
    while (began := time.perf_counter()) < end:
        with lock:
            values = next(waiting, None)
        if values is None:
            return
        with connection.transaction():
            connection.execute(statement, values)
        yield (time.perf_counter() - began) * 1000
