"""代办 in the account, on two phones and at a counter, through signed pushes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.chat.expiry import expire_conversations
from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.proxies import acting_for, record_act
from backend.people.proxies.answer import give_code
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.rules import TieState
from backend.storage import transaction
from messages.delivery import deliver_due
from messages.models import OutboxMessage, OutboxState
from tests.chat.phone import Phone
from tests.marriage.support import make_office, make_slot
from tests.people_proxies.support import (
    DAUGHTER,
    MOTHER,
    STRANGER,
    make_person,
    staff_account,
    state_of,
    stored,
    told,
    with_account,
)


@pytest.fixture
def daughter(app: Flask) -> Phone:
    """The helper's phone; its person is `.person_id`."""
    with_account(app, DAUGHTER, "oDaughter00000000000000001")
    return Phone(app, "oDaughter00000000000000001")


@pytest.fixture
def mother(app: Flask) -> tuple[Phone, uuid.UUID]:
    """The elder's phone and person."""
    person_id = with_account(app, MOTHER, "oMother0000000000000000001")
    return Phone(app, "oMother0000000000000000001"), person_id


def asks(phone: Phone, named: tuple[str, str] = MOTHER) -> str:
    """Ask for somebody from the first word to the last; the reply."""
    for text in ("帮我妈办事", " ".join(named), "1、2"):
        phone.says(text)
    return phone.says("1")


def only_tie() -> uuid.UUID:
    """The id of the tie there is."""
    with transaction() as session:
        return session.scalars(sa.select(ProxyTie.id)).one()


def test_asked_on_one_phone_and_agreed_on_the_other(daughter: Phone, mother: tuple[Phone, uuid.UUID]):
    hers, mother_id = mother
    assert "记下了，等本人答复" in asks(daughter)
    assert [notice for notice, _ in told(mother_id)] == ["people.proxy_asked"]
    assert "您的女儿李*梅想替您办：助餐订餐、探访关爱" in hers.says("代办")
    assert "可以替您办助餐订餐、探访关爱了" in hers.says("1")
    assert state_of(only_tie()) is TieState.CONFIRMED
    assert "替王*英办（可以代办）" in daughter.says("代办")


def test_the_answer_is_the_same_for_nobody(daughter: Phone, mother: tuple[Phone, uuid.UUID]):
    known = asks(daughter)
    assert asks(daughter, STRANGER) == known


def test_the_elder_ends_it_and_sees_what_was_done(
    daughter: Phone, mother: tuple[Phone, uuid.UUID], clock: MovableClock
):
    hers, mother_id = mother
    asks(daughter)
    hers.says("代办")
    hers.says("同意")
    helper_id = stored(only_tie()).helper_id
    with transaction():
        record_act(acting_for(helper_id, mother_id, "meals"), "meals.ordered", "meal_order", new_id())
    assert hers.says("代办").startswith("您的代办")
    assert hers.says("1").startswith("您的女儿李*梅替您办（可以代办）")
    assert hers.says("1") == "最近办过：\n11月23日 助餐订餐"
    hers.says("代办")
    hers.says("1")
    hers.says("2")
    assert hers.says("1") == "已经取消了，从现在起不能再代办。"
    assert state_of(only_tie()) is TieState.CUT


def test_digits_typed_in_the_chat_and_tries_counted(daughter: Phone):
    mother = make_person(MOTHER)  # without WeChat
    asks(daughter)
    tie = only_tie()
    code = give_code(tie, mother, staff_account())
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for text in ("代办", "1", "1"):
        daughter.says(text)
    for _ in range(5):
        assert "数字不对" in daughter.says(wrong)
    assert "试的次数太多了" in daughter.says(code)
    code = give_code(tie, mother, staff_account())
    assert "好了 ✔" in daughter.says(code)
    assert state_of(tie) is TieState.CONFIRMED


def test_who_is_not_verified_hears_what_to_do(app: Flask):
    assert "实名核验" in Phone(app, "oNobody000000000000000001").says("帮我妈办事")


def test_the_dead_persons_phone_begins_nothing(mother: tuple[Phone, uuid.UUID], clock: MovableClock):
    hers, mother_id = mother
    import_year(2026, year_from_library(2026), "chinesecalendar")
    staff_account()
    make_slot(make_office("pingan"), "2026-11-26 10:00")
    report = Report(EventKind.DEATH, staff_account(), Source.POLICE, date(2026, 11, 20), "派出所通知")
    record_life_event(mother_id, report)
    said = [hers.says("26号10点领证"), hers.says("1"), hers.says("10点")]
    assert any("当面核对" in reply for reply in said)
    assert not any("留" in reply for reply in said)
    hers.says("退出")
    assert "当面核对" in hers.says("帮我妈办事")


def test_a_conversation_left_lying_says_nothing_to_the_dead(mother: tuple[Phone, uuid.UUID], clock: MovableClock):
    hers, mother_id = mother
    hers.says("帮我妈办事")
    report = Report(EventKind.DEATH, staff_account(), Source.POLICE, date(2026, 11, 20), "派出所通知")
    record_life_event(mother_id, report)
    clock.advance(timedelta(days=3))
    assert expire_conversations() == 1
    deliver_due({})
    with transaction() as session:
        assert set(session.scalars(sa.select(OutboxMessage.state))) == {OutboxState.CANCELLED}
