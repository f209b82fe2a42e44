"""The hall's page: scanned or typed, called, served, failed; what is told, and where the keyboard goes on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.marriage.models import Appointment, Party
from backend.marriage.rules import State
from backend.marriage.tickets.models import PaperTick, Ticket
from backend.marriage.tickets.rules import TicketState
from backend.staff.audit import AuditEntry
from backend.storage import Database, transaction
from messages.models import OutboxMessage
from tests.console.support import (
    TUESDAY,
    Desk,
    counted_queries,
    make_appointment,
    make_slot,
    party_name,
    party_number,
)

HALL = "/console/marriage/hall"
Opened = Callable[..., Desk]


def number_of(appointment_id: uuid.UUID) -> str:
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).number or ""


def state_of(appointment_id: uuid.UUID) -> State:
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).state


def tickets() -> list[Ticket]:
    with transaction() as session:
        return list(session.scalars(sa.select(Ticket).order_by(Ticket.area, Ticket.number)))


def told_of(appointment_id: uuid.UUID) -> list[tuple[str, dict[str, str]]]:
    with transaction() as session:
        found = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.subject_id == appointment_id))
        return [(message.notice, message.data) for message in found]


def sit_down(somebody: Desk, window: int = 3, area: str = "marriage_hall") -> None:
    assert somebody.post(f"{HALL}/window", {"window": str(window), "area": area}).status_code == 303


def arrive(somebody: Desk, text: str):
    return somebody.post(f"{HALL}/arrivals", {"text": text}, htmx=True)


# --- arriving ---


@pytest.mark.parametrize(
    "as_typed",
    [
        lambda number: number,
        lambda number: number.lower(),
        lambda number: f"https://example.test/h5/marriage/code/{number}?v=1\r",
        lambda number: number.removeprefix("MZ"),
        lambda _: party_number(4, 1)[-4:],
        lambda _: party_number(4, 0),
    ],
    ids=["number", "small", "scanned", "digits", "tail", "card"],
)
def test_checked_in_by_whatever_is_at_hand(desk: Opened, ten: uuid.UUID, as_typed: Callable[[str], str]) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=4)
    page = arrive(desk(), as_typed(number_of(made)))
    assert page.status_code == 200
    assert "签到好了，取号 A001" in page.text
    assert state_of(made) is State.CHECKED_IN
    [ticket] = tickets()
    assert (ticket.appointment_id, ticket.booked_for) == (made, TUESDAY.replace(hour=10, minute=0))
    assert re.search(r'<input id="scan"[^>]* data-focus', page.text), "the next couple stands there already"


def test_late_ones_wait_as_walk_ins(desk: Opened, nine: uuid.UUID) -> None:
    made = make_appointment(nine, State.BOOKED, serial=1)
    page = arrive(desk(), number_of(made)).text
    assert "已过约的时间，按现场顺序取号 A001" in page
    assert tickets()[0].booked_for is None
    assert "迟到" in page


def test_the_same_four_digits_are_asked_about(desk: Opened, ten: uuid.UUID) -> None:
    one = make_appointment(ten, State.BOOKED, serial=2)
    other = make_appointment(ten, State.BOOKED, serial=9)
    with transaction() as session:
        tail = party_number(2, 0)[-4:]
        session.execute(sa.update(Party).where(Party.appointment_id == other, Party.position == 0).values(last4=tail))
    somebody = desk()
    page = arrive(somebody, party_number(2, 0)[-4:]).text
    assert "今天有 2 对符合" in page
    assert 'data-digit="1" data-focus' in page
    assert {state_of(one), state_of(other)} == {State.BOOKED}
    chosen = f"/console/marriage/appointments/{other}/check-in?view=hall&office=xincheng"
    assert 'id="hall"' in somebody.post(chosen, htmx=True).text
    assert (state_of(one), state_of(other)) == (State.BOOKED, State.CHECKED_IN)


def test_who_is_not_expected_is_told_why(desk: Opened, ten: uuid.UUID, office_id: uuid.UUID) -> None:
    somebody = desk()
    tomorrow = make_slot("xincheng", TUESDAY.date() + timedelta(days=1), time(10, 0))
    elsewhere = make_slot("changle", TUESDAY.date(), time(10, 0))
    later, there = make_appointment(tomorrow, serial=11), make_appointment(elsewhere, serial=12)
    gone, here = make_appointment(ten, State.SERVED, serial=13), make_appointment(ten, serial=14)
    arrive(somebody, number_of(here))
    for text, saying in (
        ("MZ00000000", "没有找到这个预约"),
        ("没有这个人", "没有找到这个预约"),
        (number_of(there), "没有找到这个预约"),
        (number_of(later), "约的是5月19日"),
        (number_of(gone), "现在是“已办结”"),
        (number_of(here), "已经签到，取的是 A001"),
    ):
        answer = arrive(somebody, text)
        assert answer.status_code == 404
        assert saying in answer.text, text
        assert 'id="hall"' in answer.text


def test_too_early_is_told_with_the_time(desk: Opened, office_id: uuid.UUID) -> None:
    made = make_appointment(make_slot("xincheng", TUESDAY.date(), time(15, 0)), serial=1)
    answer = arrive(desk(), number_of(made))
    assert answer.status_code == 409
    assert "14:30起可以签到" in answer.text


# --- calling ---


def test_a_morning_by_keyboard(desk: Opened, ten: uuid.UUID, desks: MovableClock) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    somebody = desk()
    assert "还没有选窗口" in somebody.get(HALL).text
    sit_down(somebody)
    issued = somebody.post(f"{HALL}/tickets", {"kind": "marriage_registration"}, htmx=True).text
    assert "A001 取好了，前面 0 位，可以马上办" in issued
    arrive(somebody, number_of(made))
    # Nothing typed calls the next: the walk-in, for it is not ten yet.
    called = arrive(somebody, "").text
    assert "请 A001 到 3 号窗口" in called
    assert re.search(r"data-hall-key=\"b\" data-focus", called)
    [walk_in, couple] = tickets()
    done = somebody.post(f"{HALL}/tickets/{walk_in.id}/done", htmx=True).text
    assert "A001 办完" in done
    assert re.search(r'data-hall-key="n" data-focus', done)
    assert '下一位 <b translate="no">A002</b>' in done
    somebody.post(f"{HALL}/next", htmx=True)
    began = somebody.post(f"{HALL}/tickets/{couple.id}/begin", htmx=True).text
    assert "data-focus-inside" in began, "on to the papers"
    assert party_name(1, 0) in began
    somebody.post(f"{HALL}/tickets/{couple.id}/done", htmx=True)
    assert state_of(made) is State.SERVED
    assert {one.state for one in tickets()} == {TicketState.DONE}


def test_the_second_of_two_officers_is_told_kindly_and_sees_how_it_stands(desk: Opened, office_id: uuid.UUID) -> None:
    first, second = desk("registrar-1"), desk("registrar-1")
    sit_down(first)
    first.post(f"{HALL}/tickets", {"kind": "archive_query"})
    first.post(f"{HALL}/tickets", {"kind": "marriage_registration"})
    first.post(f"{HALL}/next")
    [ticket] = [one for one in tickets() if one.state is TicketState.CALLED]
    first.post(f"{HALL}/tickets/{ticket.id}/done")
    answer = second.post(f"{HALL}/tickets/{ticket.id}/left", htmx=True)
    assert answer.status_code == 409
    assert "A001 现在是“办完”，同事可能已经办了。页面已更新。" in answer.text
    assert "号窗口空着" in answer.text


def test_nobody_waits(desk: Opened, office_id: uuid.UUID) -> None:
    somebody = desk()
    assert "请先选您坐的窗口" in arrive(somebody, "").text
    sit_down(somebody)
    answer = somebody.post(f"{HALL}/next", htmx=True)
    assert answer.status_code == 409
    assert "结婚登记现在没有人等候" in answer.text


def test_a_window_is_left(desk: Opened, office_id: uuid.UUID) -> None:
    somebody = desk()
    sit_down(somebody)
    assert "停止叫号" in somebody.get(HALL).text
    assert "已经停止叫号" in somebody.post(f"{HALL}/window", {"window": ""}, htmx=True).text


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/window", {"window": "3", "area": "roof"}, 422),
        ("/window", {"window": "0", "area": "marriage_hall"}, 422),
        ("/window", {"window": "three", "area": "marriage_hall"}, 422),
        ("/tickets", {"kind": "ceremony"}, 422),
        ("/tickets", {"kind": "nonsense"}, 422),
        ("/tickets", {"kind": "archive_query", "lane": "fast"}, 422),
        ("/tickets/00000000-0000-7000-8000-000000000000/left", {}, 404),
    ],
)
def test_bad_input_gets_a_clear_answer(
    desk: Opened, office_id: uuid.UUID, path: str, form: dict[str, str], status: int
) -> None:
    answer = desk().post(f"{HALL}{path}", form, htmx=True)
    assert answer.status_code == status
    assert 'class="notice problem"' in answer.text


# --- papers ---


def test_papers_are_ticked_with_who_and_when(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CHECKED_IN, serial=1)
    somebody, papers = desk(), f"/console/marriage/appointments/{made}/papers"
    part = somebody.post(f"{papers}/identity_card-both", {"in_order": "1"}, htmx=True).text
    assert "齐 · 李芳 09:40" in part
    somebody.post(f"{papers}/photos_together-both", {"in_order": "1"})
    somebody.post(f"{papers}/photos_together-both", {})
    with transaction() as session:
        ticks = {one.line: one.in_order for one in session.scalars(sa.select(PaperTick))}
    assert ticks == {"identity_card-both": True, "photos_together-both": False}
    assert somebody.post(f"{papers}/photos_single-both", {"in_order": "1"}, htmx=True).status_code == 422


def test_what_was_not_ticked_need_not_be_typed(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    somebody = desk()
    sit_down(somebody)
    arrive(somebody, number_of(made))
    somebody.post(f"{HALL}/next")
    place = f"/console/marriage/appointments/{made}"
    form = f"{place}/fail-documents?view=hall&office=xincheng"
    assert "缺：" not in somebody.get(form, htmx=True).text, "nothing was looked at yet"
    somebody.post(f"{place}/papers/identity_card-both", {"in_order": "1"})
    asked = somebody.get(form, htmx=True).text
    missing = re.search(r"<textarea[^>]*>([^<]*)</textarea>", asked)
    assert missing is not None
    assert missing[1] == "缺：双方2寸近期半身免冠红底合影3张；《申请结婚登记声明书》"
    answer = somebody.post(form, {"words": missing[1]}, htmx=True)
    assert "走之前约好下一次" in answer.text
    assert state_of(made) is State.FAILED_DOCUMENTS
    assert tickets()[0].state is TicketState.DONE
    [(notice, data)] = told_of(made)
    assert (notice, data["reason"]) == ("marriage.documents_failed", missing[1])
    refused = somebody.post(f"{place}/papers/photos_together-both", {"in_order": "1"}, htmx=True)
    assert refused.status_code == 409
    assert "这次预约已经结束" in refused.text


# --- who sees what ---


def test_another_registrys_hall_is_not_there(desk: Opened, office_id: uuid.UUID) -> None:
    somebody = desk("registrar-1")
    assert somebody.get(f"{HALL}?office=changle").status_code == 404
    assert somebody.post(f"{HALL}/tickets?office=changle", {"kind": "archive_query"}).status_code == 404
    somebody.post(f"{HALL}/tickets", {"kind": "archive_query"})
    assert desk("admin").post(f"{HALL}/tickets/{tickets()[0].id}/left").status_code == 403


def test_the_administrator_looks_and_does_not_call(desk: Opened, office_id: uuid.UUID) -> None:
    page = desk("admin").get(HALL).text
    assert "叫号由登记处的同事来做" in page
    assert 'id="scan"' not in page
    assert "看长乐路婚姻登记处" in page


def test_looking_leaves_a_trail_and_the_queue_names_nobody(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    somebody = desk()
    assert party_name(1, 0) in somebody.get(HALL).text
    arrive(somebody, number_of(made))
    queue = somebody.get(f"{HALL}/queue", htmx=True).text
    assert "A001" in queue
    assert party_name(1, 0) not in queue
    with transaction() as session:
        viewed = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "marriage.hall_viewed")).all()
        stepped = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(made))).all()
    assert any(str(made) in (entry.subject_id, *entry.subject_ids) for entry in viewed)
    assert "marriage.desk.check-in" in stepped


def test_the_number_of_queries_does_not_grow_with_the_hall(
    desk: Opened, clean_database: Database, ten: uuid.UUID
) -> None:
    somebody = desk()
    sit_down(somebody)

    def fill(first: int, count: int) -> None:
        for serial in range(first, first + count):
            arrive(somebody, number_of(make_appointment(ten, State.CONFIRMED, serial=serial)))
            make_appointment(ten, State.CONFIRMED, serial=serial + 100)
            somebody.post(f"{HALL}/tickets", {"kind": "archive_query"})

    fill(0, 1)
    somebody.post(f"{HALL}/next")
    somebody.get(HALL)
    for path in (HALL, f"{HALL}/queue"):
        with counted_queries(clean_database) as few:
            assert somebody.get(path).status_code == 200
        fill(1 if path == HALL else 4, 3)
        with counted_queries(clean_database) as many:
            assert somebody.get(path).status_code == 200
        assert len(few) == len(many), path


# --- the screen ---


def test_the_screen_shows_numbers_only(app: Flask, desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    somebody = desk()
    sit_down(somebody)
    somebody.post(f"{HALL}/tickets", {"kind": "divorce_application"})
    arrive(somebody, number_of(made))
    somebody.post(f"{HALL}/next")
    page = app.test_client().get("/h5/marriage/hall/xincheng")
    assert page.status_code == 200
    assert "A001" in page.text
    assert "3 号窗口" in page.text
    assert "B001" in page.text
    for secret in (party_name(1, 0), party_name(1, 1), number_of(made), "离婚", "结婚登记"):
        assert secret not in page.text.replace("新城区婚姻登记处", "")
    part = app.test_client().get("/h5/marriage/hall/xincheng", headers={"HX-Request": "true"})
    assert part.text.startswith('<div id="screen"')
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert app.test_client().get("/h5/marriage/hall/nowhere").status_code == 404


def test_nothing_is_inline(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    somebody = desk()
    sit_down(somebody)
    arrive(somebody, number_of(made))
    somebody.post(f"{HALL}/next")
    for path in (HALL, "/console/marriage/figures", "/console/marriage/load", f"/console/marriage/appointments/{made}"):
        page = somebody.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", page), path


def test_a_ticket_outlives_its_appointment_and_names_nobody(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.CONFIRMED, serial=1)
    arrive(desk(), number_of(made))
    with transaction() as session:
        session.execute(sa.delete(Appointment).where(Appointment.id == made))
    [ticket] = tickets()
    assert (ticket.appointment_id, ticket.booked) == (None, True)
