"""The whole story through HTTP only: pushes in, the sandbox's journal out, the console's forms."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from backend.kernel.clock import BEIJING
from tests.story.world import World

GROOM = "王小明 100000200411210011"
BRIDE = "李小红 100000200611210024"
TEMPLATE_SEND = "/cgi-bin/message/template/send"


def book_by_chat(world: World, name: str, *, when: str, parties: str = f"{GROOM}\n{BRIDE}") -> str:
    """Book as a resident would; the appointment number."""
    resident = world.resident(name)
    assert "哪个登记处" in resident.says("我要预约结婚登记")
    assert "请选日期" in resident.says("1")
    assert "已为您留5分钟" in resident.says(when)
    assert "请核对" in resident.says(parties)
    booked = resident.says("1")
    assert "约好了 ✔" in booked, booked
    found = re.search(r"预约号 (MZ\d{8})", booked)
    assert found
    return found[1]


def test_book_confirm_be_reminded_and_be_served(world: World) -> None:
    """The house's main job, from the first message to the end of the visit."""
    couple, registrar = world.resident("王小明"), world.registrar()

    number = book_by_chat(world, "王小明", when="11月26号上午10点左右")
    assert number in couple.says("我的预约")

    page = registrar.finds(number)
    assert "王小明" in registrar.opens(page)
    assert "李小红" in registrar.opens(page)
    registrar.does(page, "confirm")
    world.work()
    confirmed = couple.notices()[-1]
    assert number in str(confirmed)

    world.clock.move_to(datetime(2026, 11, 25, 9, 59, tzinfo=BEIJING))
    world.work()
    assert len(couple.notices()) == 1
    world.clock.move_to(datetime(2026, 11, 25, 10, 0, 5, tzinfo=BEIJING))
    world.work()
    world.work()
    day_before = couple.notices()[1:]
    assert len(day_before) == 1
    assert "2026年11月26日 10:00" in str(day_before[0])

    world.clock.move_to(datetime(2026, 11, 26, 8, 0, 5, tzinfo=BEIJING))
    world.work()
    assert len(couple.notices()) == 3
    assert len(world.journal(TEMPLATE_SEND)) == 3

    world.clock.move_to(datetime(2026, 11, 26, 9, 45, tzinfo=BEIJING))
    registrar = world.registrar()
    registrar.does(page, "check-in")
    registrar.does(page, "complete")
    assert "已办结" in registrar.opens(page)
    assert "没有预约" in couple.says("我的预约")


def test_a_rescheduled_appointment_is_reminded_at_its_new_time_only(world: World) -> None:
    couple = world.resident("王小明")
    number = book_by_chat(world, "王小明", when="11月26号上午10点")
    assert "13:30" in couple.says("改到11月27日下午")
    assert "对吗" in couple.says("1")
    moved = couple.says("1")
    assert "改好了" in moved
    assert number in moved

    world.clock.move_to(datetime(2026, 11, 25, 12, 0, tzinfo=BEIJING))
    world.work()
    assert couple.notices() == []
    world.clock.move_to(datetime(2026, 11, 26, 10, 0, 5, tzinfo=BEIJING))
    world.work()
    reminders = couple.notices()
    assert len(reminders) == 1
    assert "11月27日 13:30" in str(reminders[0])


def test_a_cancelled_appointment_is_not_reminded_and_its_place_is_free_again(world: World) -> None:
    couple = world.resident("王小明")
    before = free_places(world)
    book_by_chat(world, "王小明", when="11月26号上午10点")
    assert free_places(world) == before - 1
    assert "确定取消吗" in couple.says("不去了")
    assert "已经取消" in couple.says("1")
    assert free_places(world) == before
    for step in range(4):
        world.clock.move_to(datetime(2026, 11, 25, 9, 0, tzinfo=BEIJING) + timedelta(hours=8 * step))
        world.work()
    assert couple.notices() == []


def free_places(world: World) -> int:
    """Places left on 26 November at the first registry, by the public API."""
    office = world.product.get("/api/v1/marriage/offices").json()["items"][0]
    query = {"office_id": office["id"], "kind": "marriage_registration", "from": "2026-11-26", "to": "2026-11-26"}
    days = world.product.get("/api/v1/marriage/slots", params=query).json()["items"]
    return sum(slot["free"] for day in days for slot in day["slots"])


def test_a_refusal_tells_the_reason_and_frees_the_place(world: World) -> None:
    couple, registrar = world.resident("王小明"), world.registrar()
    number = book_by_chat(world, "王小明", when="11月26号上午10点")
    before = free_places(world)
    page = registrar.finds(number)
    registrar.does(page, "refuse", reason="身份证已过有效期，请换领后再约")
    world.work()
    assert "身份证已过有效期" in str(couple.notices()[-1])
    assert free_places(world) == before + 1


def test_the_same_push_three_times_is_one_booking_and_the_same_reply(world: World) -> None:
    """WeChat repeats a push that was not answered in time (wechat-protocol §1.6); here three come at once."""
    couple, before = world.resident("王小明"), free_places(world)
    for text in ("结婚登记", "1", "11月26号上午10点", f"{GROOM}\n{BRIDE}"):
        couple.says(text)
    sent = world.sandbox.post(
        f"/sandbox/users/{couple.id}/messages", json={"text": "1", "copies": 3, "concurrent": True}
    ).json()
    texts = {reply["reply"]["text"] for reply in sent["replies"]}
    assert len(sent["replies"]) == 3
    assert len(texts) == 1
    assert "约好了" in texts.pop()
    assert free_places(world) == before - 1


def test_a_conversation_goes_on_after_days_and_ends_with_a_word(world: World) -> None:
    couple = world.resident("王小明")
    couple.says("结婚登记")
    world.clock.advance(timedelta(hours=30))
    assert "请选日期" in couple.says("1")
    world.clock.advance(timedelta(hours=47, minutes=30))
    world.work()
    last = couple.chat()[-1]
    assert "结婚登记预约" in last["text"]
    assert "结婚登记" in last["text"]
    assert "您好" in couple.says("1月")


def test_template_refused_falls_through_and_staff_see_what_nobody_could_deliver(world: World) -> None:
    """The account is blocked by the person: nothing can be sent, and the desk is told."""
    couple, registrar = world.resident("王小明"), world.registrar()
    number = book_by_chat(world, "王小明", when="11月26号上午10点")
    world.sandbox.post(f"/sandbox/users/{couple.id}/events", json={"event": "unsubscribe"})
    registrar.does(registrar.finds(number), "confirm")
    world.work()
    page = registrar.opens("/console/messages")
    assert number in page


def test_a_person_who_asks_for_a_person_is_told_who_comes(world: World) -> None:
    """The hand-over itself carries no text, so a message says what happens and whom to call meanwhile."""
    couple = world.resident("王小明")
    couple.says("人工")
    world.work()
    told = [item["text"] for item in couple.chat() if item["from"] == "account" and "转人工" in item.get("text", "")]
    assert len(told) == 1
    assert "029-00000101" in told[0]


def test_a_couple_that_has_an_appointment_is_told_so_and_the_conversation_goes_on(world: World) -> None:
    """E8 is decided by the database in the middle of the turn: the refusal undoes the booking and nothing else."""
    book_by_chat(world, "王小明", when="11月26号上午10点")
    other, before = world.resident("李小红"), free_places(world)
    for text in ("结婚登记", "1", "11月26号下午3点", f"{GROOM}\n{BRIDE}"):
        other.says(text)
    refused = other.says("1")
    assert "已经有一个结婚登记预约" in refused
    assert "请发双方姓名" in other.says("2")
    other.says("取消")
    assert free_places(world) == before
