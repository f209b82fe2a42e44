"""The worker as a real process: it outlives Redis, stops cleanly, and leaves nothing half-told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.embedded.places import temporary_data_dir
from backend.embedded.redis import EmbeddedRedis
from backend.jobs.queue import use_redis, wake_delivery
from messages.models import OutboxState
from tests.messages.stand_in import StandIn
from tests.messages.support import NOON, map_templates, message, queue, someone

pytestmark = [pytest.mark.usefixtures("database", "clock"), pytest.mark.processes]

ROOT = Path(__file__).parents[2]


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def own_redis(choices_of_the_process) -> Iterator[EmbeddedRedis]:
    """A Redis this test may stop."""
    with temporary_data_dir() as directory, EmbeddedRedis(directory) as server:
        use_redis(server.url)
        yield server


@pytest.fixture
def start_worker(database, own_redis, wechat, tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    started = []
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.jobs.worker_main", url, own_redis.url, wechat.url, NOON.isoformat()]

    def start() -> subprocess.Popen:
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=log)
        started.append(process)
        return process

    yield start
    wechat.hold.set()
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def worker(start_worker) -> subprocess.Popen:
    return start_worker()


@pytest.fixture
def logged(tmp_path) -> Callable[[str], bool]:
    """Whether the worker has said something."""
    return lambda text: text in (tmp_path / "log").read_text()


def post_and_wake():
    message_id = queue(someone(wrote=True))
    assert eventually(wake_delivery)
    return message_id


def sent(message_id) -> Callable[[], bool]:
    return lambda: message(message_id).state is OutboxState.SENT


def test_it_delivers_and_stops_on_sigterm(worker):
    assert eventually(sent(post_and_wake()))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_a_stop_waits_for_the_message_under_way(worker, wechat):
    wechat.hold.clear()
    message_id = post_and_wake()
    assert wechat.arrived.wait(timeout=60)
    for pid in (worker.pid, *_children(worker.pid)):  # as a supervisor does that stops the whole group
        os.kill(pid, signal.SIGTERM)
    assert message(message_id).state is OutboxState.SENDING
    wechat.hold.set()
    assert worker.wait(timeout=60) == 0
    assert message(message_id).state is OutboxState.SENT
    assert len(wechat.received) == 1


def test_it_outlives_redis(worker, own_redis):
    assert eventually(sent(post_and_wake()))
    own_redis.stop()
    assert worker.poll() is None
    message_id = queue(someone(wrote=True))
    assert wake_delivery() is False
    own_redis.start()
    use_redis(own_redis.url)
    assert eventually(lambda: wake_delivery() and sent(message_id)())
    assert worker.poll() is None


def test_it_waits_for_redis_to_come_up(own_redis, start_worker, logged):
    own_redis.stop()
    worker = start_worker()
    assert eventually(lambda: logged("worker_waits_for_redis"))
    own_redis.start()
    assert eventually(sent(post_and_wake()))
    assert worker.poll() is None


def test_it_can_be_stopped_while_it_waits_for_redis(own_redis, start_worker, logged):
    own_redis.stop()
    worker = start_worker()
    assert eventually(lambda: logged("worker_waits_for_redis"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_a_killed_job_leaves_one_message_and_a_new_job_goes_on(worker, wechat):
    map_templates()
    wechat.hold.clear()
    stuck = post_and_wake()
    assert wechat.arrived.wait(timeout=60)
    (horse,) = _children(worker.pid)
    other = queue(someone(follows=True))
    os.kill(horse, signal.SIGKILL)
    wechat.hold.set()
    assert eventually(sent(other))
    assert message(stuck).state is OutboxState.SENDING
    assert len(wechat.told) == 2


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
