"""Texts that need nothing but their conversation are answered for many people at once (docs/adr/0007)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.chat import answering, shared_turn
from backend.chat.shared_turn import Answered
from backend.kernel.clock import MovableClock, now
from backend.storage import transaction
from backend.wechat.inbound import TextMessage
from tests.chat.phone import Phone

GUARD = "AND turn.version = conversation.xmin::text"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each text since was answered without a locked turn."""
    seen: list[bool] = []
    real = answering.answer_together

    def watched(*arguments: Any) -> Answered | None:
        answered = real(*arguments)
        seen.append(answered is not None)
        return answered

    monkeypatch.setattr(answering, "answer_together", watched)
    return seen


def kept_replies() -> int:
    """How many pushes are kept with a reply."""
    with transaction() as session:
        query = sa.text("SELECT count(*) FROM inbound_pushes WHERE reply_sealed IS NOT NULL")
        return session.scalar(query) or 0


def between(monkeypatch: pytest.MonkeyPatch, happening: Callable[[], object]) -> None:
    """Let something happen once, after the next shared turn has read and before it writes."""
    real = shared_turn.note_messages

    def note(*arguments: Any) -> None:
        monkeypatch.setattr(shared_turn, "note_messages", real)
        happening()
        real(*arguments)

    monkeypatch.setattr(shared_turn, "note_messages", note)


def test_only_what_asks_no_port_is_shared(phone: Phone, slot: uuid.UUID, shared: list[bool]) -> None:
    phone.says("你好")  # a first contact: nobody knows the conversation yet
    phone.says("结婚登记")  # asks for the registries
    assert "接着回答就行" in phone.says("菜单")
    assert "请选日期" in phone.says("返回")
    assert phone.says("人工") == "<transfer_customer_service>"
    assert shared == [False, False, True, False, False]


def test_a_repeat_gets_the_first_answer(phone: Phone, slot: uuid.UUID, shared: list[bool]) -> None:
    phone.says("结婚登记")
    push = phone.message(Content="菜单")
    first = phone.replies(push)
    assert [phone.replies(push) for _ in range(2)] == [first, first]
    assert shared == [False, True, False, False]
    assert kept_replies() == 2


def test_the_window_opens_and_the_conversation_lives_on(
    phone: Phone, slot: uuid.UUID, clock: MovableClock, shared: list[bool]
) -> None:
    phone.says("结婚登记")
    clock.advance(timedelta(hours=24))
    phone.says("菜单")
    clock.advance(timedelta(hours=24))  # an hour longer than a conversation is kept
    assert "11月26日" in phone.says("26号10点")
    with transaction() as session:
        [until] = session.execute(sa.text("SELECT window_until FROM message_addresses"))
    assert until[0] > clock()
    assert shared[1] is True


def test_outside_a_conversation_there_is_nothing_to_keep(phone: Phone, shared: list[bool]) -> None:
    phone.says("你好")
    assert phone.says("取消").startswith("现在没有在办的事")
    with transaction() as session:
        rows = session.execute(sa.text("SELECT flow, state_sealed, expires_at FROM conversations")).all()
    assert rows == [(None, None, None)]
    assert shared[-1] is True


def lost_step(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the conversation stands after a choice that was made between the reading and the writing of 菜单."""
    phone.says("结婚登记")
    between(monkeypatch, lambda: phone.says("26号10点"))
    phone.says("菜单")
    with transaction() as session:
        [row] = session.execute(sa.text("SELECT id, state_sealed FROM conversations"))
    progress = shared_turn.read_progress(row.id, row.state_sealed)
    assert progress is not None
    return progress.step


def test_what_was_changed_meanwhile_is_not_written_over(
    phone: Phone, slot: uuid.UUID, shared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The inner text cannot be shared: its batch would wait for the one under way.
    monkeypatch.setattr(shared_turn, "_gathering", _alone())
    assert lost_step(phone, monkeypatch) == "parties"
    assert shared == [False, False, False]


def test_without_the_guard_a_step_would_be_lost(phone: Phone, slot: uuid.UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_turn, "_gathering", _alone())
    unguarded = str(shared_turn._WRITE).replace(GUARD, "")
    assert unguarded != str(shared_turn._WRITE)
    monkeypatch.setattr(shared_turn, "_WRITE", sa.text(unguarded))
    assert lost_step(phone, monkeypatch) != "parties"


def _alone() -> Any:
    """A gathering in which everybody works for themselves."""

    class Alone:
        def do(self, said: shared_turn.Said) -> Answered | None:
            return shared_turn._answer([said])[0]

    return Alone()


def test_a_conversation_that_somebody_changes_is_not_waited_for(
    phone: Phone, slot: uuid.UUID, shared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.says("结婚登记")
    with transaction() as session:
        session.execute(sa.text("SELECT 1 FROM conversations FOR UPDATE"))
        message = menu_asked(phone)
        with ThreadPoolExecutor(1) as pool:  # another thread has another transaction
            assert pool.submit(answering.answer_together, *message).result(5) is None


def menu_asked(phone: Phone) -> tuple[str, TextMessage]:
    """A text of this phone, as the callback hands it on."""
    app, raw = phone.account, {"MsgType": "text", "MsgId": "99"}
    message = TextMessage(app.original_id, phone.openid, now(), raw, content="菜单", menu_item_id=None)
    return app.app_id, message


def test_many_people_at_once_each_get_their_own_answer(phone: Phone, slot: uuid.UUID, shared: list[bool]) -> None:
    people = [replace(phone, openid=f"oResident{number:017d}", said=[]) for number in range(12)]
    for place, one in enumerate(people):
        one.says("结婚登记" if place % 2 else "你好")
    with ThreadPoolExecutor(12) as pool:
        for _ in range(5):
            replies = list(pool.map(lambda one: one.says("菜单"), people))
            for place, reply in enumerate(replies):
                assert ("接着回答就行" in reply) is bool(place % 2)
    assert shared.count(True) == 60
    assert kept_replies() == 72


def test_one_conversation_that_goes_wrong_does_not_spoil_the_others(
    phone: Phone, slot: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(phone, openid="oResident000000000000000002", said=[])
    for one in (phone, other):
        one.says("结婚登记")
    with transaction() as session:
        session.execute(
            sa.text("UPDATE conversations SET state_sealed = 'broken' WHERE openid = :openid"), {"openid": phone.openid}
        )
    batch = [shared_turn.Said(*menu_asked(one)) for one in (phone, other)]
    broken, answered = shared_turn._answer(batch)
    assert broken is None
    assert answered is not None


def test_a_statement_that_fails_leaves_all_to_their_locked_turns(
    phone: Phone, slot: uuid.UUID, shared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.says("结婚登记")
    monkeypatch.setattr(shared_turn, "_WRITE", sa.text("SELECT no_such_column FROM conversations WHERE :ids = ''"))
    assert "接着回答就行" in phone.says("菜单")
    assert shared == [False, False]
