"""`make run` as a whole, with stand-ins for the product's programs (run_stand_ins.py)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.embedded.environment import port_is_free
from tests.embedded.support import eventually, gone

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("web", "worker", "tick", "sandbox", "redis", "postgres")


def _free_port() -> int:
    """The first of two neighbouring free ports."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 65535 and port_is_free(port) and port_is_free(port + 1):
            return port


def _command(data_dir: Path, port: int, *flags: str) -> list[str]:
    return [sys.executable, "-m", "tests.embedded.run_stand_ins", str(data_dir), str(port), *flags]


@contextmanager
def _run(data_dir: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A run and what it printed up to `ready`; whatever happens, it is ended."""
    command = _command(data_dir, _free_port(), *flags)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        assert run.stdout is not None
        lines: list[str] = []
        try:
            for line in run.stdout:
                lines.append(line.rstrip("\n"))
                if lines[-1] == "ready":
                    break
            assert lines[-1] == "ready", lines
            yield run, lines
        finally:
            run.kill()


def _addresses(data_dir: Path) -> dict[str, int | str]:
    found = json.loads((data_dir / "run" / "addresses.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _pids(data_dir: Path) -> list[int]:
    addresses = _addresses(data_dir)
    return [int(addresses[name]) for name in SERVICES]


def test_it_gets_ready_says_where_and_stops_everything_on_sigterm(data_dir: Path) -> None:
    with _run(data_dir) as (run, lines):
        addresses, pids = _addresses(data_dir), _pids(data_dir)
        text = "\n".join(lines)
        assert str(addresses["console_url"]) in text
        assert str(addresses["sandbox_url"]) in text
        assert "did demo sign-ins" in lines
        assert str(addresses["database_url"]).startswith("postgresql://")
        assert str(addresses["redis_url"]).startswith("unix:///")
        assert (data_dir / "logs" / "migrate.log").read_text(encoding="utf-8") == "did db upgrade\n"
        assert len(set(pids)) == len(SERVICES)
        started = time.monotonic()
        run.send_signal(signal.SIGTERM)
        assert run.wait(15) == 0
        assert time.monotonic() - started < 15
    assert all(gone(pid) for pid in pids)
    assert not (data_dir / "run" / "addresses.json").exists()


def test_the_addresses_follow_a_child_that_came_back(data_dir: Path) -> None:
    with _run(data_dir) as (run, _lines):
        assert (data_dir / "failed").exists()
        before = int(_addresses(data_dir)["tick"])
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: _addresses(data_dir)["tick"] != before)
        redis = int(_addresses(data_dir)["redis"])
        os.kill(redis, signal.SIGKILL)
        assert eventually(lambda: _addresses(data_dir)["redis"] != redis)
        pids = _pids(data_dir)
        run.send_signal(signal.SIGINT)
        assert run.wait(15) == 0
    assert all(gone(pid) for pid in pids)


def test_killing_it_leaves_no_orphan_and_the_next_start_works(data_dir: Path) -> None:
    with _run(data_dir) as (run, _lines):
        pids = _pids(data_dir)
        run.kill()
        run.wait()
        assert eventually(lambda: all(gone(pid) for pid in pids))
    with _run(data_dir) as (run, _lines):
        run.send_signal(signal.SIGTERM)
        assert run.wait(15) == 0


def test_it_follows_the_program_that_started_it_when_told_to(data_dir: Path) -> None:
    command = _command(data_dir, _free_port(), "--with-parent")
    starter = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", starter, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert "ready\n" in parent.stdout
        pids = [*_pids(data_dir), int(_addresses(data_dir)["supervisor"])]
        parent.kill()
    assert eventually(lambda: all(gone(pid) for pid in pids), 15.0)


def test_a_second_run_on_the_same_data_is_refused(data_dir: Path) -> None:
    with _run(data_dir) as (run, _lines):
        second = subprocess.run(
            _command(data_dir, _free_port()), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
        assert f"Process {run.pid} already uses" in second.stderr
        assert second.returncode == 1
        assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        assert run.wait(15) == 0


def test_it_can_be_stopped_while_it_starts(data_dir: Path) -> None:
    with subprocess.Popen(
        _command(data_dir, _free_port()), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()  # it has begun with the first server
        run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
        assert run.wait(15) == 0
    assert "ready" not in rest.splitlines()
    assert not (data_dir / "run" / "addresses.json").exists()
