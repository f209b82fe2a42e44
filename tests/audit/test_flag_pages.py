"""Conflicts of interest, unusual looks, and whom staff and auditor declare."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.marriage.models import Appointment
from backend.parameters import set_value
from backend.staff.audit import AuditEntry, record, record_look, watch_index
from backend.staff.audit.models import AuditFlag
from backend.staff.audit.parameters import RULES_IN_USE
from backend.staff.audit.rules import Rule, WatchKind
from backend.staff.audit.watch import add_well_known, declare_relative, register_own_number, watched_by
from backend.storage import transaction
from tests.audit.support import (
    AUDITOR,
    BOARD,
    CASE,
    FLAGS,
    RELATIVES,
    Bureau,
    Opened,
    flagged,
    look,
    newest,
    number_of,
    shown_rows,
)
from tests.console.support import (
    HTMX,
    TUESDAY,
    Desk,
    party_name,
    party_number,
)

# --- unusual looks ---


def test_a_relatives_record_opens_after_a_reason(desk: Opened, bureau: Bureau, case: uuid.UUID) -> None:
    declare_relative(bureau.registrar, "某某", party_number(1, 1), "sibling")
    somebody = desk()
    asked = somebody.get(f"{BOARD}/{case}")
    assert "这份记录与您登记的近亲属有关" in asked.text
    assert party_name(1, 0) not in asked.text
    form = dict(re.findall(r'type="hidden" name="(kind|id|next)" value="([^"]*)"', asked.text))
    refused = somebody.post("/console/reasons/relative", {**form, "purpose": "看"})
    assert (refused.status_code, "请写明理由" in refused.text) == (422, True)
    answer = somebody.post("/console/reasons/relative", {**form, "purpose": "同事请假，由我代办"})
    assert answer.headers["Location"] == f"{BOARD}/{case}"
    assert newest("audit.reason_stated").purpose == "同事请假，由我代办"
    assert party_name(1, 0) in somebody.get(f"{BOARD}/{case}").text
    assert flagged() == [Rule.RELATIVE]
    bureau.clock.advance(timedelta(hours=1))
    assert "请先说明理由" in desk().get(f"{BOARD}/{case}").text


@pytest.mark.parametrize("path", ["/confirm", "/parties/0/number", "/refuse"])
def test_no_way_around_the_reason(desk: Opened, bureau: Bureau, case: uuid.UUID, path: str) -> None:
    register_own_number(bureau.registrar, party_number(1, 0))
    somebody = desk()
    assert "这份记录与您本人有关" in somebody.post(f"{BOARD}/{case}{path}").text
    answer = somebody.client.post(f"{BOARD}/{case}{path}", headers=HTMX | {"X-CSRFToken": somebody.token})
    assert answer.headers["HX-Redirect"] == f"{BOARD}/{case}"
    with transaction() as session:
        assert session.get_one(Appointment, case).state.value == "booked"
    with transaction():
        purpose = "窗口只有我一人"
        record("audit.reason_stated", CASE, case, account_id=bureau.registrar, purpose=purpose)
    assert "请先说明理由" not in somebody.post(f"{BOARD}/{case}{path}").text


def test_a_reason_leads_nowhere_else(desk: Opened) -> None:
    form = {"kind": CASE, "id": "x", "next": "https://elsewhere.example/", "purpose": "由我代办"}
    assert desk().post("/console/reasons/staff", form).headers["Location"] == "/console/"


def _without_tokens(page: str) -> str:
    return re.sub(r'(csrf[-_]token"[^>]*(?:content|value)=)"[^"]+"', r"\1", page)


def test_the_looker_is_not_told(desk: Opened, bureau: Bureau, case: uuid.UUID) -> None:
    somebody = desk()
    before = [_without_tokens(somebody.get(path).text) for path in (f"{BOARD}/{case}", "/console/")]
    add_well_known(bureau.auditor, "某演员", party_number(1, 0), "演员")
    after = [_without_tokens(somebody.get(path).text) for path in (f"{BOARD}/{case}", "/console/")]
    assert flagged() == [Rule.WELL_KNOWN]
    assert after == before


def test_a_flag_is_looked_into(auditor: Desk, bureau: Bureau, case: uuid.UUID) -> None:
    add_well_known(bureau.auditor, "某演员", party_number(1, 0), "演员")
    look(bureau, str(case), number_indexes=[watch_index(party_number(1, 0))])
    assert "看了关注名单上的人" in auditor.get("/console/").text  # on the worklist
    page = auditor.get(FLAGS).text
    assert "李芳" in page
    [address] = set(re.findall(rf"{FLAGS}/[0-9a-f-]{{36}}", page))
    assert number_of(case) in auditor.get(address).text
    refused = auditor.post(address, {"outcome": "reminded", "note": ""})
    assert (refused.status_code, "请写明情况" in refused.text) == (422, True)
    assert auditor.post(address, {"outcome": "reminded", "note": "已提醒"}).status_code == 303
    assert "没有要处理的异常查看" in auditor.get(FLAGS).text
    assert "已提醒本人" in auditor.get(f"{FLAGS}?state=").text
    assert "已提醒" in auditor.get(address).text


def test_flags_are_filtered_and_paged(auditor: Desk, bureau: Bureau) -> None:
    set_value(RULES_IN_USE, "", [], TUESDAY, "test")  # only those made here
    with transaction() as session:
        for number in range(35):
            record_look("marriage.appointment_viewed", CASE, [str(uuid.UUID(int=number))], account_id=bureau.registrar)
            entry = session.scalars(sa.select(sa.func.max(AuditEntry.id))).one()
            session.add(
                AuditFlag(
                    entry_id=entry,
                    account_id=bureau.registrar,
                    rule=Rule.COLLEAGUE if number % 5 == 0 else Rule.WELL_KNOWN,
                    key=str(number),
                    at=TUESDAY,
                    state="new",
                )
            )
            session.flush()
    first = auditor.get(FLAGS).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    assert (shown_rows(first), shown_rows(auditor.get(following[1].replace("&amp;", "&")).text)) == (30, 5)
    assert shown_rows(auditor.get(f"{FLAGS}?rule=colleague").text) == 7
    for query in ("state=x", "rule=x", "cursor=x"):
        assert auditor.get(f"{FLAGS}?{query}").status_code == 422


def test_a_flag_that_is_not_there(auditor: Desk) -> None:
    for method in (auditor.get, auditor.post):
        assert method(f"{FLAGS}/{uuid.uuid4()}").status_code == 404


# --- the lists ---


def test_what_staff_declare_is_theirs_alone(desk: Opened, bureau: Bureau) -> None:
    somebody = desk()
    form = {"name": "王小明", "relation": "sibling", "number": party_number(3, 0)}
    assert somebody.post(RELATIVES, form).status_code == 303
    assert somebody.post("/console/account/own-number", {"number": party_number(4, 0)}).status_code == 303
    page = somebody.get(RELATIVES).text
    assert "王小明" in page
    assert "兄弟姐妹" in page
    assert f"尾号 {party_number(4, 0)[-4:]}" in page
    assert party_number(3, 0) not in page
    for other in ("registrar-2", AUDITOR, "admin"):
        assert "王小明" not in desk(other).get(RELATIVES).text
    [relative] = [row for row in watched_by(bureau.registrar) if row.kind is WatchKind.RELATIVE]
    assert desk("registrar-2").post(f"{RELATIVES}/{relative.id}/remove").status_code == 404
    assert somebody.post(f"{RELATIVES}/{relative.id}/remove").status_code == 303
    assert "王小明" not in somebody.get(RELATIVES).text


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        (RELATIVES, {"name": "王小明", "relation": "sibling", "number": "123"}, "证件号码不对"),
        (RELATIVES, {"name": "王小明", "relation": "", "number": party_number(3, 0)}, "请选择与您的关系"),
        ("/console/account/own-number", {"number": "610102"[:4]}, "证件号码不对"),
    ],
)
def test_what_cannot_be_declared_is_told_and_the_rest_is_kept(
    desk: Opened, path: str, form: dict[str, str], told: str
) -> None:
    answer = desk().post(path, form)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert form.get("name", "") in answer.text


def test_the_auditor_keeps_the_list_of_well_known_persons(auditor: Desk) -> None:
    address = "/console/audit/well-known"
    wrong = auditor.post(address, {"name": "", "number": "x", "note": ""})
    assert wrong.status_code == 422
    assert auditor.post(address, {"name": "某演员", "number": party_number(5, 0), "note": "演员"}).status_code == 303
    again = auditor.post(address, {"name": "某演员", "number": party_number(5, 0), "note": "演员"})
    assert (again.status_code, "已经在名单里了" in again.text) == (409, True)
    page = auditor.get(address).text
    assert party_number(5, 0) not in page
    [remove] = re.findall(rf"{address}/[0-9a-f-]{{36}}/remove", page)
    assert auditor.post(remove).status_code == 303
    assert auditor.post(remove).status_code == 404
    assert "某演员" not in auditor.get(address).text
