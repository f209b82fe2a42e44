"""The real process: it starts, answers, ends on SIGTERM, and ends with its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.sandbox.support import SECRET, Product

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(product: Product, folder: Path, port: int) -> dict[str, str]:
    values = {"APP_ID": "wx00000000000000a1", "SECRET": SECRET, "TOKEN": "AAAAA", "AES_KEY": "A" * 43}
    return {
        "PATH": os.environ["PATH"],
        "PUBLIC_BASE_URL": product.url,
        "DATA_DIR": str(folder),
        "SANDBOX_PORT": str(port),
        **{
            f"WECHAT_{name}_{key}": value
            for name in ("ACCOUNT", "MINIPROGRAM")
            for key, value in (values | {"ORIGINAL_ID": "gh_0000000000a1"}).items()
        },
    }


def wait_until_up(port: int) -> httpx.Response:
    deadline = time.monotonic() + 15
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/sandbox/clock", trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the sandbox did not start"


def ended_within(seconds: float, port: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/sandbox/clock", trust_env=False)
        except httpx.TransportError:
            return True
    return False


@pytest.mark.processes
def test_sigterm_ends_it_and_keeps_the_state(product: Product, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "sandbox"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(product, tmp_path, port), stderr=subprocess.PIPE)
    try:
        assert wait_until_up(port).status_code == 200
        httpx.post(f"http://127.0.0.1:{port}/sandbox/users", json={"name": "赵敏"}, trust_env=False)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=5)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert "赵敏" in (tmp_path / "sandbox" / "state.json").read_text("utf-8")


@pytest.mark.processes
def test_it_ends_with_its_parent(product: Product, tmp_path: Path) -> None:
    port = free_port()
    starter = (
        "import os, subprocess, sys; "
        "subprocess.Popen([sys.executable, '-m', 'sandbox'], "
        "env=os.environ | {'SANDBOX_PARENT_PID': str(os.getpid())}); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter],
        cwd=ROOT,
        env=environment(product, tmp_path, port),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_up(port)
    finally:
        parent.kill()
        parent.wait(timeout=5)
    assert ended_within(10, port)


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox"]
    ended = subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, timeout=20)
    assert (ended.returncode, ended.stderr) == (2, b"sandbox: PUBLIC_BASE_URL is not set\n")
