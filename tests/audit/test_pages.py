"""The auditor's pages: searching, one record's history, charts, the chain, taking it away."""

from __future__ import annotations

import re
import uuid
from datetime import date, time, timedelta

import pytest
from flask import Flask

from backend.console.exports.build import build_next
from backend.staff.audit import record, record_look
from backend.staff.audit.bookmark import verify_more
from backend.staff.audit.load import looks_by_account, looks_by_day
from backend.storage import Database, transaction
from tests.audit.support import (
    AUDITOR,
    BOARD,
    CASE,
    FLAGS,
    TRAIL,
    Bureau,
    Opened,
    add_entries,
    every_node,
    last_entry,
    look,
    newest,
    number_of,
    shown_rows,
    tamper,
)
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

# --- who may ---


PAGES = (TRAIL, FLAGS, "/console/audit/load", "/console/audit/chain", "/console/audit/well-known")


@pytest.mark.parametrize("path", PAGES)
def test_only_the_auditor_opens_them(desk: Opened, auditor: Desk, path: str) -> None:
    assert auditor.get(path).status_code == 200
    for username in ("registrar-1", "head-1", "admin", "privacy", "supervisor"):
        assert desk(username).get(path).status_code == 403


def test_the_auditor_sees_numbers_of_cases_and_no_residents(desk: Opened, auditor: Desk, case: uuid.UUID) -> None:
    desk().get(f"{BOARD}/{case}")
    desk().post(f"{BOARD}/{case}/parties/0/number")
    pages = [auditor.get(path).text for path in (*PAGES, f"{TRAIL}/subjects/{CASE}/{case}")]
    assert number_of(case) in pages[0]
    for position in (0, 1):
        for secret in (party_name(1, position), party_number(1, position), party_phone(1, position)):
            assert not any(secret in page for page in pages)
    assert auditor.get(f"{BOARD}/{case}").status_code == 403


def test_reading_the_trail_leaves_a_trail(auditor: Desk) -> None:
    auditor.get(f"{TRAIL}?username=registrar-1")
    entry = newest("audit.trail_viewed")
    assert entry.detail == {"filter": {"username": "registrar-1"}}
    assert (entry.role, entry.address) == ("auditor", "127.0.0.0/24")


# --- the desk's looks ---


def test_a_look_says_who_what_for_what_and_from_where(desk: Opened, bureau: Bureau, case: uuid.UUID) -> None:
    somebody = desk()
    somebody.get(f"{BOARD}/{case}")
    seen = newest("marriage.appointment_viewed")
    assert (seen.account_id, seen.role, seen.look) == (bureau.registrar, "registrar", True)
    assert (seen.subject_id, seen.task, seen.address) == (str(case), f"{CASE}:{case}", "127.0.0.0/24")
    assert {"name", "masked_number", "phone"} <= set(seen.fields)
    assert "id_number" not in seen.fields
    assert re.fullmatch(r"[0-9a-f]{16}", seen.request_id or "")
    somebody.post(f"{BOARD}/{case}/parties/0/number")
    assert newest("marriage.number_revealed").fields == ["id_number"]
    assert newest("marriage.number_revealed").request_id != seen.request_id


def test_a_stand_ins_look_names_the_absent_colleague(desk: Opened, bureau: Bureau) -> None:
    there = make_appointment(make_slot("changle", TUESDAY.date(), time(11, 0)), serial=2)
    desk("registrar-3").get(f"{BOARD}/{there}")
    seen = newest("marriage.appointment_viewed")
    assert seen.account_id == bureau.accounts["registrar-3"]


def test_a_sign_in_notes_from_where(desk: Opened) -> None:
    desk()
    entry = newest("staff.signed_in")
    assert (entry.address, entry.role) == ("127.0.0.0/24", None)


def test_the_actor_of_one_request_is_not_that_of_the_next(desk: Opened, bureau: Bureau, case: uuid.UUID) -> None:
    desk().get(f"{BOARD}/{case}")
    with transaction():
        record("staff.locked", "staff_account", "later")
    assert (last_entry().account_id, last_entry().address) == (None, None)


# --- searching ---


def test_filters_narrow_the_trail(desk: Opened, bureau: Bureau) -> None:
    look(bureau, str(uuid.uuid4()))
    bureau.clock.advance(timedelta(days=1))
    with transaction():
        record("marriage.desk.confirm", CASE, str(uuid.uuid4()), account_id=bureau.accounts["registrar-2"])
    auditor = desk(AUDITOR)
    found = {
        "username=registrar-1&action=marriage.appointment_viewed": 1,
        "username=REGISTRAR-2&action=marriage.desk.confirm": 1,
        "username=registrar-1&action=marriage.desk.confirm": 0,
        "username=nobody": 0,
        "action=marriage.desk.confirm": 1,
        f"action=marriage.desk.confirm&last={TUESDAY.date()}": 0,
        f"action=marriage.appointment_viewed&first={TUESDAY.date()}&last={TUESDAY.date()}": 1,
        f"action=marriage.appointment_viewed&first={TUESDAY.date() + timedelta(days=1)}": 0,
    }
    for query, rows in found.items():
        assert shown_rows(auditor.get(f"{TRAIL}?{query}").text) == rows, query


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("action=nothing.known", "没有这种操作"),
        ("first=yesterday", "日期应写成"),
        ("first=2027-05-02&last=2027-05-01", "结束日期不能早于开始日期"),
        ("cursor=%00", "从第一页看起"),
        ("cursor=MjAyNyAx", "从第一页看起"),
        ("number=MZ99999999", "没有找到编号为 MZ99999999 的事项"),
    ],
)
def test_bad_input_gets_a_clear_answer(auditor: Desk, query: str, told: str) -> None:
    for htmx in (False, True):
        answer = auditor.get(f"{TRAIL}?{query}", htmx=htmx)
        assert (answer.status_code, told in answer.text) == (422, True)


def test_pages_follow_one_another_without_gap_or_repeat(auditor: Desk, bureau: Bureau) -> None:
    with transaction():  # all at one moment, so that the id decides
        for number in range(120):
            record("marriage.desk.confirm", CASE, str(uuid.UUID(int=number)), account_id=bureau.registrar)
    seen, address = [], f"{TRAIL}?action=marriage.desk.confirm"
    while address:
        page = auditor.get(address).text
        seen += re.findall(rf"audit/subjects/{CASE}/([0-9a-f-]{{36}})", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [str(uuid.UUID(int=number)) for number in reversed(range(120))]


def test_queries_do_not_grow_with_the_rows(auditor: Desk, bureau: Bureau, clean_database: Database) -> None:
    counts = []
    look(bureau, str(uuid.UUID(int=99)))
    for _ in range(2):
        with counted_queries(clean_database) as statements:
            auditor.get(TRAIL)
        counts.append(len(statements))
        for number in range(45):
            look(bureau, str(uuid.UUID(int=number)))
    assert counts[0] == counts[1]


def test_the_part_for_htmx_is_the_list_alone(auditor: Desk) -> None:
    part = auditor.get(TRAIL, htmx=True).text
    assert part.strip().startswith('<section id="trail"')
    assert "<html" not in part


# --- one record ---


def test_who_has_seen_a_record(desk: Opened, auditor: Desk, case: uuid.UUID) -> None:
    desk("registrar-1").get(BOARD)
    desk("head-1").get(f"{BOARD}/{case}")
    desk("registrar-2").get(BOARD)  # another registry's board shows it to nobody
    page = auditor.get(f"{TRAIL}/subjects/{CASE}/{case}").text
    assert number_of(case) in page
    assert [name for name in ("李芳", "陈静", "周敏") if name in page] == ["李芳", "陈静"]
    by_number = auditor.get(f"{TRAIL}?number={number_of(case).lower()}").text
    assert [name for name in ("李芳", "陈静") if name in by_number] == ["李芳", "陈静"]


@pytest.mark.parametrize("path", [f"{CASE}/{uuid.UUID(int=1)}", "nothing/x", f"{'k' * 60}/{'s' * 80}"])
def test_a_record_that_is_not_there(auditor: Desk, path: str) -> None:
    assert auditor.get(f"{TRAIL}/subjects/{path}").status_code == 404


# --- charts and chain ---


def test_the_charts_count_looks_by_day_and_account(desk: Opened, bureau: Bureau) -> None:
    bureau.clock.move_to(TUESDAY.replace(hour=0, minute=30))  # 北京时间's day, not Greenwich's
    look(bureau, "a")
    bureau.clock.move_to(TUESDAY.replace(hour=23, minute=30))
    look(bureau, "b")
    bureau.clock.move_to(TUESDAY + timedelta(days=1))
    look(bureau, "c")
    with transaction():
        record_look("marriage.board_viewed", CASE, ["d"], account_id=bureau.accounts["registrar-2"])
    days = looks_by_day(every_node(), date(2027, 5, 19), 3)
    assert [(day.day.day, day.looks, day.unusual) for day in days] == [(17, 0, 0), (18, 2, 2), (19, 2, 0)]
    found = looks_by_account(every_node(), date(2027, 5, 19), 3, 5)
    told = [(each.username, each.looks, each.unusual) for each in found]
    assert told == [("registrar-1", 3, 2), ("registrar-2", 1, 0)]
    assert looks_by_day(frozenset(), date(2027, 5, 19), 1)[0].looks == 0
    page = desk(AUDITOR).get("/console/audit/load").text
    assert "5月18日 周二，2 次，异常 2 次" in page
    assert "李芳（registrar-1），3 次，异常 2 次" in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=", page)


def test_the_state_of_the_chain(auditor: Desk, bureau: Bureau) -> None:
    assert "还没有核对过" in auditor.get("/console/audit/chain").text
    added = add_entries(3)
    verify_more()
    page = auditor.get("/console/audit/chain").text
    assert "都对得上" in page
    assert re.search(r"\d+:[0-9a-f]{64}", page)
    tamper("UPDATE audit_entries SET action = 'x' WHERE id = :id", id=added[1])
    for _ in range(3):
        verify_more()
    page = auditor.get("/console/audit/chain").text
    assert "内容被改过" in page
    assert f"记录编号 {added[1]}" in page
    assert "审计链核对不上：内容被改过" in auditor.get("/console/").text


# --- taking it away ---


def test_the_filtered_trail_is_exported(app: Flask, auditor: Desk, desk: Opened, bureau: Bureau) -> None:
    look(bureau, str(uuid.UUID(int=7)), fields=("name", "phone"))
    look(bureau, str(uuid.UUID(int=8)))
    query = "?username=registrar-1&action=marriage.appointment_viewed"
    address = f"/console/exports/new/audit.trail{query}"
    assert "账号 registrar-1，操作 查看预约" in auditor.get(address).text
    assert desk("head-1").get(address).status_code == 403
    columns = ["at", "username", "action", "subjects", "fields", "hash"]
    form = {"columns": columns, "format": "csv", "reason_kind": "inspection", "reason": "季度审计抽查"}
    token = {"csrf_token": auditor.token}
    asked = auditor.client.post(address, data=form | token | _place(auditor, address))
    assert asked.status_code == 303, asked.text
    assert build_next()
    file = auditor.post(asked.headers["Location"] + "/file")
    text = file.get_data().decode("utf-8-sig")
    rows = [line for line in text.splitlines() if "registrar-1,查看预约" in line]
    assert len(rows) == 2
    assert "姓名、手机号" in rows[0]
    assert str(uuid.UUID(int=7)) in rows[0]
    assert re.search(r"[0-9a-f]{64}$", rows[1])
    assert newest("exports.downloaded").account_id == bureau.auditor


def _place(somebody: Desk, address: str) -> dict[str, str]:
    """The place to choose, where the form offers several."""
    found = re.search(r'<option value="([0-9a-f-]{36})">新城区民政局', somebody.get(address).text)
    return {"place": found[1]} if found else {}
