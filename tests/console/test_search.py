"""The search over all rooms: by number, card, telephone and name; nothing typed is left anywhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import time

import pytest
import sqlalchemy as sa

from backend.kernel.clock import today
from backend.marriage import fill_search
from backend.marriage.fill_search import fill_search_columns
from backend.marriage.models import Appointment, Party
from backend.staff.audit import AuditEntry
from backend.storage import Database, transaction
from tests.console.support import (
    Desk,
    counted_queries,
    make_appointment,
    make_slot,
    party_name,
    party_number,
    party_phone,
)

Opened = Callable[..., Desk]
BOARD = "/console/marriage/appointments"


def couples(count: int, office: str = "xincheng", first: int = 0) -> list[str]:
    slot = make_slot(office, today(), time(10, 0) if first == 0 else time(15, 30), count)
    return [str(make_appointment(slot, serial=first + serial)) for serial in range(count)]


def number_of(appointment_id: str) -> str:
    with transaction() as session:
        return session.scalars(sa.select(Appointment.number).where(Appointment.id == appointment_id)).one() or ""


@pytest.mark.parametrize("form", ["{}", " {} ", "{}\n"])
def test_one_hit_opens_at_once(desk: Opened, form: str) -> None:
    made = couples(3)
    number = number_of(made[1])
    for wanted in (number, number.lower(), number[2:], party_number(1, 0), party_phone(1, 1), party_name(1, 0)):
        answer = desk().post("/console/search", {"q": form.format(wanted)})
        assert answer.headers["Location"] == f"{BOARD}/{made[1]}", wanted


def test_a_name_is_found_however_it_is_spaced(desk: Opened) -> None:
    made = couples(1)
    name = party_name(0, 0)
    answer = desk().post("/console/search", {"q": f"{name[0]} \u3000{name[1:]}"})
    assert answer.headers["Location"] == f"{BOARD}/{made[0]}"


def test_part_of_a_name_finds_nothing(desk: Opened) -> None:
    couples(1)
    assert "没有找到" in desk().post("/console/search", {"q": party_name(0, 0)[:2]}).text


def test_by_the_last_four_of_a_number_or_telephone(desk: Opened) -> None:
    made = couples(3)
    for tail in (party_number(2, 1)[-4:], party_phone(2, 1)[-4:]):
        answer = desk().post("/console/search", {"q": tail})
        assert made[2] in answer.headers.get("Location", answer.text)


def test_a_whole_telephone_is_not_one_that_ends_alike(desk: Opened) -> None:
    couples(1)
    other = "1380000" + party_phone(0, 0)[-4:]
    assert "没有找到" in desk().post("/console/search", {"q": other}).text


def test_several_hits_are_listed_by_matter(desk: Opened) -> None:
    slot = make_slot("xincheng", today(), time(10, 0), 2)
    made = [make_appointment(slot, serial=1), make_appointment(slot, serial=1 + 60)]  # another couple, the same names
    assert party_name(1, 0) == party_name(61, 0)
    page = desk().post("/console/search", {"q": party_name(1, 0)}).text
    assert "结婚登记预约（2）" in page
    assert all(f"{BOARD}/{row}" in page for row in made)
    assert "新城区婚姻登记处" in page


def test_what_one_may_not_see_looks_like_what_is_not_there(desk: Opened) -> None:
    [made] = couples(1, "changle")
    somebody = desk("registrar-1")
    wanted = (number_of(made), party_number(0, 0), party_name(0, 0), party_phone(0, 0), party_number(0, 0)[-4:])
    answers = {
        re.sub(r"(?<=csrf-token\" content=\")[^\"]+|(?<=csrf_token\" value=\")[^\"]+", "", answer.text)
        for answer in (somebody.post("/console/search", {"q": text}) for text in (*wanted, "张不存在"))
    }
    assert len(answers) == 1
    assert "没有找到" in answers.pop()


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_to_look_for_is_told(desk: Opened, text: str) -> None:
    answer = desk().post("/console/search", {"q": text})
    assert answer.status_code == 422
    assert "请输入要找的" in answer.text


def test_a_reload_leads_to_the_form(desk: Opened) -> None:
    page = desk().get("/console/search").text
    assert "可以查：预约号" in page
    assert "没有找到" not in page


def test_nothing_typed_is_left_in_the_trail_or_the_log(desk: Opened, caplog: pytest.LogCaptureFixture) -> None:
    [made] = couples(1)
    caplog.set_level(logging.DEBUG)
    desk().post("/console/search", {"q": party_number(0, 0)})
    with transaction() as session:
        entries = list(session.scalars(sa.select(AuditEntry).where(AuditEntry.action.like("%.searched"))))
    assert {entry.action for entry in entries} >= {"marriage.searched", "console.searched"}
    assert [entry.subject_id for entry in entries if entry.action == "marriage.searched"] == [made]
    told = " ".join(str(entry.detail) for entry in entries) + caplog.text
    assert party_number(0, 0) not in told
    assert party_name(0, 0) not in told


def test_the_number_of_queries_does_not_grow_with_the_hits(desk: Opened, clean_database: Database) -> None:
    somebody = desk()
    slot = make_slot("xincheng", today(), time(10, 0), 40)
    for serial in range(2):
        make_appointment(slot, serial=1 + 60 * serial)
    with counted_queries(clean_database) as few:
        somebody.post("/console/search", {"q": party_name(1, 0)})
    for serial in range(2, 12):
        make_appointment(slot, serial=1 + 60 * serial)
    with counted_queries(clean_database) as many:
        somebody.post("/console/search", {"q": party_name(1, 0)})
    assert len(few) == len(many)


# --- rows from before there was anything to search by ---


def test_older_rows_are_filled_bit_by_bit(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    made = couples(2)
    with transaction() as session:
        session.execute(sa.update(Party).values(name_index=None, phone_last4=None))
    somebody = desk()
    assert "没有找到" in somebody.post("/console/search", {"q": party_name(1, 0)}).text
    assert [fill_search_columns(3), fill_search_columns(3), fill_search_columns(3)] == [3, 1, 0]
    assert fill_search.BATCH > 0
    for wanted in (party_name(1, 0), party_phone(1, 0)):
        assert somebody.post("/console/search", {"q": wanted}).headers["Location"] == f"{BOARD}/{made[1]}"


def test_the_tail_goes_with_the_telephone(desk: Opened) -> None:
    couples(1)
    with pytest.raises(sa.exc.IntegrityError, match="ck_marriage_parties_tail_of_a_phone"), transaction() as session:
        session.execute(sa.update(Party).values(phone_sealed=None))
