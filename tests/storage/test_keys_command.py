"""`flask keys …` as an operator runs it, in a process of its own: killed, interrupted, looked at and repeated."""

from __future__ import annotations

import base64
import os
import pty
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from backend.api.models import IdempotentAnswer
from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.settings import Settings
from backend.storage import Database, KeyRing, key_ring, transaction, use_keys
from backend.storage.sealing import sealed_context
from tests.storage.conftest import INDEX, NEW, NEW_RING, OLD, OLD_RING

ROOT = Path(__file__).parents[2]
ROWS = 2000
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def answers(app: Flask, clean_database: Database, clock: MovableClock, keys: None) -> None:
    """Kept answers sealed with the old key."""
    use_keys(OLD_RING)
    with transaction() as session:
        for number in range(ROWS):
            row_id = new_id()
            body = key_ring().seal(f"answer {number}", sealed_context("idempotent_answers", "body_sealed", row_id))
            answer = IdempotentAnswer(id=row_id, caller_id=uuid.UUID(int=number), key="k", request_hash=b"h")
            answer.status, answer.body_sealed, answer.created_at = 201, body, clock()
            session.add(answer)
    use_keys(NEW_RING)


@pytest.fixture
def start(app: Flask, answers: None) -> Iterator[Start]:
    """Starts `flask keys …` in a process, its output going where told."""
    settings: Settings = app.extensions["settings"]
    keys = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in (("new", NEW), ("old", OLD)))
    environ = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "DATA_DIR": str(settings.data_dir),
        "FIELD_KEYS": keys,
        "BLIND_INDEX_KEY": base64.b64encode(INDEX).decode(),
    }
    started = []

    def run(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=stdout, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def count_new() -> int:
    """Values sealed with the new key so far."""
    with transaction() as session:
        column = IdempotentAnswer.body_sealed
        is_new = sa.func.substring(column, 1, len(NEW_RING.current_mark)) == NEW_RING.current_mark
        return session.scalar(sa.select(sa.func.count()).where(is_new)) or 0


def until_begun(process: subprocess.Popen[str]) -> None:
    """Wait until the process has sealed some values, and fail when it has done all of them by then."""
    end = time.monotonic() + 60
    while not count_new():
        assert process.poll() is None
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    assert count_new() < ROWS


def all_open(ring: KeyRing) -> bool:
    """Whether every answer opens and is the one it was."""
    use_keys(ring)
    with transaction() as session:
        rows = session.execute(sa.select(IdempotentAnswer.id, IdempotentAnswer.caller_id, IdempotentAnswer.body_sealed))
        return all(
            ring.open(row.body_sealed, sealed_context("idempotent_answers", "body_sealed", row.id))
            == f"answer {row.caller_id.int}"
            for row in rows
        )


def test_killed_and_interrupted_nothing_is_lost_and_the_next_run_ends_it(start: Start):
    killed = start("rotate", "--batch", "2")
    until_begun(killed)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    after_kill = count_new()
    assert 0 < after_kill < ROWS
    assert all_open(NEW_RING)

    interrupted = start("rotate", "--batch", "2")
    while count_new() == after_kill:
        assert interrupted.poll() is None
    interrupted.send_signal(signal.SIGINT)
    said, _ = interrupted.communicate()
    assert interrupted.returncode == 130
    assert "再运行一次 keys rotate 就会接着换" in said
    assert after_kill < count_new() < ROWS

    last = start("rotate")
    said, _ = last.communicate()
    assert last.returncode == 0
    assert re.search(r"^idempotent_answers：已换 (\d+) / \1，每秒 \d+ 个，约还要 0 秒$", said, re.MULTILINE), said
    assert "所有数据现在都用密钥 new（aes-256-gcm）加密" in said
    assert "用不到这些密钥：old" in said
    assert all_open(KeyRing({"new": NEW}, INDEX))


def test_on_a_terminal_a_bar_shows_how_far_it_is(start: Start):
    ours, theirs = pty.openpty()
    process = start("rotate", "--batch", "100", stdout=theirs)
    os.close(theirs)
    shown = read_terminal(ours)
    assert process.wait() == 0
    assert re.search(r"\[#+-+\]  \d+/2000  每秒 \d+ 个，约还要 \d+ 秒  idempotent_answers", shown), shown
    assert "2000/2000" in shown
    assert "换好了 2000 个" in shown


def read_terminal(descriptor: int) -> str:
    """Everything a process writes to its terminal, until it closes it."""
    chunks = []
    while True:
        try:
            chunk = os.read(descriptor, 4096)
        except OSError:  # how Linux says that the other side is closed
            chunk = b""
        if not chunk:
            os.close(descriptor)
            return b"".join(chunks).decode()
        chunks.append(chunk)


@pytest.fixture
def cli(app: Flask, answers: None) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_status_counts_by_column_key_and_cipher(cli: FlaskCliRunner):
    shown = cli.invoke(args=["keys", "status"])
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert lines[0] == "当前密钥：new（aes-256-gcm）"
    assert f"idempotent_answers.body_sealed：old（aes-256-gcm）{ROWS} 个" in lines
    assert "marriage_parties.id_number_sealed：没有数据" in lines
    assert not any("用不到" in line for line in lines)
    use_keys(KeyRing({"new": NEW, "old": OLD}, INDEX, "sm4-gcm"))
    assert cli.invoke(args=["keys", "rotate"]).exit_code == 0
    lines = cli.invoke(args=["keys", "status"]).output.splitlines()
    assert lines[0] == "当前密钥：new（sm4-gcm）"
    assert f"idempotent_answers.body_sealed：new（sm4-gcm）{ROWS} 个" in lines
    assert "用不到这些密钥：old" in lines[-1]


def test_what_does_not_open_is_named_and_fails_the_command(cli: FlaskCliRunner):
    with transaction() as session:
        row_id = session.scalar(sa.select(IdempotentAnswer.id).order_by(IdempotentAnswer.id).limit(1))
        foreign = KeyRing({"lost": INDEX}, INDEX).seal("x", "y")
        session.execute(sa.update(IdempotentAnswer).where(IdempotentAnswer.id == row_id).values(body_sealed=foreign))
    shown = cli.invoke(args=["keys", "rotate"])
    assert shown.exit_code == 1
    assert "idempotent_answers.body_sealed：有 1 个打不开" in shown.output
    assert str(row_id) in shown.output
    assert "所有数据" not in shown.output
    assert "用不到这些密钥：old" in shown.output
    assert "lost（aes-256-gcm，FIELD_KEYS 里没有这把密钥）1 个" in cli.invoke(args=["keys", "status"]).output
