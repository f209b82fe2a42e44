"""A reply in time, always; the real answer follows by customer-service message, once, whoever dies (§1.6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Semaphore
from typing import Any

import pytest
import sqlalchemy as sa

from backend.chat import in_time, inbox, late, late_work
from backend.chat.holdings import chat_holding, chat_rules
from backend.chat.late_work import answer_late
from backend.kernel.clock import MovableClock, now
from backend.kernel.personal_data import Batch
from backend.storage import transaction
from tests.chat.lateness import ANSWER, BEGIN, SOON, TOLD, delivered, dying, held, settled, slow_soon
from tests.chat.phone import Phone, count, is_stored
from tests.flows.tester import check_reply
from workflows.chat.texts import FAULT, HAND_OVER_LATE, LATE, SAY_AGAIN

__all__ = ["dying", "settled", "slow_soon"]

# --- slow work ---


def test_a_slow_turn_is_answered_in_time_and_told_once(phone: Phone, settled: Semaphore) -> None:
    phone.says(BEGIN)
    push = phone.message(Content=ANSWER)
    with held():
        assert phone.replies(push) == LATE
        assert phone.replies(push) == LATE, "a repeat while the work goes on"
        assert delivered(phone) == []
    assert settled.acquire(timeout=10)
    assert phone.replies(push) == LATE, "a repeat when it is done"
    [told] = delivered(phone)
    assert TOLD in told
    check_reply(told)
    assert answer_late() == 0
    assert delivered(phone) == []
    assert "没太明白" in phone.says("月亮走我也走"), "the conversation is over"


def test_neither_the_message_nor_the_answer_stands_in_the_clear(phone: Phone, settled: Semaphore) -> None:
    for text in ("我的数据", "1"):
        phone.says(text)
    with held():
        assert phone.says("我的名字写错了，应该是王小明") == LATE
        assert not is_stored("王小明")
    assert settled.acquire(timeout=10)
    assert not is_stored("王小明")
    assert not is_stored("最晚2026年12月")
    assert "最晚2026年12月" in delivered(phone)[0]
    check_reply(LATE)


def told_when_repeated(phone: Phone, settled: Semaphore) -> list[str]:
    """All that somebody hears of one answer whose push is repeated after it was settled."""
    phone.says(BEGIN)
    push = phone.message(Content=ANSWER)
    with held():
        phone.replies(push)
    assert settled.acquire(timeout=10)
    return [text for text in (*delivered(phone), phone.replies(push)) if TOLD in text]


def test_a_repeat_does_not_say_it_again(phone: Phone, settled: Semaphore) -> None:
    assert len(told_when_repeated(phone, settled)) == 1


def test_without_the_late_row_a_repeat_would_say_it_again(
    phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = str(inbox._STORED).replace("AS late", "AND false AS late")
    assert unguarded != str(inbox._STORED)
    monkeypatch.setattr(inbox, "_STORED", sa.text(unguarded))
    assert len(told_when_repeated(phone, settled)) == 2


def test_a_fast_turn_leaves_no_trace_of_lateness(phone: Phone) -> None:
    assert TOLD in [phone.says(text) for text in (BEGIN, ANSWER)][-1]
    assert count("late_pushes") == 0


def test_handing_over_late_asks_to_say_it_again(phone: Phone, settled: Semaphore) -> None:
    phone.says("你好")
    with held():
        assert phone.says("人工") == LATE
    assert settled.acquire(timeout=10)
    assert HAND_OVER_LATE in delivered(phone) + delivered(phone)
    check_reply(HAND_OVER_LATE)


def test_reports_and_the_mini_program_hear_success(phone: Phone, clock: MovableClock, dying: Any) -> None:
    with dying():
        assert phone.does("TEMPLATESENDJOBFINISH", MsgID="1", Status="success") == "<success>"
        assert phone.does("unsubscribe") == "<success>"
        answer = phone.in_miniprogram("xSomebody", as_json=True, MsgType="text", MsgId="7", Content="你好")
        assert (answer.status_code, answer.data) == (200, b"success")
    assert (count("late_pushes"), count("inbound_pushes")) == (3, 0)
    clock.advance(SOON)
    assert answer_late() == 3
    assert count("inbound_pushes") == 3
    assert delivered(phone) == []


# --- an answer that comes at the last moment ---


def last_moment(phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """The work is done just when the push is put down as late: the reply, and what is told besides."""
    phone.says(BEGIN)
    hold, real = held(), late.put_down
    hold.__enter__()

    def put_down(*given: Any, **named: Any) -> Any:
        hold.__exit__(None, None, None)
        assert settled.acquire(timeout=10)
        return real(*given, **named)

    monkeypatch.setattr(in_time, "put_down", put_down)
    monkeypatch.setattr(in_time, "PUT_DOWN_SECONDS", 10)
    reply = phone.says(ANSWER)
    answer_late()
    return reply, delivered(phone)


def test_an_answer_at_the_last_moment_is_the_reply(
    phone: Phone, settled: Semaphore, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, told = last_moment(phone, settled, monkeypatch)
    assert TOLD in reply
    assert told == []
    assert count("late_pushes") == 0


def test_without_the_condition_somebody_would_wait_who_was_answered(
    phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = str(late._PUT_DOWN).replace("WHERE CAST", "WHERE true OR CAST")
    assert unguarded != str(late._PUT_DOWN)
    monkeypatch.setattr(late, "_PUT_DOWN", sa.text(unguarded))
    reply, _ = last_moment(phone, settled, monkeypatch)
    assert reply == LATE


# --- a process that dies ---


def test_the_tick_does_what_a_dead_process_has_left(phone: Phone, clock: MovableClock, dying: Any) -> None:
    phone.says(BEGIN)
    push = phone.message(Content=ANSWER)
    with dying():
        assert phone.replies(push) == LATE
    assert answer_late() == 0, "not before the living have had their time"
    clock.advance(SOON)
    assert answer_late() == 1
    [told] = delivered(phone)
    assert TOLD in told
    assert phone.replies(push) == LATE
    assert (answer_late(), delivered(phone)) == (0, [])
    assert count("consent_events") == 1


def test_a_first_contact_is_not_lost_either(phone: Phone, clock: MovableClock, dying: Any) -> None:
    with dying():
        assert phone.says("你好") == LATE
    clock.advance(SOON)
    assert answer_late() == 1
    assert "1 结婚登记预约" in delivered(phone)[0]


def test_two_ticks_at_once_tell_it_once(phone: Phone, clock: MovableClock, dying: Any) -> None:
    phone.says(BEGIN)
    with dying():
        phone.says(ANSWER)
    clock.advance(SOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: answer_late(), range(4)))
    assert len(delivered(phone)) == 1


def confirmed_too_late(phone: Phone, clock: MovableClock, dying: Any) -> list[str]:
    """“1” that closes the account is left by a dead process, and the person thinks better of it: what is told."""
    phone.says("注销")
    with dying():
        phone.says("1")
    clock.advance(timedelta(seconds=1))
    phone.says("取消")
    phone.says("我的数据")
    clock.advance(SOON)
    answer_late()
    return delivered(phone)


def test_words_are_not_taken_for_an_answer_to_another_question(phone: Phone, clock: MovableClock, dying: Any) -> None:
    assert confirmed_too_late(phone, clock, dying) == [SAY_AGAIN]
    assert "要改回1，要一份回2" in phone.says("月亮走我也走"), "the conversation stands where it stood"
    check_reply(SAY_AGAIN)


def test_without_the_look_at_the_conversation_they_would_be(
    phone: Phone, clock: MovableClock, dying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = f"{late_work._CONVERSATION.text.removesuffix('FOR UPDATE')} AND false"
    monkeypatch.setattr(late_work, "_CONVERSATION", sa.text(unguarded))
    assert SAY_AGAIN not in confirmed_too_late(phone, clock, dying)
    assert "请用一句话写下" in phone.says("99"), "“1” was taken for the first of another list"


def test_a_turn_that_still_runs_is_left_alone(
    phone: Phone, clock: MovableClock, dying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_work, "_PATIENCE", sa.text("SET LOCAL lock_timeout = 50"))
    phone.says(BEGIN)
    with dying():
        phone.says(ANSWER)
    clock.advance(SOON)
    with held():
        assert answer_late() == 1
        assert answer_late() == 0, "tried again later"
    assert delivered(phone) == []
    clock.advance(timedelta(seconds=31))
    assert answer_late() == 1
    assert len(delivered(phone)) == 1


def test_work_that_fails_for_good_ends_with_an_apology(
    phone: Phone, clock: MovableClock, dying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.says(BEGIN)
    push = phone.message(Content=ANSWER)
    with dying():
        phone.replies(push)

    def fail(*_given: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(late_work, "answer_alone", fail)
    tries = 0
    for _ in range(10):
        clock.advance(timedelta(minutes=10))
        tries += answer_late()
    assert tries == len(late_work.RETRY) + 1
    assert delivered(phone) == [FAULT]
    assert phone.replies(push) == LATE


def test_no_answer_of_the_database_is_an_apology_and_the_answer_still_comes(
    phone: Phone, settled: Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.says(BEGIN)
    real, answers = late.put_down, iter([False, True])

    def put_down(*given: Any, **named: Any) -> Any:
        if not next(answers):
            raise ConnectionError("away")
        return real(*given, **named)

    monkeypatch.setattr(in_time, "put_down", put_down)
    with held():
        assert phone.says(ANSWER) == FAULT
    assert settled.acquire(timeout=10)
    assert TOLD in delivered(phone)[0]


# --- keeping ---


def test_what_is_left_is_forgotten_in_time_and_with_the_account(phone: Phone, clock: MovableClock, dying: Any) -> None:
    phone.says(BEGIN)
    with dying():
        phone.says(ANSWER)
    with transaction() as session:
        person_id = session.scalar(sa.text("SELECT person_id FROM conversations"))
        assert [len(section.records) for section in chat_holding.collect(person_id)] == [1, 1]
    [rule] = [rule for rule in chat_rules if rule.name == "chat.late"]
    assert rule.run is not None
    clock.advance(timedelta(days=8))
    assert rule.run(Batch(now(), 10)) == 0, "what is owed is not forgotten"
    answer_late()
    clock.advance(timedelta(days=6, hours=23))
    assert rule.run(Batch(now(), 10)) == 0
    clock.advance(timedelta(hours=1, seconds=1))
    assert rule.run(Batch(now(), 10)) == 1
    with dying():
        phone.says("你好")
    with transaction():
        chat_holding.cut(person_id)
    assert count("late_pushes") == 0
