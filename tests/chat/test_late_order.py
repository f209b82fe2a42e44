"""Late answers come in the order of what was said, however the threads that found them run."""

from __future__ import annotations

from threading import Event, Semaphore

import pytest
import sqlalchemy as sa

from backend.chat import in_time, late
from tests.chat.lateness import ANSWER, BEGIN, TOLD, delivered, held, settled, slow_soon
from tests.chat.phone import Phone
from workflows.chat.texts import LATE

__all__ = ["settled", "slow_soon"]


def test_two_messages_behind_a_slow_one_keep_their_order(phone: Phone, settled: Semaphore) -> None:
    phone.says("你好")
    with held():
        assert phone.says(BEGIN) == LATE
        assert phone.says(ANSWER) == LATE
    for _ in range(2):
        assert settled.acquire(timeout=10)
    told = delivered(phone)
    assert ["这些由您定" in told[0], TOLD in told[1]] == [True, True], told


def told_when_overtaken(phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told when the thread of the first message stops between its answer and telling of it."""
    phone.says("你好")
    first, overtaken, plain = phone.message(Content=BEGIN), Event(), in_time.settle

    def settle(app_id: str, dedup_key: str) -> bool:
        is_first = dedup_key.endswith(str(first["MsgId"]))
        if is_first:
            assert overtaken.wait(timeout=10)
        late_one = plain(app_id, dedup_key)
        if not is_first:
            overtaken.set()
        return late_one

    monkeypatch.setattr(in_time, "settle", settle)
    with held():
        phone.replies(first)
        phone.says(ANSWER)
    for _ in range(2):
        assert settled.acquire(timeout=10)
    return delivered(phone)


def test_a_thread_that_overtakes_tells_the_earlier_answer_first(
    phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_when_overtaken(phone, settled, monkeypatch)
    assert ["这些由您定" in told[0], TOLD in told[1]] == [True, True], told
    assert len(told) == 2


def test_without_looking_at_earlier_ones_it_would_be_told_last(
    phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = str(late._FIND).replace("late.settled_at IS NULL OR", "")
    assert unguarded != str(late._FIND)
    monkeypatch.setattr(late, "_FIND", sa.text(unguarded))
    told = told_when_overtaken(phone, settled, monkeypatch)
    assert TOLD in told[0]
