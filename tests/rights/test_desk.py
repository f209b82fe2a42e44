"""The officer's pages: requests with their clocks, carrying out and refusing, the counter, times of keeping, holds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.identity import IdType, parse_identity_number
from backend.marriage.rules import State
from backend.people.models import Person, number_index
from backend.people.rights.models import LegalHold, RightsRequest
from backend.people.rights.retention import run_turn
from backend.people.rights.rules import RequestKind, RequestState
from backend.staff import create_account, passwords
from backend.staff.audit import AuditEntry
from backend.staff.demo import DEMONSTRATION_PASSWORD, load_demo
from backend.staff.models import OrganisationNode, Role
from backend.storage import Database, transaction
from tests.console.support import CHEAP_HASHER, Desk, counted_queries
from tests.marriage.support import couple, make_office
from tests.rights.support import (
    Resident,
    appointment_ids,
    book,
    make_person,
    make_resident,
    places_of,
    prove,
    rows,
    set_state,
)

Maker = Callable[..., Resident]

ELDER = couple(3)[0]


@pytest.fixture
def office(app: Flask, clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """The demonstration's district with its officers, and one registry."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    import_year(2026, year_from_library(2026), "chinesecalendar")
    load_demo()
    return make_office("our-registry")


@pytest.fixture
def desk(app: Flask, office: uuid.UUID) -> Desk:
    """The privacy officer of the district."""
    return Desk(app.test_client(), "privacy")


@pytest.fixture
def street_desk(app: Flask, office: uuid.UUID) -> Desk:
    """A privacy officer of one street."""
    create_account("privacy-2", "周晴", DEMONSTRATION_PASSWORD, Role.PRIVACY_OFFICER, "changle")
    return Desk(app.test_client(), "privacy-2")


def settle_in(person_id: uuid.UUID, node_code: str) -> None:
    """Let a person live in a community."""
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == node_code)).one()
        session.get_one(Person, person_id).community_id = node.id


def only_request() -> RightsRequest:
    with transaction() as session:
        return session.scalars(sa.select(RightsRequest)).one()


def actions() -> list[str]:
    """What the audit trail says was done on these pages."""
    with transaction() as session:
        found = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
        return [action for action in found if action.startswith("rights.")]


def form(kind: RequestKind, party=ELDER, **more: str) -> dict[str, str]:
    """The counter's form."""
    return {"kind": kind.value, "id_type": IdType.RESIDENT_IDENTITY_CARD.value, "id_number": party.id_number, **more}


def hold(desk: Desk, reason: str) -> TestResponse:
    """Have the elder's data held."""
    typed = {"id_type": IdType.RESIDENT_IDENTITY_CARD.value, "id_number": ELDER.id_number, "reason": reason}
    return desk.post("/console/rights/holds", typed)


RELATIVE = {
    "applicant_name": "赵建国",
    "applicant_phone": "13900000055",
    "relation": "child",
    "evidence": "户口簿、死亡医学证明",
}


# --- the list ---


def test_open_requests_by_their_due_day_with_words_for_how_pressing_they_are(
    resident: Maker, desk: Desk, clock: MovableClock
):
    first = resident("wang").asks("delete").get_json()
    clock.move_to(datetime(2026, 12, 7, 9, tzinfo=BEIJING))
    second = resident("li").asks("correct", words="名字里有一个字写错了").get_json()
    desk = Desk(desk.client, "privacy")
    page = desk.get("/console/rights/requests").text
    assert page.index(first["number"]) < page.index(second["number"])
    assert "还有5个工作日" in page
    assert "（时间过了七成）" not in page
    for day, words in ((8, "（时间过了七成）"), (11, "（快到期）"), (14, "今天到期（快到期）"), (15, "</svg>已超期")):
        clock.move_to(datetime(2026, 12, day, 9, tzinfo=BEIJING))
        desk = Desk(desk.client, "privacy")
        assert words in desk.get("/console/rights/requests").text, day
    assert "写错了" not in page
    assert actions()[0] == "rights.requests_viewed"


def test_the_worklist_tells_what_is_due_and_names_nobody(app: Flask, resident: Maker, desk: Desk, clock: MovableClock):
    wang = resident()
    prove(wang.id, couple(0)[0])
    made = wang.asks("delete").get_json()
    clock.move_to(datetime(2026, 12, 11, 9, tzinfo=BEIJING))
    desk = Desk(desk.client, "privacy")
    page = desk.get("/console/").text
    assert f"删除信息 {made['number']}，快到期，还有1个工作日" in page
    assert couple(0)[0].name not in page
    registrar = Desk(app.test_client(), "registrar-1")
    assert made["number"] not in registrar.get("/console/").text


def test_filters_and_pages(resident: Maker, desk: Desk):
    for place in range(32):
        who = resident(f"r{place}")
        who.asks("delete")
        who.asks("export")

    def numbers(query: str) -> list[str]:
        return re.findall(r"data-enter>(GX\d{6})</a>", desk.get(f"/console/rights/requests{query}").text)

    assert len(numbers("")) == 30
    following = re.search(r'rel="next" href="([^"]+)"', desk.get("/console/rights/requests").text)
    assert following
    rest = re.findall(r"data-enter>(GX\d{6})</a>", desk.get(following[1].replace("&amp;", "&")).text)
    assert len(set(numbers("")) | set(rest)) == 32
    assert len(numbers("?tab=closed")) == 30
    assert numbers("?tab=closed&kind=delete") == []
    assert desk.get("/console/rights/requests?tab=nonsense").status_code == 422
    assert desk.get("/console/rights/requests?kind=nonsense").status_code == 422
    assert desk.get("/console/rights/requests?cursor=nonsense").status_code == 422


def test_a_longer_list_asks_no_more_of_the_database(resident: Maker, desk: Desk, clean_database: Database):
    resident("one").asks("delete")
    desk.get("/console/rights/requests")
    with counted_queries(clean_database) as few:
        desk.get("/console/rights/requests")
    for place in range(12):
        resident(f"r{place}").asks("delete")
    with counted_queries(clean_database) as many:
        desk.get("/console/rights/requests")
    assert len(many) == len(few)


# --- one request ---


def test_taking_up_and_deleting_with_one_button(resident: Maker, desk: Desk, office: uuid.UUID):
    wang = resident()
    prove(wang.id, couple(0)[0], phone="13900000011")
    set_state(book(office, wang.id, 0, "2026-11-26 10:00").appointment_id, State.CANCELLED)
    set_state(book(office, wang.id, 0, "2026-11-26 10:30").appointment_id, State.SERVED)
    made = wang.asks("delete").get_json()
    page = desk.get(f"/console/rights/requests/{made['id']}").text
    assert "王*明" in page
    assert couple(0)[0].name not in page
    assert "结婚登记预约 2 条" in page
    assert "保存到2028年11月23日" in page
    desk.post(f"/console/rights/requests/{made['id']}/take")
    assert only_request().state is RequestState.IN_WORK
    done = desk.post(f"/console/rights/requests/{made['id']}/complete")
    assert done.status_code == 303
    assert only_request().state is RequestState.DONE
    assert len(appointment_ids()) == 1
    after = desk.get(f"/console/rights/requests/{made['id']}").text
    assert "账号已注销" in after
    assert "留下：结婚登记预约" in after
    assert actions() == [
        "rights.request_viewed",
        "rights.request_taken",
        "rights.request_done",
        "rights.request_viewed",
    ]
    with transaction() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "rights.request_done")).one()
    assert entry.detail["erased"]["marriage_appointments"] == 1
    assert couple(0)[0].id_number not in str(entry.detail)


def test_refusing_needs_a_reason_of_the_list(resident: Maker, desk: Desk):
    made = resident().asks("delete").get_json()
    address = f"/console/rights/requests/{made['id']}/refuse"
    for reason in ("", "because"):
        assert desk.post(address, {"reason": reason}).status_code == 422
    assert only_request().state is RequestState.RECEIVED
    assert desk.post(address, {"reason": "not_proven", "words": "请带身份证来"}).status_code == 303
    page = desk.get(f"/console/rights/requests/{made['id']}").text
    assert "还不能确认身份或亲属关系" in page
    assert "请带身份证来" in page
    assert desk.post(address, {"reason": "not_proven"}).status_code == 409


def test_a_correction_needs_a_word_to_the_person(resident: Maker, desk: Desk):
    made = resident().asks("correct", words="手机号换了，以窗口登记的为准").get_json()
    address = f"/console/rights/requests/{made['id']}/complete"
    assert desk.post(address, {"words": " "}).status_code == 422
    assert desk.post(address, {"words": "改好了"}).status_code == 303


def test_a_held_person_is_not_erased(resident: Maker, desk: Desk, office: uuid.UUID):
    wang = resident()
    prove(wang.id, ELDER)
    made = wang.asks("delete").get_json()
    held = hold(desk, "（2026）陕01行初7号")
    assert held.status_code == 303
    assert "暂缓清除，现在不能删除" in desk.get(f"/console/rights/requests/{made['id']}").text
    assert desk.post(f"/console/rights/requests/{made['id']}/complete").status_code == 409
    assert only_request().state is RequestState.RECEIVED
    with transaction() as session:
        hold_id = session.scalars(sa.select(LegalHold.id)).one()
    desk.post(f"/console/rights/holds/{hold_id}/lift")
    assert desk.post(f"/console/rights/holds/{hold_id}/lift").status_code == 404
    assert desk.post(f"/console/rights/requests/{made['id']}/complete").status_code == 303


def test_lifting_a_hold_erases_what_a_closed_account_left_behind(resident: Maker, desk: Desk):
    wang = resident()
    prove(wang.id, ELDER)
    hold(desk, "审计")
    wang.asks("close_account", confirmed=True)
    assert "persons.id_number_sealed" in places_of(ELDER.id_number)
    with transaction() as session:
        hold_id = session.scalars(sa.select(LegalHold.id)).one()
    desk.post(f"/console/rights/holds/{hold_id}/lift")
    assert places_of(ELDER.id_number) == set()


# --- the counter ---


def test_somebody_without_wechat_asks_for_a_copy_at_the_counter(desk: Desk):
    elder = make_person()
    prove(elder, ELDER)
    assert desk.get("/console/rights/requests/new").status_code == 200
    answer = desk.post("/console/rights/requests/new", form(RequestKind.EXPORT))
    assert answer.status_code == 303
    made = only_request()
    assert (made.person_id, made.kind, made.due_on) == (elder, RequestKind.EXPORT, date(2026, 12, 14))
    assert desk.post(f"/console/rights/requests/{made.id}/file").status_code == 404
    desk.post(f"/console/rights/requests/{made.id}/complete")
    copy = desk.post(f"/console/rights/requests/{made.id}/file")
    assert (copy.status_code, copy.mimetype) == (200, "text/plain")
    assert ELDER.id_number in copy.get_data(as_text=True)
    assert actions()[-1] == "rights.copy_handed_over"


def test_the_copy_of_somebody_with_wechat_is_not_the_officers_to_read(resident: Maker, desk: Desk):
    made = resident().asks("export").get_json()
    assert desk.post(f"/console/rights/requests/{made['id']}/file").status_code == 404


def test_a_close_relative_of_somebody_who_died(desk: Desk, office: uuid.UUID):
    elder = make_person()
    prove(elder, ELDER, phone="13900000011")
    asked = form(RequestKind.TAKE_DOWN, **RELATIVE)
    assert desk.post("/console/rights/requests/new", asked).status_code == 422, "not recorded dead"
    with transaction() as session:
        session.get_one(Person, elder).died_on = date(2026, 11, 20)
    for missing in ("applicant_name", "relation", "evidence"):
        answer = desk.post("/console/rights/requests/new", asked | {missing: ""})
        assert answer.status_code == 422
        assert "户口簿" in answer.text or missing == "evidence", "what was typed is still there"
        assert ELDER.id_number not in answer.text
    assert desk.post("/console/rights/requests/new", asked).status_code == 303
    made = only_request()
    assert (made.applicant_name, made.evidence) == (RELATIVE["applicant_name"], RELATIVE["evidence"])
    page = desk.get(f"/console/rights/requests/{made.id}").text
    assert "赵建国，子女，13900000055" in page
    assert "已去世" in page
    desk.post(f"/console/rights/requests/{made.id}/complete")
    identity = parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, ELDER.id_number, today=date(2026, 11, 23))
    assert places_of(ELDER.id_number, ELDER.name, number_index(identity)) == set()


@pytest.mark.parametrize("number", ["610102", "", couple(7)[0].id_number])
def test_a_number_that_is_none_or_nobodys_is_told_so(desk: Desk, number: str):
    answer = desk.post("/console/rights/requests/new", form(RequestKind.DELETE) | {"id_number": number})
    assert answer.status_code in (404, 422)
    assert rows("rights_requests") == 0


# --- who sees what ---


def test_an_officer_of_a_street_sees_the_persons_of_its_communities(resident: Maker, street_desk: Desk, desk: Desk):
    near, far, nowhere = resident("near"), resident("far"), resident("nowhere")
    settle_in(near.id, "changle-dongxiang")
    settle_in(far.id, "wanghe-qiaotou")
    made = [who.asks("delete").get_json() for who in (near, far, nowhere)]
    page = street_desk.get("/console/rights/requests").text
    assert [one["number"] in page for one in made] == [True, False, False]
    whole = desk.get("/console/rights/requests").text
    assert [one["number"] in whole for one in made] == [True, True, True]
    for one, status in zip(made, (200, 404, 404), strict=True):
        address = f"/console/rights/requests/{one['id']}"
        assert street_desk.get(address).status_code == status
        for step in ("take", "complete", "file"):
            answer = street_desk.post(f"{address}/{step}")
            assert (answer.status_code == 404) is (status == 404 or step == "file")
    assert street_desk.post("/console/rights/requests/new", form(RequestKind.DELETE)).status_code == 404


@pytest.mark.parametrize("username", ["registrar-1", "clerk-1", "admin", "auditor", "supervisor"])
def test_others_have_no_business_here(app: Flask, office: uuid.UUID, username: str):
    other = Desk(app.test_client(), username)
    for path in ("requests", "requests/new", "keeping"):
        assert other.get(f"/console/rights/{path}").status_code == 403
    assert other.post("/console/rights/holds", {}).status_code == 403


# --- times of keeping ---


def test_the_page_of_keeping_tells_what_went(resident: Maker, desk: Desk, office: uuid.UUID, clock: MovableClock):
    set_state(book(office, resident().id, 0, "2026-11-26 10:00").appointment_id, State.CANCELLED)
    page = desk.get("/console/rights/keeping").text
    assert "取消的结婚登记预约" in page
    assert "还没有看过" in page
    assert "不由程序清除" in page
    clock.advance(timedelta(days=181))
    for _ in range(60):
        run_turn()
    desk = Desk(desk.client, "privacy")
    page = desk.get("/console/rights/keeping").text
    assert re.search(r"取消的结婚登记预约</td>\s*<td>取消后180天</td>.*?清除 1 条，一共 1 条", page, re.S)


def test_what_is_kept_of_a_closed_account_is_hidden_from_the_registry(
    app: Flask, office: uuid.UUID, clock: MovableClock
):
    """PIPL 47: stored, and nothing else. What is still ahead the registrar must see."""
    wang = make_resident(app, "wang")
    served = book(office, wang.id, 0, "2026-11-26 10:00")
    ahead = book(office, wang.id, 1, "2026-12-03 10:00")
    clock.move_to(datetime(2026, 11, 26, 11, tzinfo=BEIJING))
    set_state(served.appointment_id, State.SERVED)
    create_account("registrar-9", "韩梅", DEMONSTRATION_PASSWORD, Role.REGISTRAR, "our-registry")
    make_resident(app, "wang").asks("close_account", confirmed=True)
    clock.move_to(datetime(2026, 11, 27, 9, tzinfo=BEIJING))
    registrar = Desk(app.test_client(), "registrar-9")
    assert registrar.get(f"/console/marriage/appointments/{served.appointment_id}").status_code == 404
    assert registrar.get(f"/console/marriage/appointments/{ahead.appointment_id}").status_code == 200
    board = registrar.get("/console/marriage/appointments?tab=all").text
    assert (served.number in board, ahead.number in board) == (False, True)
