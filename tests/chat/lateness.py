"""Turns that take too long, threads that die, and what leaves afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from threading import Semaphore
from typing import Any

import pytest
import sqlalchemy as sa

from backend.chat import in_time, late
from backend.storage import database
from messages.delivery import deliver_due
from tests.chat.phone import Phone
from tests.messages.support import FakeClient

SOON = timedelta(seconds=11)

# A conversation about consent: it asks ports, so its turns are locked, and it needs no other service.
BEGIN, ANSWER, TOLD = "撤回同意", "1", "办事提醒不再发了"


class _Holds:
    """Whether anything has been held up yet: on a busy machine every turn is slow, and those before do not count."""

    begun = False


@pytest.fixture(autouse=True)
def slow_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work counts as slow sooner than in the product."""
    monkeypatch.setattr(in_time, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(_Holds, "begun", False)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    """Released each time a thread has come to the end of work that was held up."""
    done, real = Semaphore(0), late.settle

    def settle(*given: str) -> bool:
        try:
            return real(*given)
        finally:
            if _Holds.begun:
                done.release()

    monkeypatch.setattr(in_time, "settle", settle)
    return done


@contextmanager
def held(table: str = "conversations") -> Iterator[None]:
    """Another connection holds every row of a table, so that a turn takes as long as the block; patience is short."""
    patience = in_time.WORK_SECONDS
    with database().engine.connect() as connection, connection.begin():
        connection.execute(sa.text(f"SELECT 1 FROM {table} FOR UPDATE"))
        in_time.WORK_SECONDS, _Holds.begun = 0.3, True
        try:
            yield
        finally:
            in_time.WORK_SECONDS = patience


class _Dead:
    """Threads of a process that dies: what they were given is never done."""

    def submit(self, *_given: Any) -> Future[Any]:
        return Future()


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """A context in which the process answers in time and dies before its work is done."""

    @contextmanager
    def process() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr(in_time, "WORK_SECONDS", 0.01)
            patched.setattr(in_time, "_workers", _Dead())
            yield

    return process


def delivered(phone: Phone) -> list[str]:
    """What leaves by customer-service message now."""
    client = FakeClient()
    deliver_due({phone.account.app_id: client, phone.miniprogram.app_id: client})
    assert {call.endpoint for call in client.calls} <= {"customer_text"}
    assert {call.openid for call in client.calls} <= {phone.openid}
    return [call.text or "" for call in client.calls]
