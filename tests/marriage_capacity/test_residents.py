"""What couples see of a move in the mini-program and the chat, and what is told and erased of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask

from backend.marriage.capacity.answer import note_call, own_moves
from backend.marriage.capacity.holdings import capacity_holding
from backend.marriage.capacity.rules import CallResult, LineState
from backend.marriage.offices import offices
from backend.storage import transaction
from messages.models import OutboxMessage
from messages.notices import notice
from tests.api.conftest import Caller, bureau, caller, free_slots
from tests.marriage.support import row
from tests.marriage_capacity.support import close_and_move, line_of, slots_of
from tests.marriage_divorce.support import make_registrar

__all__ = ["bureau", "caller", "free_slots"]

THURSDAY = date(2026, 11, 26)
Slots = Callable[..., list[dict[str, Any]]]


def moved(resident: Caller, free_slots: Slots) -> uuid.UUID:
    """Somebody's Thursday, taken away by the registry."""
    made = resident.book(free_slots()[0]["id"], 1).get_json()
    close_and_move(offices()[0], make_registrar(), THURSDAY)
    return uuid.UUID(made["id"])


def test_the_mini_program_shows_and_accepts(bureau: Flask, caller: Callable[..., Caller], free_slots: Slots) -> None:
    resident = caller()
    appointment_id = moved(resident, free_slots)
    (item,) = resident.get("/moves").get_json()["items"]
    assert item["appointment_id"] == str(appointment_id)
    assert (item["state"], item["reason"]) == ("offered", "线路检修停电")
    assert item["new_starts_at"].startswith("2026-11-27T09:00")
    assert item["office"]["name"] == "新城区婚姻登记处"
    assert caller("li").get("/moves").get_json()["items"] == []
    assert caller("li").post(f"/moves/{item['id']}/accept").status_code == 404
    for _ in range(2):
        answer = resident.post(f"/moves/{item['id']}/accept", key="yes-1")
        assert answer.status_code == 200
        assert answer.get_json()["state"] == "accepted"
    assert resident.get("/moves").get_json()["items"] == []


def test_another_time_by_the_usual_way(bureau: Flask, caller: Callable[..., Caller], free_slots: Slots) -> None:
    resident = caller()
    appointment_id = moved(resident, free_slots)
    wanted = str(slots_of(offices()[0], date(2026, 12, 1))[0].id)
    answer = resident.post(f"/appointments/{appointment_id}/reschedule", {"slot_id": wanted})
    assert answer.status_code == 200
    assert line_of(appointment_id).state is LineState.CHOSEN
    assert row(appointment_id).rescheduled == 0


def test_the_notice_says_all_and_names_nobody(bureau: Flask, caller: Callable[..., Caller], free_slots: Slots) -> None:
    appointment_id = moved(caller(), free_slots)
    with transaction() as session:
        sent = session.scalars(
            sa.select(OutboxMessage).where(
                OutboxMessage.subject_id == appointment_id, OutboxMessage.notice == "marriage.moved_by_registry"
            )
        ).one()
    text = notice(sent.notice).wording(sent.data)
    assert "2026年11月26日 09:00不能办理（线路检修停电）" in text
    assert "2026年11月27日 09:00" in text
    assert "11月25日20:00前回复“停办改期”" in text
    assert "不回就按新时间" in text
    assert len(text) < 300


def test_what_is_held_is_told_and_the_note_of_a_call_erased(
    bureau: Flask, caller: Callable[..., Caller], free_slots: Slots
) -> None:
    appointment_id = moved(caller(), free_slots)
    person_id = row(appointment_id).booked_by
    (own,) = own_moves(person_id)
    note_call(own.id, CallResult.NOT_REACHED, "晚上再打", make_registrar(username="another"))
    with transaction():
        (section,) = capacity_holding.collect(person_id)
        (record,) = section.records
        assert record["电话说明"] == "晚上再打"
        assert record["新时间"] == "2026年11月27日 09:00"
        assert capacity_holding.erase(person_id) == {"marriage_move_lines": 1}
    assert line_of(appointment_id).note is None
