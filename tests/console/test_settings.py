"""What administrators keep: parameters with their history and the second person, templates of notices, registries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock, now, today
from backend.marriage.models import Office
from backend.marriage.offers import offices
from backend.marriage.parameters import LATE_GRACE_MINUTES
from backend.parameters import value_at
from backend.staff.audit import AuditEntry
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY
from backend.staff.entry.parameters import SESSION_IDLE_MINUTES
from backend.staff.models import Approval, ApprovalState, OrganisationNode
from backend.storage import transaction
from messages import Channel, template_for
from tests.console.support import Desk

GRACE = "/console/settings/marriage.late_grace_minutes"
IDLE = "/console/settings/staff.session_idle_minutes"


@pytest.fixture
def admin(app: Flask, clock: MovableClock) -> Desk:
    """The administrator's browser."""
    return Desk(app.test_client(), "admin")


def form(value: str, **more: str) -> dict[str, str]:
    """What the form of a parameter sends."""
    return {"place": "", "value": value, "first": "", "reason": "门口修路"} | more


def audited(action: str) -> list[AuditEntry]:
    """The entries of an action."""
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


def test_the_list_shows_values_limits_and_what_is_to_come(admin: Desk):
    page = admin.get("/console/settings").text
    assert "过号多久还能签到" in page
    assert "0 到 120 之间的整数" in page
    tomorrow = (today() + timedelta(days=1)).isoformat()
    admin.post(GRACE, form("30", first=tomorrow))
    assert "起要改" in admin.get("/console/settings").text


def test_a_change_is_checked_first_and_then_holds_with_who_and_why(admin: Desk):
    checked = admin.post(GRACE + "/check", form("25"))
    assert checked.status_code == 200
    assert "15 分钟" in checked.text
    assert "25 分钟" in checked.text
    assert value_at(LATE_GRACE_MINUTES, "", now()) == 15
    assert admin.post(GRACE, form("25")).status_code == 303
    assert value_at(LATE_GRACE_MINUTES, "", now()) == 25
    [entry] = audited("settings.changed")
    assert (entry.purpose, entry.detail["before"], entry.detail["after"]) == ("门口修路", 15, 25)
    page = admin.get(GRACE).text
    assert "王主任" in page


def test_a_place_has_a_value_of_its_own_and_a_coming_one_can_be_withdrawn(admin: Desk, clock: MovableClock):
    first = (today() + timedelta(days=3)).isoformat()
    admin.post(GRACE, form("40", place=CHANGLE_REGISTRY, first=first))
    assert value_at(LATE_GRACE_MINUTES, CHANGLE_REGISTRY, now() + timedelta(days=4)) == 40
    assert value_at(LATE_GRACE_MINUTES, XINCHENG_REGISTRY, now() + timedelta(days=4)) == 15
    address = re.search(r'action="([^"]+/withdraw)"', admin.get(GRACE).text)
    assert address is not None
    assert admin.post(address[1]).status_code == 303
    assert value_at(LATE_GRACE_MINUTES, CHANGLE_REGISTRY, now() + timedelta(days=4)) == 15


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (form("300"), "0 到 120 之间的整数"),
        (form("a"), "0 到 120 之间的整数"),
        (form("15"), "和原来的一样"),
        (form("20", reason=" "), "请写一句为什么改"),
        (form("20", place="nowhere"), "请从列表里选一个地方"),
        (form("20", first="2020-01-01"), "已经过去了"),
        (form("20", first="2099-01-01"), "最远设到一年以后"),
    ],
)
def test_what_cannot_be_set_is_said_at_its_field(sent: dict[str, str], told: str, admin: Desk):
    for address in (GRACE + "/check", GRACE):
        answer = admin.post(address, sent)
        assert answer.status_code == 422
        assert told in answer.text
    assert value_at(LATE_GRACE_MINUTES, "", now()) == 15


def test_what_watches_people_or_guards_accounts_needs_two(app: Flask, admin: Desk):
    admin.post(IDLE, form("30"))
    assert value_at(SESSION_IDLE_MINUTES, "", now()) == 60
    supervisor = Desk(app.test_client(), "supervisor")
    assert "多久不动就退出" in supervisor.get("/console/staff/approvals").text
    with transaction() as session:
        asked = session.scalars(sa.select(Approval).where(Approval.kind == "settings.parameter")).one()
    assert admin.post(f"/console/staff/approvals/{asked.id}/approve").status_code == 303
    assert value_at(SESSION_IDLE_MINUTES, "", now()) == 60, "nobody agrees to what they asked for"
    supervisor.post(f"/console/staff/approvals/{asked.id}/approve")
    assert value_at(SESSION_IDLE_MINUTES, "", now()) == 30
    with transaction() as session:
        assert session.get_one(Approval, asked.id).state is ApprovalState.APPROVED


@pytest.mark.parametrize("username", ["registrar-1", "head-1", "clerk-1", "privacy", "auditor", "supervisor"])
def test_only_administrators_set(username: str, app: Flask, clock: MovableClock):
    desk = Desk(app.test_client(), username)
    for address in ("/console/settings", GRACE, "/console/settings/templates", "/console/marriage/offices"):
        assert desk.get(address).status_code == 403, address
    assert desk.post(GRACE, form("30")).status_code == 403


def test_a_notice_gets_its_template_and_loses_it(app: Flask, admin: Desk):
    app_id = app.extensions["settings"].account.app_id
    address = "/console/settings/templates/account/template/marriage.booked"
    assert "没有对上" in admin.get("/console/settings/templates").text
    sent = {"template_id": "TPL_1", "field_matter": "thing1", "field_time": "time2"}
    assert admin.post(address, sent).status_code == 303
    entered = template_for(app_id, Channel.TEMPLATE, "marriage.booked")
    assert entered is not None
    assert entered.fields == {"thing1": "matter", "time2": "time"}
    assert "TPL_1" in admin.get(address).text
    assert admin.post(address + "/clear").status_code == 303
    assert template_for(app_id, Channel.TEMPLATE, "marriage.booked") is None


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"template_id": "TPL 1", "field_matter": "thing1"}, "模板编号"),
        ({"template_id": "TPL_1"}, "至少对上一个字段"),
        ({"template_id": "TPL_1", "field_matter": "thing"}, "不是微信模板的字段"),
        ({"template_id": "TPL_1", "field_time": "phrase1"}, "放不下"),
        ({"template_id": "TPL_1", "field_matter": "thing1", "field_place": "thing1"}, "对了两次"),
        ({"template_id": "TPL_1", "field_matter": "thing1", "link": "/x/{name}"}, "只能用"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(sent: dict[str, str], told: str, admin: Desk):
    answer = admin.post("/console/settings/templates/account/template/marriage.booked", sent)
    assert answer.status_code == 422
    assert told in answer.text


def test_what_residents_read_of_a_registry_changes_at_once(admin: Desk):
    with transaction() as session:
        office = session.scalars(sa.select(Office).order_by(Office.position)).first()
        assert office is not None
    facts = {"name": office.name, "address": "新址 1 号", "phone": "029-12345678", "position": "0"}
    address = f"/console/marriage/offices/{office.id}"
    assert admin.post(address, facts | {"phone": "无"}).status_code == 422
    assert admin.post(address, facts).status_code == 303
    assert next(place.address for place in offices()) == "新址 1 号"
    [entry] = audited("marriage.office_changed")
    assert entry.fields == ["address", "phone"]
    assert admin.post(address, facts).status_code == 303
    assert len(audited("marriage.office_changed")) == 1


def test_a_registry_of_the_tree_is_shown_to_residents(admin: Desk):
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == CHANGLE_REGISTRY)).one()
        session.execute(sa.delete(Office).where(Office.node_id == node.id))
    facts = {"name": "新登记处", "address": "路 2 号", "phone": "029-87654321", "position": "1"}
    assert admin.post("/console/marriage/offices/new", facts | {"node": "x"}).status_code == 422
    assert admin.post("/console/marriage/offices/new", facts | {"node": str(node.id)}).status_code == 303
    assert "新登记处" in {place.name for place in offices()}
    assert admin.post("/console/marriage/offices/new", facts | {"node": str(node.id)}).status_code == 422
