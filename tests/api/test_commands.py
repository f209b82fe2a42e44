"""Commands that a phone repeats: each with its key, each done once, whatever happens between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

from backend.api.idempotency import forget_older
from backend.jobs import queue as jobs_queue
from backend.kernel.clock import BEIJING, MovableClock
from backend.marriage import book
from backend.storage import transaction
from tests.api.conftest import Caller, booking
from tests.api.test_appointments import code_of

Callers = Callable[..., Caller]
Slots = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def booked(caller: Callers, free_slots: Slots) -> str:
    """The path of an appointment of Wang's, in the first slot of the day."""
    answer = caller("wang").book(free_slots()[0]["id"], 1)
    assert answer.status_code == 201
    return f"/appointments/{answer.get_json()['id']}"


def test_a_move_repeated_with_its_key_moves_once(caller: Callers, free_slots: Slots, booked: str) -> None:
    wang, slot = caller("wang"), free_slots()[3]["id"]
    answers = [wang.post(f"{booked}/reschedule", {"slot_id": slot}, key="k-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].get_json() == answers[2].get_json()
    assert code_of(wang.post(f"{booked}/reschedule", {"slot_id": slot})) == (409, "state_conflict")


def test_a_move_back_and_forth_is_not_undone_by_a_late_repeat(caller: Callers, free_slots: Slots, booked: str) -> None:
    wang, there = caller("wang"), free_slots()[3]["id"]
    home = wang.get(booked).get_json()["slot"]["id"]
    first = wang.post(f"{booked}/reschedule", {"slot_id": there}, key="k-1").get_json()
    wang.post(f"{booked}/reschedule", {"slot_id": home}, key="k-2")
    assert wang.post(f"{booked}/reschedule", {"slot_id": there}, key="k-1").get_json() == first
    assert wang.get(booked).get_json()["slot"]["id"] == home


def test_a_key_is_good_for_one_address_only(caller: Callers, free_slots: Slots, booked: str) -> None:
    wang = caller("wang")
    assert wang.post(f"{booked}/cancel", key="k-1").status_code == 200
    refused = wang.post(f"{booked}/reschedule", {"slot_id": free_slots()[3]["id"]}, key="k-1")
    assert code_of(refused) == (422, "invalid")
    assert list(refused.get_json()["errors"]) == ["Idempotency-Key"]


def test_giving_up_at_once_many_times_frees_one_place(caller: Callers, free_slots: Slots, booked: str) -> None:
    before = sum(slot["free"] for slot in free_slots())
    barrier, phones = Barrier(8), [caller("wang") for _ in range(8)]

    def cancel(phone: Caller) -> int:
        barrier.wait()
        return phone.post(f"{booked}/cancel").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(cancel, phones)) == {200}
    assert sum(slot["free"] for slot in free_slots()) == before + 1


def test_an_answer_is_kept_for_two_days(caller: Callers, free_slots: Slots, clock: MovableClock) -> None:
    wang, slot = caller("wang"), free_slots("2026-12-10")[0]["id"]
    first = wang.book(slot, 1, key="k-1")
    clock.advance(timedelta(hours=48))
    forget_older()
    assert wang.book(slot, 1, key="k-1").get_json() == first.get_json()
    clock.advance(timedelta(seconds=1))
    assert forget_older() == 1
    assert code_of(wang.book(slot, 1, key="k-1"))[0] == 409


def test_an_empty_key_is_refused(caller: Callers, free_slots: Slots) -> None:
    assert code_of(caller("wang").book(free_slots()[0]["id"], 1, key="")) == (422, "invalid")


def test_a_fault_is_told_with_a_reference_and_undone(
    caller: Callers, free_slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = free_slots()[0]

    def fail(*_given: Any) -> None:
        raise RuntimeError("张三 100000199001010011")

    wang = caller("wang")
    with monkeypatch.context() as broken:
        broken.setattr(book, "plan_reminders", fail)
        answer = wang.book(slot["id"], 1, key="k-1")
    assert code_of(answer) == (500, "unexpected")
    assert answer.get_json()["reference"] in answer.get_json()["detail"]
    assert "张三" not in answer.get_data(as_text=True)
    assert free_slots()[0]["free"] == slot["free"]
    assert wang.book(slot["id"], 1, key="k-1").status_code == 201


def test_without_redis_a_booking_is_made_and_its_notice_waits(
    caller: Callers, free_slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_queue._Process, "redis", Redis.from_url("redis://127.0.0.1:1/0"))
    assert caller("wang").book(free_slots()[0]["id"], 1).status_code == 201
    with transaction() as session:
        assert session.scalars(sa.text("SELECT state FROM outbox_messages")).all() == ["queued"]


def test_declarations_and_papers_are_told_back(caller: Callers, free_slots: Slots) -> None:
    body = caller("wang").post("/appointments", booking(free_slots()[0]["id"], 1)).get_json()
    assert body["papers"]
    assert not any("户口" in paper for paper in body["papers"])  # 条例 2025: never asked for
    assert body["created_at"] == "2026-11-23T09:00:00+08:00"


def test_a_past_appointment_is_seen_and_cannot_be_changed(
    caller: Callers, free_slots: Slots, booked: str, clock: MovableClock
) -> None:
    clock.move_to(datetime(2026, 11, 27, 9, 0, tzinfo=BEIJING))
    wang = caller("wang")
    assert wang.get(booked).get_json()["state"] == "booked"
    assert code_of(wang.post(f"{booked}/cancel")) == (409, "too_late")
    later = free_slots("2026-12-03")[0]["id"]
    assert code_of(wang.post(f"{booked}/reschedule", {"slot_id": later})) == (409, "too_late")
