"""What couples see of a move in the mini-program and the chat, and what is told and erased of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.errors import AppError
from backend.marriage.capacity.answer import accept_time, note_call, own_moves
from backend.marriage.capacity.holdings import capacity_holding
from backend.marriage.capacity.rules import CallResult, LineState
from backend.marriage.models import Via
from backend.marriage.offices import offices
from backend.marriage.open_slots import open_slots
from backend.marriage.partners.tell import tell_partners
from backend.marriage.planning.chat import MovesChat
from backend.marriage.reschedule import reschedule_appointment
from backend.storage import transaction
from messages.models import OutboxMessage
from messages.notices import notice
from tests.api.conftest import Caller, bureau, caller, free_slots
from tests.marriage.support import book, code_of, make_person, row
from tests.marriage_capacity.support import assert_nothing_oversold, close_and_move, line_of, slot_id_of, slots_of
from tests.marriage_divorce.support import make_registrar
from tests.marriage_waiting.test_partners import proven, told

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


def couple_moved(office: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A Thursday that the registry took away: its appointment, who booked it, and the other one, who is known."""
    open_slots()
    booker, partner = make_person(), proven(0)
    made = book(slots_of(offices()[0], THURSDAY)[0].id, 0, booker).appointment_id
    tell_partners()
    close_and_move(offices()[0], make_registrar(), THURSDAY)
    return made, booker, partner


@pytest.mark.parametrize("first", ["partner", "booker"])
def test_either_answers_and_the_first_answer_holds(app: object, office: uuid.UUID, first: str) -> None:
    made, booker, partner = couple_moved(office)
    by, other = (partner, booker) if first == "partner" else (booker, partner)
    assert told(by)[-1] == told(other)[-1] == "marriage.moved_by_registry"
    (mine,), (theirs,) = own_moves(by), own_moves(other)
    assert mine == theirs
    accept_time(mine.id, by)
    accept_time(mine.id, other)  # the same answer, said twice
    assert told(other)[-1] == "marriage.partner_moved"
    assert told(by).count("marriage.partner_moved") == 0
    assert own_moves(other) == []
    assert line_of(made).state is LineState.ACCEPTED
    assert code_of(lambda: accept_time(mine.id, make_person())) == "not_found"


def test_the_other_one_chooses_another_time_and_comes_too_late_once_it_is_answered(
    app: object, office: uuid.UUID
) -> None:
    made, booker, partner = couple_moved(office)
    wanted, later = (slot.id for slot in slots_of(offices()[0], date(2026, 12, 1))[:2])
    assert code_of(lambda: reschedule_appointment(made, wanted, make_person(), Via.CHAT)) == "not_found"
    reschedule_appointment(made, wanted, partner, Via.CHAT)
    assert line_of(made).state is LineState.CHOSEN
    assert told(booker)[-1] == "marriage.partner_moved"
    # Answered: from now on it is the booker's to move, as any appointment.
    assert code_of(lambda: reschedule_appointment(made, later, partner, Via.CHAT)) == "not_found"
    assert row(made).rescheduled == 0


def tried(answer: Callable[[], object]) -> None:
    """Whoever comes second is refused."""
    with suppress(AppError):
        answer()


def test_two_answers_at_the_same_moment_make_one(app: object, office: uuid.UUID) -> None:
    made, booker, partner = couple_moved(office)
    (move,) = own_moves(booker)
    wanted = slots_of(offices()[0], date(2026, 12, 1))[0].id
    answers = [
        lambda: accept_time(move.id, booker),
        lambda: reschedule_appointment(made, wanted, partner, Via.CHAT),
        lambda: accept_time(move.id, partner),
    ]
    with ThreadPoolExecutor(len(answers)) as pool:
        list(pool.map(tried, answers))
    state, at_wanted = line_of(made).state, slot_id_of(made) == wanted
    assert (state, at_wanted) in {(LineState.ACCEPTED, False), (LineState.CHOSEN, True)}
    assert_nothing_oversold()


def test_in_the_chat_of_the_other_one(app: object, office: uuid.UUID) -> None:
    _, _, partner = couple_moved(office)
    (move,) = MovesChat(partner).own()
    assert MovesChat(partner).accept(move.id) is None
    assert MovesChat(partner).own() == []
