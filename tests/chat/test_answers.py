"""Each push is answered once and kindly, whatever it is, and whatever has gone wrong on our side."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

from backend.chat import answering
from backend.chat.expiry import expire_conversations
from backend.jobs import queue as jobs_queue
from backend.kernel.clock import MovableClock
from backend.marriage.chat import MarriageChat
from backend.people import log_in
from backend.storage import Database, database, transaction, use_database
from messages.models import Address, OutboxMessage
from tests.chat.phone import (
    MINIPROGRAM,
    Phone,
    count,
    everything_stored,
    fields_xml,
    is_stored,
    reply_fields,
    timestamp,
)
from tests.flows.tester import check_reply
from tests.marriage.support import places
from tests.wechat.pushes import args_for, encrypt, envelope
from workflows.chat.texts import FAULT, WELCOME

COUPLE = "王小明 100000200411210011\n李小红 100000200611210024"
BOOKING = ("结婚登记", "26号10点", COUPLE, "1")


def book(phone: Phone) -> str:
    """Book the place of the fixture; the last reply."""
    return [phone.says(text) for text in BOOKING][-1]


def address(phone: Phone) -> Address:
    with transaction() as session:
        return session.scalars(sa.select(Address).where(Address.openid == phone.openid)).one()


# --- kinds of message and event ---


WORDLESS = [
    ({"kind": "image", "MediaId": "m", "PicUrl": "http://x/y"}, "这里用不上照片。"),
    ({"kind": "voice", "MediaId": "m", "Format": "amr"}, "语音我还听不懂，请打字。"),
    ({"kind": "voice", "MediaId": "m", "Format": "amr", "Recognition": ""}, "语音我还听不懂，请打字。"),
    ({"kind": "video", "MediaId": "m", "ThumbMediaId": "t"}, "视频我看不了。"),
    ({"kind": "shortvideo", "MediaId": "m", "ThumbMediaId": "t"}, "视频我看不了。"),
    (
        {"kind": "location", "Location_X": "34.26", "Location_Y": "108.95", "Scale": "20", "Label": "西安"},
        "这里用不上位置。",
    ),
    ({"kind": "link", "Title": "t", "Description": "d", "Url": "http://x"}, "链接我打不开。"),
    ({"kind": "text", "Content": "【收到不支持的消息类型，暂无法显示】"}, "表情我看不懂。"),
    ({"kind": "music"}, "这个我看不懂。"),
]


@pytest.mark.parametrize(("fields", "opening"), WORDLESS, ids=[fields["kind"] for fields, _ in WORDLESS])
def test_what_has_no_words_hears_what_is_awaited(
    phone: Phone, slot: uuid.UUID, fields: dict[str, str], opening: str
) -> None:
    without = phone.replies(phone.message(**fields))
    assert without == f"{opening}请打字告诉我要办的事，或回“人工”。"
    phone.says("结婚登记")
    inside = phone.replies(phone.message(**fields))
    assert inside == f"{opening}\n请回复上面的数字，或直接说日期，如“下周三上午”“12月8号”。"
    for reply in (without, inside):
        check_reply(reply)
    assert "11月26日（周四）10:00" in phone.says("26号10点"), "the place is kept"


def test_a_voice_that_was_recognised_is_text(phone: Phone, slot: uuid.UUID) -> None:
    assert "请选日期" in phone.replies(phone.message("voice", MediaId="m", Format="amr", Recognition="我要结婚登记。"))


def test_following_and_leaving(phone: Phone) -> None:
    greeting = phone.does("subscribe", EventKey="")
    assert greeting.startswith(WELCOME)
    assert "1 结婚登记预约" in greeting
    check_reply(greeting)
    assert address(phone).reachable
    assert phone.does("unsubscribe") == "<success>"
    assert not address(phone).reachable
    assert phone.does("subscribe", EventKey="qrscene_42").startswith("欢迎回来")
    assert address(phone).reachable


def test_whoever_leaves_the_account_leaves_the_conversation(phone: Phone, slot: uuid.UUID) -> None:
    phone.says("结婚登记")
    phone.does("unsubscribe")
    assert phone.says("1月").startswith("您好")


def test_scanning_and_the_menus_buttons(phone: Phone, slot: uuid.UUID) -> None:
    assert "1 结婚登记预约" in phone.does("SCAN", EventKey="42")
    assert "请选日期" in phone.does("CLICK", EventKey="MENU_MARRIAGE")
    assert "您现在没有预约" in phone.does("CLICK", EventKey="MENU_MY_APPOINTMENTS")
    assert "接着回答就行" in phone.does("CLICK", EventKey="MENU_HELP")
    phone.says("取消")
    assert "1 结婚登记预约" in phone.does("CLICK", EventKey="A_BUTTON_OF_LAST_YEAR")
    assert phone.does("VIEW", EventKey="https://example.cn/") == "<success>"


@pytest.mark.parametrize("event", ["kf_close_session", "kf_create_session", "brand_new_event", "MASSSENDJOBFINISH"])
def test_reports_and_unknown_events_are_taken_in_silence(phone: Phone, event: str) -> None:
    assert phone.does(event, MsgID="1", Status="success") == "<success>"
    assert count("inbound_pushes") == 1
    assert count("conversations") == 0


def test_a_person_is_called_by_handing_the_conversation_over(phone: Phone, slot: uuid.UUID) -> None:
    phone.says("结婚登记")
    assert phone.says("人工") == "<transfer_customer_service>"
    assert "11月26日（周四）10:00" in phone.says("26号10点")


def test_every_interaction_opens_the_reply_window(phone: Phone, clock: MovableClock) -> None:
    phone.says("你好")
    assert (address(phone).window_left, address(phone).window_until) == (5, clock() + timedelta(hours=48))


# --- once ---


def test_a_repeat_gets_the_first_answer_and_changes_nothing(phone: Phone, slot: uuid.UUID) -> None:
    for text in BOOKING[:-1]:
        phone.says(text)
    push = phone.message(Content="1")
    first = phone.replies(push)
    assert "约好了 ✔" in first
    assert [phone.replies(push) for _ in range(2)] == [first, first]
    assert places(slot) == (1, 1)
    assert "预约号" in phone.says("我的预约")


def test_eight_deliveries_at_once_are_one_booking(phone: Phone, slot: uuid.UUID) -> None:
    """Any one of the deliveries may be the one the person sees (wechat-protocol §1.6)."""
    for text in BOOKING[:-1]:
        phone.says(text)
    push, barrier = phone.message(Content="1"), Barrier(8)

    def deliver(_: int) -> str:
        barrier.wait()
        return phone.replies(push)

    with ThreadPoolExecutor(8) as pool:
        replies = set(pool.map(deliver, range(8)))
    assert len(replies) == 1
    assert "约好了 ✔" in replies.pop()
    assert places(slot) == (1, 1)
    assert states() == ["booked"]


def test_a_first_message_delivered_eight_times_at_once_makes_one_person(phone: Phone) -> None:
    push, barrier = phone.message(Content="你好"), Barrier(8)

    def deliver(_: int) -> str:
        barrier.wait()
        return phone.replies(push)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(deliver, range(8)))) == 1
    assert (count("wechat_identities"), count("conversations"), count("inbound_pushes")) == (1, 1, 1)


def test_two_messages_of_one_person_are_handled_one_after_the_other(
    phone: Phone, slot: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits at the conversation's row, and then sees what the first has done."""
    phone.says("结婚登记")
    route, first_is_in, second_is_in = answering.route, Event(), Event()

    def watched(*given: Any) -> Any:
        if first_is_in.is_set():
            second_is_in.set()
        else:
            first_is_in.set()
            second_is_in.wait(0.4)  # every chance for the second to come in beside the first
            assert not second_is_in.is_set()
        return route(*given)

    monkeypatch.setattr(answering, "route", watched)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(phone.replies, phone.message(Content="26号10点"))
        assert first_is_in.wait(10)
        assert "请核对" in phone.says(COUPLE)
        assert "已为您留5分钟" in first.result()


def states() -> list[str]:
    """States of all appointments."""
    with transaction() as session:
        return list(session.scalars(sa.text("SELECT state FROM marriage_appointments")))


# --- our own faults ---


def test_a_fault_is_an_apology_and_everything_is_undone(
    phone: Phone, slot: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.says("结婚登记")
    before, hold = everything_stored(), MarriageChat.hold

    def hold_and_fail(self: MarriageChat, slot_id: str) -> Any:
        hold(self, slot_id)
        assert states() == ["held"]
        raise RuntimeError("10000020041121 must not be shown")

    push = phone.message(Content="26号10点")
    with monkeypatch.context() as broken:
        broken.setattr(MarriageChat, "hold", hold_and_fail)
        assert phone.replies(push) == FAULT
    assert everything_stored() == before
    assert places(slot) == (0, 1)
    # Neither the repeat of the same push nor the next message suffers from it.
    assert "已为您留5分钟" in phone.replies(push)
    assert "请核对" in phone.says(COUPLE)


def test_a_fault_in_a_report_says_nothing_to_anybody(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an answer there: an apology would come out of nowhere."""

    def fail(*_given: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(answering, "note_event", fail)
    assert phone.does("TEMPLATESENDJOBFINISH", MsgID="1", Status="success") == "<success>"
    answer = phone.in_miniprogram(
        "xSomebody", as_json=True, MsgType="event", Event="subscribe_msg_popup_event", List=[]
    )
    assert (answer.status_code, answer.data) == (200, b"success")
    assert count("inbound_pushes") == 0


@pytest.fixture
def no_database(phone: Phone) -> Iterator[None]:
    """The database cannot be reached."""
    there = database()
    use_database(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    yield
    use_database(there)


def test_without_the_database_there_is_an_apology(phone: Phone, no_database: None) -> None:
    assert phone.says("结婚登记") == FAULT
    assert phone.does("TEMPLATESENDJOBFINISH", MsgID="1", Status="success") == "<success>"
    assert phone.in_miniprogram("xSomebody", as_json=False, MsgType="text", MsgId="1", Content="x").status_code == 200
    check_reply(FAULT)


def test_without_redis_the_chat_answers_and_books(
    phone: Phone, slot: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    monkeypatch.setitem(phone.flask.extensions, "redis", nowhere)
    monkeypatch.setattr(jobs_queue._Process, "redis", nowhere)
    assert "约好了 ✔" in book(phone)


# --- what is kept ---


def test_replies_are_kept_sealed_and_what_people_write_is_not_kept(phone: Phone, slot: uuid.UUID) -> None:
    reply = book(phone)
    phone.says("隔壁装修太吵了怎么办")
    number = reply.split("预约号 ")[1][:10]
    assert is_stored(number), "the check would find a text"
    for secret in ("约好了", "王小明", "100000200411210011", "26号10点", "隔壁装修", "装修太吵"):
        assert not is_stored(secret), secret
    with transaction() as session:
        sealed = session.scalars(sa.text("SELECT reply_sealed FROM inbound_pushes")).all()
    assert len(sealed) == 5
    assert all(sealed)


def test_names_wait_sealed_while_the_conversation_is_open(phone: Phone, slot: uuid.UUID) -> None:
    for text in BOOKING[:-1]:
        phone.says(text)
    assert not is_stored("王小明")
    assert not is_stored("100000200411210011")


# --- the end of a conversation ---


def expired_notices() -> list[dict[str, str]]:
    with transaction() as session:
        return list(session.scalars(sa.select(OutboxMessage.data)))


def test_a_conversation_left_lying_ends_with_a_word(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    phone.says("结婚登记")
    phone.says("26号10点")
    clock.advance(timedelta(hours=46, minutes=59))
    assert expire_conversations() == 0
    clock.advance(timedelta(minutes=1))
    assert expire_conversations() == 1
    assert expired_notices() == [{"matter": "结婚登记预约", "hint": "结婚登记"}]
    assert places(slot) == (0, 1)
    assert expire_conversations() == 0
    assert phone.says("1月").startswith("您好")


def test_nothing_is_said_where_nothing_was_left_undone(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    """The list of one's appointments ends with “不用改就不必回复”."""
    book(phone)
    said = phone.says("我的预约")
    assert "不用改就不必回复" in said
    assert re.search(r"到了出示签到码：https?://\S+/h5/me\n", said)
    clock.advance(timedelta(hours=47))
    assert expire_conversations() == 1
    assert expired_notices() == []
    assert phone.says("1月").startswith("您好")


# --- the mini-program's pushes ---


def credit_balances() -> dict[str, int]:
    with transaction() as session:
        rows = session.execute(sa.text("SELECT template_id, balance FROM subscription_credits"))
        return {row.template_id: row.balance for row in rows}


@pytest.fixture
def mini(phone: Phone) -> str:
    """The openid of somebody who has opened the mini-program."""
    log_in(phone.miniprogram.app_id, "xResident00000000000000000001", None)
    return "xResident00000000000000000001"


def answered(template: str, status: str) -> dict[str, str]:
    return {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}


@pytest.mark.parametrize("as_json", [False, True], ids=["xml", "json"])
def test_agreements_are_counted(phone: Phone, mini: str, clock: MovableClock, as_json: bool) -> None:
    def report(event: str, entries: list[dict[str, str]]) -> None:
        clock.advance(timedelta(seconds=1))
        listed: Any = entries if len(entries) > 1 else entries[0]
        fields = {"List": listed} if as_json else {_element(event): {"List": listed}}
        answer = phone.in_miniprogram(mini, as_json=as_json, MsgType="event", Event=event, **fields)
        assert (answer.status_code, answer.data) == (200, b"success")

    report("subscribe_msg_popup_event", [answered("TPL1", "accept")])
    report("subscribe_msg_popup_event", [answered("TPL1", "accept"), answered("TPL2", "reject")])
    assert credit_balances() == {"TPL1": 2}
    report("subscribe_msg_popup_event", [answered("TPL1", "reject")])
    assert credit_balances() == {"TPL1": 2}, "a refusal in a popup takes nothing away"
    report("subscribe_msg_change_event", [answered("TPL1", "reject")])
    assert credit_balances() == {"TPL1": 0}


def _element(event: str) -> str:
    return "".join(part.capitalize() for part in event.split("_"))


def test_a_repeated_agreement_counts_once(phone: Phone, mini: str) -> None:
    for _ in range(3):
        phone.in_miniprogram(
            mini, as_json=True, MsgType="event", Event="subscribe_msg_popup_event", List=answered("TPL1", "accept")
        )
    assert credit_balances() == {"TPL1": 1}


def test_a_text_in_the_mini_program_opens_its_window_and_is_not_answered(phone: Phone, mini: str) -> None:
    answer = phone.in_miniprogram(mini, as_json=True, MsgType="text", MsgId=23456789012345679, Content="你好")
    assert (answer.status_code, answer.data) == (200, b"success")
    with transaction() as session:
        assert session.scalars(sa.select(Address.window_left).where(Address.openid == mini)).one() == 5
    assert not is_stored("你好")


def test_a_push_of_the_account_does_not_open_for_the_mini_program(phone: Phone) -> None:
    sealed = encrypt(fields_xml(phone.message(Content="x")), phone.account)
    args = args_for(phone.account, sealed, timestamp())
    answer = phone.flask.test_client().post(MINIPROGRAM, query_string=args, data=envelope(sealed))
    assert answer.status_code in (400, 403)
    assert reply_fields(phone.push(phone.message(Content="菜单")), phone.account)["MsgType"] == "text"
