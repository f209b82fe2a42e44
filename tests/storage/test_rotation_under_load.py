"""Keys change while residents book by the API and talk in the chat: nobody notices, and nothing stays old."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock
from backend.marriage.models import Party
from backend.people import log_in
from backend.storage import Database, KeyRing, transaction, use_keys
from backend.storage.census import take_census
from backend.storage.rotation import Rotation
from tests.api.conftest import Caller, booking
from tests.chat.phone import Phone
from tests.concurrency.support import couple
from tests.storage.conftest import INDEX, NEW, OLD

CALLERS, BOOKINGS = 3, 6
PHONES, TALKS = 3, 20
RINGS = (
    KeyRing({"new": NEW, "old": OLD}, INDEX),
    KeyRing({"old": OLD, "new": NEW}, INDEX, "sm4-gcm"),
)
LAST = KeyRing({"new": NEW}, INDEX)


def test_keys_change_while_people_book_and_talk(
    app: Flask, clean_database: Database, clock: MovableClock, keys: None
) -> None:
    use_keys(RINGS[1])
    load_demonstration(app.extensions["settings"])
    names = {row.id: (row.name, row.id_number) for row in parties()}
    slots = free_slots(app)
    people = [lambda n=n: talk(app, n) for n in range(PHONES)]
    people += [lambda n=n: book(app, n, slots) for n in range(CALLERS)]
    statuses, sealed = rotate_meanwhile(people)

    assert statuses == Counter({201: CALLERS * BOOKINGS, 200: CALLERS * BOOKINGS * 3, "talked": PHONES * TALKS})
    assert sealed > len(names), "nothing was sealed anew while people were at work"
    use_keys(RINGS[0])
    last = Rotation()
    list(last.run())
    assert last.outcome().whole
    assert {mark for marks in take_census().values() for mark in marks} == {RINGS[0].current}
    use_keys(LAST)  # the old key is gone for good
    opened = {row.id: (row.name, row.id_number) for row in parties()}
    assert names.items() <= opened.items()
    booked = {(party.name, party.id_number) for n in range(CALLERS * BOOKINGS) for party in couple(5000 + n)}
    assert booked <= set(opened.values())


def rotate_meanwhile(people: list[Callable[[], Counter[Any]]]) -> tuple[Counter[Any], int]:
    """Rotate to and fro until everybody is done; how their requests ended, and how many values were sealed anew."""
    sealed, done = 0, threading.Event()
    with ThreadPoolExecutor(len(people)) as pool:
        running = [pool.submit(one) for one in people]
        threading.Thread(target=lambda: ([one.exception() for one in running], done.set())).start()
        for turn in range(10_000):
            use_keys(RINGS[turn % 2])
            rotation = Rotation(batch=5)
            list(rotation.run())
            sealed += rotation.outcome().done
            assert rotation.outcome().unreadable == {}
            if done.is_set():
                break
        return sum((one.result() for one in running), Counter()), sealed


def book(app: Flask, number: int, slots: list[str]) -> Counter[Any]:
    """Book, look, and give up or keep, again and again; how often each status came."""
    statuses: Counter[Any] = Counter()
    app_id = app.extensions["settings"].miniprogram.app_id
    for turn in range(BOOKINGS):
        index = number * BOOKINGS + turn
        caller = Caller(app.test_client(), log_in(app_id, f"openid-{index}", None).token)
        body = booking(slots[index % len(slots)], 5000 + index)
        answer = caller.post("/appointments", body, key=f"key-{index}")
        again = caller.post("/appointments", body, key=f"key-{index}")
        assert again.get_json() == answer.get_json(), "the kept answer has changed"
        own = caller.get(f"/appointments/{answer.get_json()['id']}")
        listed = caller.get("/appointments")
        assert [party["name"] for party in own.get_json()["parties"]] == ["张三", "李四"]
        assert listed.get_json()["items"] == [own.get_json()]
        done = caller.post(f"/appointments/{answer.get_json()['id']}/cancel")
        statuses.update(one.status_code for one in (answer, own, listed, done))
        assert again.status_code == 201
    return statuses


def talk(app: Flask, number: int) -> Counter[Any]:
    """Go through a conversation again and again; a turn that does not find its state is answered as another one."""
    phone = Phone(app, openid=f"oResidentUnderLoad000000000{number}")
    for _ in range(TALKS):
        assert "哪个登记处" in phone.says("结婚登记")
        assert "请选日期" in phone.says("1")
        held = phone.says("11月26号")
        assert "上午" in held, held
        phone.says("取消")
    return Counter({"talked": TALKS})


def free_slots(app: Flask) -> list[str]:
    """Ids of slots with places left."""
    base, client = "/api/v1/marriage", app.test_client()
    office = client.get(f"{base}/offices").get_json()["items"][0]["id"]
    query = {"office_id": office, "kind": "marriage_registration", "from": "2026-11-30", "to": "2026-12-11"}
    days = client.get(f"{base}/slots", query_string=query).get_json()["items"]
    return [slot["id"] for day in days for slot in day["slots"] if slot["free"]]


def parties() -> list[Party]:
    with transaction() as session:
        return list(session.scalars(sa.select(Party)).all())
