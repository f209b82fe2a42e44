"""Following, leaving, coming back, and scanning codes; each push counts by its own time (wechat-protocol §1.4)."""

from __future__ import annotations

import uuid
from collections import deque
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.chat.strangers import forget_strangers
from backend.kernel.clock import MovableClock
from backend.kernel.personal_data import Batch
from backend.marriage.book import book_appointment
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.people.entry.linking import show_link_code
from backend.people.entry.unionids import MAX_ATTEMPTS, anything_due, ask_next
from backend.people.identities import identity_for
from backend.storage import transaction
from backend.wechat.errors import Busy, QuotaExceeded, UnknownRecipient
from messages import Product, Subject, post
from messages.models import Address
from tests.chat.phone import Phone, count
from tests.concurrency.support import request, taken_and_booked
from workflows.chat.flows import DIRECTORY
from workflows.chat.scenes import Scene, SceneAnswer, check_scenes
from workflows.chat.texts import CODE_UNKNOWN, WELCOME, WELCOME_BACK

SCENE = "checkin-xincheng"


def person_of(phone: Phone) -> uuid.UUID:
    """Who writes from this phone."""
    return identity_for(Product.ACCOUNT, phone.account.app_id, phone.openid).person_id


def address(phone: Phone) -> Address:
    """The phone's address as it is now."""
    with transaction() as db:
        return db.scalars(
            sa.select(Address).where(Address.openid == phone.openid).execution_options(populate_existing=True)
        ).one()


def at(clock: MovableClock, **ago: int) -> dict[str, str]:
    """The CreateTime of a push that is so old."""
    return {"CreateTime": str(int((clock() - timedelta(**ago)).timestamp()))}


def books(phone: Phone, slot: uuid.UUID) -> uuid.UUID:
    """The phone's owner has an appointment."""
    return book_appointment(request(slot, 0, person_of(phone))).appointment_id


# --- following and leaving ---


def test_following_welcomes_with_the_services_and_the_rules(phone: Phone) -> None:
    said = phone.does("subscribe", EventKey="")
    assert said.startswith(WELCOME)
    for entry in DIRECTORY.entries:
        assert entry.label in said
    assert "/h5/privacy" in said


def test_who_comes_back_hears_what_is_pending(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    books(phone, slot)
    clock.advance(timedelta(minutes=1))
    phone.does("unsubscribe", EventKey="")
    clock.advance(timedelta(minutes=1))
    said = phone.does("subscribe", EventKey="")
    assert said.startswith(WELCOME_BACK)
    assert "11月26日" in said
    assert "我的预约" in said
    assert len(said) < 300
    assert len(said.splitlines()) <= 9


def test_leaving_stops_every_send_and_frees_what_was_held(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    phone.says("结婚登记 26号10点")
    assert taken_and_booked(slot)[0] == 1  # kept for five minutes
    with transaction() as db:
        conversation_id = db.scalar(sa.text("SELECT id FROM conversations"))
        subject, data = Subject("conversation", conversation_id), {"matter": "事", "hint": "事"}
        post("chat.conversation_expired", recipient_id=person_of(phone), subject=subject, data=data, key="k")
    clock.advance(timedelta(seconds=10))
    assert phone.does("unsubscribe", EventKey="") == "<success>"
    assert taken_and_booked(slot)[0] == 0
    left = address(phone)
    assert (left.reachable, left.window_until, left.window_left) == (False, None, 0)
    assert count("subscription_credits") == count("unionid_lookups") == 0
    with transaction() as db:
        assert db.scalar(sa.text("SELECT state FROM outbox_messages WHERE key = 'k'")) == "cancelled"
        assert db.execute(sa.text("SELECT flow, state_sealed, expires_at FROM conversations")).one() == (None,) * 3


def test_what_was_written_before_leaving_opens_nothing_again(phone: Phone, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    clock.advance(timedelta(minutes=1))
    phone.does("unsubscribe", EventKey="")
    phone.replies(phone.message(Content="菜单") | at(clock, seconds=30))
    assert address(phone).window_until is None
    assert phone.replies(phone.message("event", Event="subscribe", EventKey="") | at(clock, seconds=20)) == "<success>"
    assert not address(phone).reachable


def test_an_old_leaving_does_not_undo_a_new_following(phone: Phone, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    clock.advance(timedelta(minutes=1))
    phone.replies(phone.message("event", Event="unsubscribe", EventKey="") | at(clock, minutes=5))
    assert address(phone).reachable


def test_who_writes_after_leaving_is_back_though_no_push_said_so(phone: Phone, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    phone.does("unsubscribe", EventKey="")
    clock.advance(timedelta(minutes=1))
    phone.says("菜单")
    back = address(phone)
    assert back.reachable
    assert back.window_left > 0
    clock.advance(timedelta(minutes=1))
    phone.says("菜单")
    assert count("conversations") == 1


def test_strangers_are_forgotten_after_half_a_year(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    client = Phone(phone.flask, "oClient00000000000000000001")
    for one in (phone, client):
        one.does("subscribe", EventKey="")
    books(client, slot)
    for one in (phone, client):
        one.does("unsubscribe", EventKey="")
    clock.advance(timedelta(days=150))
    assert forget_strangers(Batch(clock(), 10, frozenset())) == 0
    clock.advance(timedelta(days=60))
    assert forget_strangers(Batch(clock(), 10, frozenset([person_of(phone)]))) == 0
    assert forget_strangers(Batch(clock(), 10, frozenset())) == 1
    with transaction() as db:
        assert db.scalars(sa.text("SELECT openid FROM wechat_identities")).all() == [client.openid]


# --- codes ---


@pytest.mark.parametrize("event", ["subscribe", "SCAN"])
def test_the_code_at_the_door_checks_in(phone: Phone, slot: uuid.UUID, clock: MovableClock, event: str) -> None:
    appointment_id = _comes(phone, slot, clock, minutes=30)
    said = scans(phone, SCENE, event)
    assert "签到好了" in said
    with transaction() as db:
        assert db.get_one(Appointment, appointment_id).state is State.CHECKED_IN
        assert db.scalar(sa.text("SELECT actor_kind FROM marriage_appointment_events ORDER BY id DESC LIMIT 1")) == (
            "resident"
        )
    clock.advance(timedelta(seconds=5))
    assert "已经签到了" in scans(phone, SCENE, "SCAN")


def scans(phone: Phone, scene: str, event: str = "SCAN") -> str:
    """Scan a code, as a follower or to follow by it."""
    key = scene if event == "SCAN" else f"qrscene_{scene}"
    return phone.does(event, EventKey=key, Ticket="t")


def _comes(phone: Phone, slot: uuid.UUID, clock: MovableClock, **before: int) -> uuid.UUID:
    """The owner has booked, and stands at the door so long before the appointment."""
    appointment_id = books(phone, slot)
    with transaction() as db:
        starts_at = db.get_one(
            Appointment, appointment_id, options=[sa.orm.joinedload(Appointment.slot)]
        ).slot.starts_at
    clock.move_to(starts_at - timedelta(**before))
    return appointment_id


def test_too_early_on_the_day_and_on_another_day(phone: Phone, slot: uuid.UUID, clock: MovableClock) -> None:
    _comes(phone, slot, clock, hours=5)
    assert "还没到签到时间" in scans(phone, SCENE)
    clock.move_to(clock() - timedelta(days=1))
    said = scans(phone, SCENE)
    assert "今天还不用签到" in said
    assert "改时间" in said  # the conversation about one's own appointments is open
    with transaction() as db:
        assert db.scalar(sa.text("SELECT flow FROM conversations")) == "marriage.own"


def test_without_an_appointment_it_says_whom_to_ask(phone: Phone, slot: uuid.UUID) -> None:
    assert "咨询台" in scans(phone, SCENE)


@pytest.mark.parametrize("scene", ["checkin-nowhere", "canteen-1", "", "x" * 64, "checkin"])
@pytest.mark.parametrize("event", ["subscribe", "SCAN"])
def test_an_unknown_code_is_met_with_kind_words_and_the_menu(
    phone: Phone, slot: uuid.UUID, scene: str, event: str
) -> None:
    said = scans(phone, scene, event)
    if scene or event == "SCAN":
        assert CODE_UNKNOWN in said
    for entry in DIRECTORY.entries:
        assert entry.label in said


def test_a_scan_leaves_the_conversation_where_it_was(phone: Phone, slot: uuid.UUID) -> None:
    asked = phone.says("我的数据")
    scans(phone, "staff-expired")
    assert "改" in asked
    assert "没有提过申请" in phone.says("5")


def test_two_scenes_cannot_begin_alike() -> None:
    def nothing(_scan: Any) -> SceneAnswer | None:
        return None

    for prefixes in (("a-", "a-"), ("a-", "a-b-"), ("a",), ("a" * 20 + "-",)):
        with pytest.raises(ValueError, match=r"prefix|begin"):
            check_scenes([Scene(prefix, nothing) for prefix in prefixes])


# --- one person behind two openids ---


def test_a_follower_is_asked_about_outside_the_turn(phone: Phone) -> None:
    mini = identity_for(Product.MINIPROGRAM, phone.miniprogram.app_id, "oMini", "union-wang").person_id
    phone.does("subscribe", EventKey="")
    assert person_of(phone) != mini
    asked: list[tuple[str, str]] = []

    def ask(app_id: str, openid: str) -> str:
        asked.append((app_id, openid))
        return "union-wang"

    assert ask_next(ask)
    assert asked == [(phone.account.app_id, phone.openid)]
    assert person_of(phone) == mini
    assert not ask_next(ask)
    assert count("outbox_messages") == 1  # both addresses are told that they are one


def test_failures_are_tried_again_for_a_while(phone: Phone, clock: MovableClock) -> None:
    phone.does("subscribe", EventKey="")
    outcomes = deque([(Busy, -1), (QuotaExceeded, 45011), *[(Busy, -1)] * MAX_ATTEMPTS])

    def ask(_app_id: str, _openid: str) -> str:
        kind, errcode = outcomes.popleft()
        raise kind(errcode)

    for _ in range(MAX_ATTEMPTS):
        assert ask_next(ask)
        assert not ask_next(ask)  # not at once
        clock.advance(timedelta(hours=13))
    assert not anything_due()
    assert count("unionid_lookups") == 0


def test_of_somebody_unknown_nothing_is_asked_twice(phone: Phone) -> None:
    phone.does("subscribe", EventKey="")

    def ask(_app_id: str, _openid: str) -> str:
        raise UnknownRecipient(40003)

    assert ask_next(ask)
    assert count("unionid_lookups") == 0


def test_a_bind_code_is_typed_in_the_chat(phone: Phone) -> None:
    phone.does("subscribe", EventKey="")
    mini = identity_for(Product.MINIPROGRAM, phone.miniprogram.app_id, "oMini")
    digits = show_link_code(mini.id).digits
    assert "还没实名的小程序" in phone.says(f"绑定 {digits}")
    assert "绑定好了" in phone.says("1")
    assert identity_for(Product.MINIPROGRAM, phone.miniprogram.app_id, "oMini").person_id == person_of(phone)
    assert "不对，或已经过期" in phone.says(f"绑定 {digits}")


def test_even_as_the_first_thing_ever_said(phone: Phone) -> None:
    """The reply that names the privacy rules is noted for the person who stays."""
    mini = identity_for(Product.MINIPROGRAM, phone.miniprogram.app_id, "oMini")
    assert "实名" in phone.says(f"绑定 {show_link_code(mini.id).digits}")
    assert "绑定好了" in phone.says("是我的")
    assert phone.says("菜单").startswith("您好")


def test_wrong_bind_codes_run_out(phone: Phone) -> None:
    for _ in range(5):
        assert "不对，或已经过期" in phone.says("绑定 00000000")
    assert "连续输错了几次" in phone.says("绑定 00000000")


def test_the_counters_code_can_be_had_in_the_chat(phone: Phone) -> None:
    said = phone.says("核验码")
    assert any(part.isdigit() and len(part) == 6 for part in said.replace("\n", "：").split("："))
    assert count("binding_codes") == 1
