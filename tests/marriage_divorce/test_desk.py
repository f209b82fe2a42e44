"""The pages: list, case, forms, confirmation, care; who may see what, and what the trail says."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.ids import new_id
from backend.marriage.divorce.demo import load_demo
from backend.marriage.divorce.follow import move_by_time
from backend.marriage.divorce.models import DivorceCare, DivorceCase, DivorceParty
from backend.marriage.divorce.rules import CaseState
from backend.marriage.models import Office
from backend.marriage.offers import forget_offices
from backend.staff import passwords
from backend.staff.audit import AuditEntry
from backend.staff.demo import DEMONSTRATION_PASSWORD, XINCHENG_REGISTRY
from backend.staff.demo import load_demo as load_staff
from backend.staff.models import OrganisationNode
from backend.storage import Database, transaction
from tests.console.support import CHEAP_HASHER
from tests.marriage.support import number
from tests.marriage_divorce.support import parties, row

TUESDAY = datetime(2026, 10, 20, 10, 30, tzinfo=BEIJING)
FORM = {"id_type_0": "resident_identity_card", "id_type_1": "resident_identity_card"}


@pytest.fixture(autouse=True)
def desk(clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration's registry with an application in each state."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    clock.move_to(TUESDAY)
    import_year(2026, year_from_library(2026), "chinesecalendar")
    load_staff()
    _office()
    load_demo()
    move_by_time()


def _office() -> uuid.UUID:
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == XINCHENG_REGISTRY)).one()
        office = Office(
            id=new_id(),
            code=XINCHENG_REGISTRY,
            node_id=node.id,
            name="新城区婚姻登记处",
            address="长乐中路28号",
            phone="029-00000101",
            position=0,
        )
        session.add(office)
        forget_offices()
        return office.id


def sign_in(client: FlaskClient, username: str) -> FlaskClient:
    page = client.get("/console/sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token
    form = {"username": username, "password": DEMONSTRATION_PASSWORD, "csrf_token": token[1]}
    assert client.post("/console/sign-in", data=form).status_code in (302, 303)
    return client


def post(client: FlaskClient, address: str, form: dict[str, str] | None = None) -> int:
    page = client.get("/console/").get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    return client.post(address, data={**(form or {}), "csrf_token": token[1]}).status_code


def case_in(state: CaseState) -> uuid.UUID:
    with transaction() as session:
        query = sa.select(DivorceCase.id).where(DivorceCase.state == state).order_by(DivorceCase.win_last)
        return session.scalars(query.limit(1)).one()


def address_of(state: CaseState, rest: str = "") -> str:
    return f"/console/marriage/divorces/{case_in(state)}{rest}"


def actions() -> list[str]:
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_demonstration_has_every_state() -> None:
    with transaction() as session:
        states = set(session.scalars(sa.select(DivorceCase.state)))
    assert states == set(CaseState) - {CaseState.ENDED}


@pytest.mark.parametrize("tab", ["closing", "window", "cooling", "ended", "all"])
def test_the_list_shows_its_section(client: FlaskClient, tab: str) -> None:
    sign_in(client, "registrar-1")
    page = client.get(f"/console/marriage/divorces?tab={tab}")
    assert page.status_code == 200
    shown = page.get_data(as_text=True)
    assert shown.count("<tr data-row>") == {"closing": 2, "window": 3, "cooling": 3, "ended": 3, "all": 9}[tab]
    assert actions()[-1] == "divorce.list_viewed"


def test_what_closes_waits_until_somebody_has_called(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    assert "还没约领证，请打电话" in client.get("/console/").get_data(as_text=True)
    with transaction() as session:
        windows = session.scalars(sa.select(DivorceCase.id).where(DivorceCase.state == CaseState.WINDOW)).all()
    for found in windows:
        address = f"/console/marriage/divorces/{found}/calls"
        assert post(client, address, {"position": "0", "outcome": "reached"}) == 303
    assert post(client, address, {"position": "0", "outcome": "chatted"}) == 422
    assert "还没约领证，请打电话" not in client.get("/console/").get_data(as_text=True)


@pytest.mark.parametrize("state", [state for state in CaseState if state is not CaseState.ENDED])
def test_a_case_in_each_state(client: FlaskClient, state: CaseState) -> None:
    sign_in(client, "registrar-1")
    page = client.get(address_of(state))
    assert page.status_code == 200
    shown = page.get_data(as_text=True)
    assert "<script>" not in shown
    assert "style=" not in shown
    assert "以回执单及登记处告知为准" in shown
    for party in parties(case_in(state)):
        assert str(party.name) in shown
        assert str(party.id_number) not in shown
    assert ("/withdraw" in shown) is (state in (CaseState.ACCEPTED, CaseState.COOLING))
    assert ('/issue"' in shown) is (state is CaseState.WINDOW)
    assert ("/confirmation" in shown) is (state is CaseState.WITHDRAWN)


def test_withdrawing_and_its_paper(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    found = case_in(CaseState.COOLING)
    address = f"/console/marriage/divorces/{found}"
    assert client.get(f"{address}/withdraw").status_code == 200
    assert client.get(f"{address}/confirmation").status_code == 404
    assert post(client, f"{address}/withdraw", {"position": "0"}) == 422
    assert post(client, f"{address}/withdraw", {"position": "0", "card_seen": "on", "receipt_seen": "on"}) == 303
    paper = client.get(f"{address}/confirmation").get_data(as_text=True)
    husband, wife = parties(found)
    assert str(husband.name) in paper
    assert str(wife.name) in paper
    assert "第一千零七十七条" in paper
    assert {"divorce.withdrawn", "divorce.confirmation_printed"} <= set(actions())


def test_issuing(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    found = case_in(CaseState.WINDOW)
    assert client.get(f"/console/marriage/divorces/{found}/issue").status_code == 200
    assert post(client, f"/console/marriage/divorces/{found}/issue", {"both_present": "on"}) == 422
    both = {"both_present": "on", "both_willing": "on"}
    assert post(client, f"/console/marriage/divorces/{found}/issue", both) == 303
    assert row(found).state is CaseState.ISSUED


def test_putting_days_right(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    found = case_in(CaseState.COOLING)
    address = f"/console/marriage/divorces/{found}/correct"
    assert client.get(address).status_code == 200
    assert post(client, address, {"d0": "x", "reason": "写错了"}) == 422
    assert post(client, address, {"d0": row(found).d0.isoformat(), "reason": "核对过登记系统"}) == 303
    assert row(found).fixed


def test_receiving_somebody_who_walked_in(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    assert client.get("/console/marriage/divorces/new").status_code == 200
    with transaction() as session:
        office = session.scalars(sa.select(DivorceCase.office_id)).first()
    born = TUESDAY.date().replace(year=1988)
    form = FORM | {
        "office": str(office),
        "receipt_number": "2026-0999",
        "name_0": "王小明",
        "id_number_0": number(born, 1),
        "name_1": "李小红",
        "id_number_1": number(born, 2),
        "care_1": "on",
    }
    assert post(client, "/console/marriage/divorces/new", form | {"id_number_1": "12"}) == 422
    assert post(client, "/console/marriage/divorces/new", form) == 303
    assert actions().count("divorce.accepted") == 1


def test_a_risk_puts_safety_first(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    address = address_of(CaseState.COOLING)
    assert "12338" not in client.get(address).get_data(as_text=True)
    assert post(client, f"{address}/risk", {"position": "1", "at_risk": "yes"}) == 303
    shown = client.get(address).get_data(as_text=True)
    assert shown.index("人身安全保护令") < shown.index("divorce-clock")
    assert "110" in shown


@pytest.mark.parametrize("username", ["clerk-1", "auditor", "admin", "social-1", "privacy"])
def test_others_do_not_see_applications(client: FlaskClient, username: str) -> None:
    sign_in(client, username)
    assert client.get("/console/marriage/divorces").status_code == 403
    assert client.get(address_of(CaseState.WINDOW)).status_code == 403


def test_another_registry_finds_nothing(client: FlaskClient) -> None:
    sign_in(client, "registrar-2")
    assert client.get(address_of(CaseState.WINDOW)).status_code == 404
    assert post(client, address_of(CaseState.COOLING, "/withdraw"), {"position": "0"}) == 404
    assert "<tr data-row>" not in client.get("/console/marriage/divorces?tab=all").get_data(as_text=True)


def test_the_supervisor_looks_and_does_nothing(client: FlaskClient) -> None:
    sign_in(client, "supervisor-2")
    assert client.get(address_of(CaseState.WINDOW)).status_code == 200
    assert post(client, address_of(CaseState.WINDOW, "/issue"), {}) == 403


def test_search_finds_by_number_receipt_card_and_name(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    found = case_in(CaseState.WINDOW)
    husband = parties(found)[0]
    for text in (row(found).number, row(found).receipt_number, husband.id_number, husband.last4, husband.name):
        page = client.get("/console/").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token
        answer = client.post("/console/search", data={"q": text, "csrf_token": token[1]}, follow_redirects=True)
        assert row(found).number in answer.get_data(as_text=True), text


# --- care ---


def test_the_social_worker_sees_whom_they_call_and_nobody_else(client: FlaskClient) -> None:
    sign_in(client, "social-1")
    with transaction() as session:
        cares = {care.worker_id is None: care for care in session.scalars(sa.select(DivorceCare))}
        taken, free = cares[False], cares[True]
    listed = client.get("/console/marriage/care").get_data(as_text=True)
    assert "<tr data-row>" in listed
    page = client.get(f"/console/marriage/care/{taken.id}").get_data(as_text=True)
    assert "主要担心孩子由谁带" in page
    with transaction() as session:
        case_id = session.get_one(DivorceCare, taken.id).party_id
    own = next(party for party in _all_parties() if party.id == case_id)
    others = [party for party in _all_parties() if party.case_id == own.case_id and party.id != own.id]
    assert str(own.name) in page
    assert all(str(other.name) not in page for other in others)
    assert post(client, f"/console/marriage/care/{free.id}/take") == 303
    assert post(client, f"/console/marriage/care/{free.id}/risk", {"at_risk": "yes"}) == 303
    shown = client.get(f"/console/marriage/care/{free.id}").get_data(as_text=True)
    assert "先说安全" in shown
    assert post(client, f"/console/marriage/care/{free.id}/end") == 303
    assert "本人不要了" in client.get(f"/console/marriage/care/{free.id}").get_data(as_text=True)


def _all_parties() -> list[DivorceParty]:
    with transaction() as session:
        return list(session.scalars(sa.select(DivorceParty)))


def test_a_colleagues_care_is_not_there(client: FlaskClient) -> None:
    with transaction() as session:
        taken = session.scalars(sa.select(DivorceCare.id).where(DivorceCare.worker_id.is_not(None))).one()
    sign_in(client, "social-2")
    assert client.get(f"/console/marriage/care/{taken}").status_code == 404
    assert post(client, f"/console/marriage/care/{taken}/end") == 404


def test_the_supervisor_reads_notes_and_counts_and_leaves_a_trace(client: FlaskClient) -> None:
    with transaction() as session:
        taken = session.scalars(sa.select(DivorceCare.id).where(DivorceCare.worker_id.is_not(None))).one()
    sign_in(client, "supervisor-2")
    figures = client.get("/console/marriage/care/figures").get_data(as_text=True)
    assert "正在联系" in figures
    assert "主要担心" in client.get(f"/console/marriage/care/{taken}/supervised").get_data(as_text=True)
    assert actions()[-1] == "divorce.care_notes_read"
    assert post(client, f"/console/marriage/care/{taken}/release") == 303


def test_a_registrar_reads_no_notes(client: FlaskClient) -> None:
    sign_in(client, "registrar-1")
    assert client.get("/console/marriage/care").status_code == 403
    assert client.get("/console/marriage/care/figures").status_code == 403
