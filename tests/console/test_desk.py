"""The marriage desk: the board, one appointment, searching, the day's list, who may see and do what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.staff.audit import AuditEntry
from backend.storage import Database, transaction
from tests.console.support import (
    TUESDAY,
    Desk,
    counted_queries,
    make_appointment,
    make_slot,
    party_name,
    party_number,
    party_phone,
)

TODAY = TUESDAY.date()
TOMORROW = TODAY + timedelta(days=1)
BOARD = "/console/marriage/appointments"

Opened = Callable[..., Desk]


def couples(count: int, *, office: str = "xincheng", state: State = State.BOOKED, first: int = 0) -> list[str]:
    slot = make_slot(office, TODAY, time(10, 0) if first == 0 else time(15, 30), count)
    return [str(make_appointment(slot, state, serial=first + serial)) for serial in range(count)]


def number_of(appointment_id: str) -> str:
    with transaction() as session:
        return session.scalars(sa.select(Appointment.number).where(Appointment.id == appointment_id)).one() or ""


def trail(action: str) -> list[AuditEntry]:
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


# --- the board ---


def test_the_board_shows_whole_names_and_never_whole_numbers(desk: Opened) -> None:
    couples(1)
    page = desk().get(BOARD).text
    for position in (0, 1):
        assert party_name(0, position) in page
        assert party_number(0, position) not in page
        assert party_number(0, position)[-4:] in page
        assert party_phone(0, position) not in page


def test_each_state_is_told_by_a_word_and_an_icon(desk: Opened) -> None:
    couples(1)
    assert re.search(r'<span class="state booked"><svg.*?</svg>待确认</span>', desk().get(BOARD).text, re.DOTALL)


def test_tabs_hold_what_they_say(desk: Opened) -> None:
    today = make_slot("xincheng", TODAY, time(10, 0), 9)
    later = make_slot("xincheng", TOMORROW, time(10, 0), 9)
    kept = {
        "pending_today": make_appointment(today, State.BOOKED, serial=1),
        "served_today": make_appointment(today, State.SERVED, serial=2),
        "cancelled_today": make_appointment(today, State.CANCELLED, serial=3),
        "confirmed_later": make_appointment(later, State.CONFIRMED, serial=4),
        "held_later": make_appointment(later, State.HELD, serial=5),
    }
    expected = {
        "pending": {"pending_today"},
        "today": {"pending_today", "served_today"},
        "later": {"confirmed_later"},
        "all": {"pending_today", "served_today", "cancelled_today", "confirmed_later"},
    }
    somebody = desk()
    for tab, names in expected.items():
        page = somebody.get(f"{BOARD}?tab={tab}").text
        assert {name for name, row in kept.items() if f"{BOARD}/{row}" in page} == names, tab
    figures = re.findall(r'class="figure">(\d+)</span>', somebody.get(BOARD, htmx=True).text)
    assert figures == ["1", "2", "1"]


def test_filters_by_day_and_state(desk: Opened) -> None:
    today = make_slot("xincheng", TODAY, time(10, 0), 9)
    later = make_slot("xincheng", TOMORROW, time(10, 0), 9)
    here = make_appointment(today, State.CANCELLED, serial=1)
    there = make_appointment(later, State.CANCELLED, serial=2)
    other = make_appointment(later, State.CONFIRMED, serial=3)
    page = desk().get(f"{BOARD}?tab=all&state=cancelled&day={TOMORROW}").text
    assert str(there) in page
    assert str(here) not in page
    assert str(other) not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("tab=nonsense", "没有这个栏目"),
        ("tab=all&day=tomorrow", "日期应写成"),
        ("tab=all&state=held", "没有这种状态"),
        ("tab=all&state='%20OR%201=1", "没有这种状态"),
        ("cursor=%00%00", "从第一页看起"),
        ("cursor=MjAyNy0wNS0xOFQxMDowMDowMCBub3RoaW5n", "从第一页看起"),
    ],
)
def test_bad_input_gets_a_clear_answer(desk: Opened, query: str, told: str) -> None:
    for htmx in (False, True):
        answer = desk().get(f"{BOARD}?{query}", htmx=htmx)
        assert answer.status_code == 422
        assert told in answer.text
        assert ("<html" in answer.text) is not htmx


def test_pages_follow_one_another_without_gap_or_repeat(desk: Opened) -> None:
    made = set(couples(40))
    somebody, seen, address = desk(), [], f"{BOARD}?tab=today"
    for _ in range(2):
        page = somebody.get(address).text
        seen += re.findall(r'data-row>.*?appointments/([0-9a-f-]{36})"', page, re.DOTALL)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert len(seen) == 40
    assert set(seen) == made


@pytest.mark.parametrize("path", [BOARD, f"{BOARD}?tab=all", "/console/marriage/day-list", "/console/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(desk: Opened, clean_database: Database, path: str) -> None:
    somebody = desk()
    couples(5)
    somebody.get(path)  # what is kept for some seconds is read
    with counted_queries(clean_database) as few:
        assert somebody.get(path).status_code == 200
    couples(45, first=100)
    somebody.get(path)  # on a slow machine those seconds are over by now
    with counted_queries(clean_database) as many:
        assert somebody.get(path).status_code == 200
    assert len(few) == len(many)


def test_htmx_gets_the_board_alone(desk: Opened) -> None:
    couples(1)
    part = desk().get(BOARD, htmx=True).text
    assert part.strip().startswith('<section id="board"')
    assert "<html" not in part
    assert "<figure" not in part


def test_a_restored_page_is_whole(desk: Opened) -> None:
    answer = desk().client.get(BOARD, headers={"HX-Request": "true", "HX-Request-Type": "full"})
    assert "<html" in answer.text


def test_nothing_is_inline(desk: Opened) -> None:
    made = couples(1, state=State.CHECKED_IN)
    somebody = desk()
    for path in (BOARD, f"{BOARD}/{made[0]}", f"{BOARD}/{made[0]}/fail-documents", "/console/", "/console/sign-in"):
        page = somebody.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", page), path


def test_the_chart_tells_places_and_bookings(desk: Opened) -> None:
    couples(2)
    make_slot("changle", TODAY, time(9, 0), 5)
    page = desk().get(BOARD).text
    assert "5月18日 周二，约了 2 对，号源用了 " in page
    assert "5月19日 周三，不开放" in page
    assert page.count("<title>5月") + page.count("<title>6月") == 30
    assert "5月18日 周二，约了 2 对，号源用了 " in desk("admin").get(BOARD).text


def test_looking_at_the_board_leaves_a_trail(desk: Opened) -> None:
    made = couples(2)
    desk().get(BOARD)
    [entry] = trail("marriage.board_viewed")
    assert set(entry.subject_ids) == set(made)
    assert "name" in entry.fields
    assert party_name(0, 0) not in str(entry.detail)


# --- one appointment ---


def test_the_page_of_an_appointment(desk: Opened) -> None:
    [made] = couples(1)
    page = desk().get(f"{BOARD}/{made}").text
    assert number_of(made) in page
    assert party_phone(0, 0) in page
    assert party_number(0, 0) not in page
    assert "居民身份证（在有效期内" in page
    assert "户口簿原件" not in page
    [entry] = trail("marriage.appointment_viewed")
    assert entry.subject_id == made


@pytest.mark.parametrize("htmx", [True, False])
def test_a_whole_number_is_shown_when_asked_and_leaves_a_trail(desk: Opened, htmx: bool) -> None:
    [made] = couples(1)
    page = desk().post(f"{BOARD}/{made}/parties/1/number", htmx=htmx).text
    assert party_number(0, 1) in page.replace(" ", "")
    assert party_number(0, 0) not in page.replace(" ", "")
    [entry] = trail("marriage.number_revealed")
    assert (entry.subject_id, entry.detail) == (made, {"party": 1})


def test_a_third_party_does_not_exist(desk: Opened) -> None:
    [made] = couples(1)
    assert desk().post(f"{BOARD}/{made}/parties/2/number").status_code == 404


def test_history_names_the_registrar(desk: Opened) -> None:
    [made] = couples(1)
    somebody = desk()
    somebody.post(f"{BOARD}/{made}/confirm")
    page = somebody.get(f"{BOARD}/{made}").text
    assert re.search(r'class="what">已确认</span>\s*<span class="by">李芳</span>', page)


# --- whose it is ---


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/refuse"),
        ("get", "/fail-documents"),
        ("post", "/confirm"),
        ("post", "/refuse"),
        ("post", "/check-in"),
        ("post", "/complete"),
        ("post", "/fail-documents"),
        ("post", "/no-show"),
        ("post", "/parties/0/number"),
    ],
)
def test_another_registrys_appointment_is_not_there(desk: Opened, method: str, path: str) -> None:
    [made] = couples(1, office="changle")
    somebody = desk("registrar-1")
    answer = getattr(somebody, method)(f"{BOARD}/{made}{path}")
    assert answer.status_code == 404
    assert party_name(0, 0) not in answer.text
    with transaction() as session:
        assert session.get_one(Appointment, made).state is State.BOOKED


def test_another_registrys_couples_are_on_no_list(desk: Opened) -> None:
    [made] = couples(1, office="changle")
    somebody = desk("registrar-1")
    lists = [somebody.get(f"{BOARD}?tab={tab}").text for tab in ("pending", "today", "later", "all")]
    lists += [somebody.get("/console/").text, somebody.get("/console/marriage/day-list").text]
    lists += [somebody.post("/console/search", {"q": number_of(made)}).text]
    assert not any(party_name(0, 0) in page for page in lists)
    assert party_name(0, 0) in desk("admin").get(BOARD).text


@pytest.mark.parametrize(
    ("method", "path", "registrar", "administrator"),
    [
        ("get", "/console/", 200, 200),
        ("get", "/console/messages", 200, 200),
        ("get", BOARD, 200, 200),
        ("get", BOARD + "/{id}", 200, 200),
        ("get", "/console/marriage/day-list", 200, 200),
        ("post", "/console/search", 422, 422),
        ("get", BOARD + "/{id}/refuse", 200, 403),
        ("post", BOARD + "/{id}/confirm", 303, 403),
        ("post", BOARD + "/{id}/refuse", 422, 403),
        ("post", BOARD + "/{id}/check-in", 303, 403),
        ("post", BOARD + "/{id}/complete", 303, 403),
        ("post", BOARD + "/{id}/fail-documents", 422, 403),
        ("post", BOARD + "/{id}/no-show", 303, 403),
        ("post", BOARD + "/{id}/parties/0/number", 200, 403),
    ],
)
def test_who_may_open_what(desk: Opened, method: str, path: str, registrar: int, administrator: int) -> None:
    [made] = couples(1)
    address = path.format(id=made)
    assert getattr(desk("admin"), method)(address).status_code == administrator
    assert getattr(desk("registrar-1"), method)(address).status_code == registrar


def test_an_administrator_is_offered_no_steps(desk: Opened) -> None:
    [made] = couples(1)
    somebody = desk("admin")
    for page in (somebody.get(BOARD).text, somebody.get(f"{BOARD}/{made}").text):
        assert "/confirm" not in page
        assert "/parties/" not in page


# --- the list of a day ---


def test_the_days_list_is_in_order_and_holds_nobody_who_is_not_coming(desk: Opened) -> None:
    late = make_appointment(make_slot("xincheng", TODAY, time(15, 0)), State.CONFIRMED, serial=1)
    early = make_appointment(make_slot("xincheng", TODAY, time(9, 0)), State.CONFIRMED, serial=2)
    gone = make_appointment(make_slot("xincheng", TODAY, time(11, 0)), State.CANCELLED, serial=3)
    page = desk().get("/console/marriage/day-list").text
    assert page.index(number_of(str(early))) < page.index(number_of(str(late)))
    assert number_of(str(gone)) not in page
    assert "结婚登记预约 2 对" in page


def test_the_days_list_of_a_wrong_day(desk: Opened) -> None:
    assert desk().get("/console/marriage/day-list?day=2027-02-30").status_code == 422
    assert "没有预约" in desk().get(f"/console/marriage/day-list?day={TOMORROW}").text
