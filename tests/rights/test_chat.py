"""The chat: where the rules are is said once, and one's own data are seen, corrected and erased there too."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.people.models import WeChatIdentity
from backend.people.rights import notice
from backend.people.rights.holdings import erase_person
from backend.people.rights.models import NoticeShown, RightsRequest
from backend.people.rights.notice import PrivacyNotice, note_shown
from backend.people.rights.rules import RequestKind, RequestState, Via
from backend.storage import transaction
from tests.chat.phone import Phone, is_stored
from tests.flows.tester import MOST_CHARACTERS, MOST_LINES
from tests.rights.support import places_of, rows

URL = "/h5/privacy"
# Replies of the last week, sealed and under the number of the message: without the keys nobody finds them by a person.
SEALED_REPLIES = {"inbound_pushes.reply_sealed"}


@pytest.fixture
def phone(app: Flask, office: uuid.UUID) -> Phone:
    """Somebody who has not written before."""
    return Phone(app)


def person_id(phone: Phone) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(sa.select(WeChatIdentity.person_id).where(WeChatIdentity.openid == phone.openid)).one()


# --- notice at first use ---


def test_the_first_reply_says_where_the_rules_are_and_no_other_does(phone: Phone):
    replies = [phone.says(text) for text in ("你好", "菜单", "要带什么", "我的预约")]
    assert [URL in reply for reply in replies] == [True, False, False, False]
    with transaction() as session:
        shown = session.get_one(NoticeShown, (person_id(phone), 1))
    assert shown.via is Via.CHAT


def test_the_welcome_says_it_too_and_following_again_does_not(phone: Phone, clock: MovableClock):
    assert URL in phone.does("subscribe", EventKey="")
    phone.does("unsubscribe")
    clock.advance(timedelta(minutes=1))
    assert URL not in phone.does("subscribe", EventKey="")


def test_a_full_reply_leaves_it_to_the_next(phone: Phone):
    """Whatever comes first, no reply becomes longer than the house allows, and the line comes soon."""
    said = [phone.says(text) for text in ("要带什么", "结婚登记", "菜单")]
    assert sum(URL in reply for reply in said) == 1
    assert all(len(reply) <= MOST_CHARACTERS + 1 and len(reply.splitlines()) <= MOST_LINES for reply in said)


def test_a_new_version_is_told_once_more(phone: Phone, monkeypatch: pytest.MonkeyPatch, clock: MovableClock):
    phone.says("你好")
    monkeypatch.setattr(notice, "NOTICES", (*notice.NOTICES, PrivacyNotice(2, date(2026, 11, 24))))
    assert URL not in phone.says("菜单")
    clock.advance(timedelta(days=1))
    assert [URL in phone.says("菜单") for _ in range(3)] == [True, False, False]
    assert rows("privacy_notices_shown") == 2


def test_whoever_read_it_in_the_mini_program_is_not_told_again(phone: Phone):
    phone.does("unsubscribe")  # makes the person known without a reply
    with transaction():
        note_shown(person_id(phone), 1, Via.API)
    assert URL not in phone.says("你好")


def test_a_repeated_first_push_is_answered_the_same(phone: Phone):
    push = phone.message(Content="你好")
    first = phone.replies(push)
    assert URL in first
    assert phone.replies(push) == first
    assert rows("privacy_notices_shown") == 1


# --- one's own data ---


def test_seeing_and_correcting(phone: Phone):
    phone.says("你好")
    assert "账号" in phone.says("我的数据")
    phone.says("1")
    assert "收到了 ✔" in phone.says("手机号换了，以窗口登记的为准")
    with transaction() as session:
        request = session.scalars(sa.select(RightsRequest)).one()
    assert (request.kind, request.state, request.via) == (RequestKind.CORRECT, RequestState.RECEIVED, Via.CHAT)
    assert request.words == "手机号换了，以窗口登记的为准"
    assert not is_stored("以窗口登记的为准")


def test_withdrawing_consent(phone: Phone):
    phone.says("撤回同意")
    assert "不再发了" in phone.says("1")
    assert rows("reminder_refusals") == 1
    phone.says("撤回同意")
    phone.says("1")
    assert rows("reminder_refusals") == 0


def test_closing_the_account_and_writing_again_as_somebody_new(phone: Phone):
    phone.says("你好")
    phone.does("CLICK", EventKey="MENU_HELP")  # an event's push carries the openid in its key
    before = person_id(phone)
    phone.says("注销")
    assert "已经注销了" in phone.says("1")
    assert places_of(phone.openid) <= SEALED_REPLIES
    assert URL in phone.says("你好"), "somebody new is told where the rules are"
    assert person_id(phone) != before


def test_a_repeat_of_the_closing_push_makes_nobody_anew(phone: Phone):
    phone.says("注销")
    push = phone.message(Content="1")
    first = phone.replies(push)
    assert "已经注销了" in first
    assert [phone.replies(push) for _ in range(2)] == [first, first]
    assert places_of(phone.openid) <= SEALED_REPLIES
    assert rows("conversations") == 0


def test_closing_elsewhere_ends_the_chat_under_way(phone: Phone):
    phone.says("我的数据")
    erase_person(person_id(phone))
    assert phone.says("那个").startswith("您好")
