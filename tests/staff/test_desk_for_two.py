"""Leave and requests for a second person's yes through the console."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from backend.kernel.clock import today
from backend.staff import Permission
from backend.staff.approvals import ApprovalKind, ask, register_approval_kind
from backend.staff.demo import XINCHENG_REGISTRY
from backend.staff.models import Approval, ApprovalState
from backend.storage import transaction
from tests.console.support import Desk
from tests.staff.support import account, node

OpenDesk = Callable[..., Desk]


@pytest.fixture
def desk(app: Flask) -> OpenDesk:
    """Signs somebody in with a browser of their own."""
    return lambda username="admin": Desk(app.test_client(), username)


@pytest.fixture(autouse=True)
def kind() -> Iterator[list[uuid.UUID]]:
    """A kind of request that notes what was done."""
    done: list[uuid.UUID] = []
    KINDS["run"] = lambda approval: done.append(approval.id)
    register_approval_kind(KIND)
    yield done
    KINDS.clear()


KINDS: dict[str, Callable[[Approval], None]] = {}
KIND = ApprovalKind(
    "test.pages", Permission.APPROVE_EXPORT, lambda approval: KINDS["run"](approval), lambda _approval: "导出预约名单"
)


# --- leave ---


def test_ones_own_leave(desk: OpenDesk) -> None:
    browser, day = desk("registrar-1"), today()
    choice = browser.get("/console/staff/my-leave").text
    assert "郑婷" in choice
    assert "周敏" not in choice  # of the other registry
    form = {"first": day.isoformat(), "last": day.isoformat(), "stand_in": str(account("head-1").id)}
    browser.post("/console/staff/my-leave", form)
    assert "陈静" in browser.get("/console/staff/my-leave").text
    assert "代 李芳" in desk("head-1").get("/console/").text
    browser.post("/console/staff/my-leave/end")
    assert "代 李芳" not in desk("head-1").get("/console/").text


def test_a_head_arranges_leave_for_ones_own_people(desk: OpenDesk) -> None:
    browser, day = desk("head-1"), today()
    listed = browser.get("/console/staff/leave").text
    assert "李芳" in listed
    assert "周敏" not in listed
    path = f"/console/staff/leave/{account('registrar-1').id}"
    choice = browser.get(path).text
    assert f'<option value="{account("registrar-3").id}"' in choice
    assert f'<option value="{account("head-1").id}"' not in choice  # one does not stand in by one's own hand
    last = (day + timedelta(days=30)).isoformat()
    browser.post(path, {"first": day.isoformat(), "last": last, "stand_in": str(account("registrar-3").id)})
    assert account("registrar-1").absent_until == day + timedelta(days=30)
    browser.post(f"{path}/end")
    assert account("registrar-1").absent_until is None
    for address in (f"/console/staff/leave/{account('registrar-2').id}", f"/console/staff/leave/{uuid.uuid4()}"):
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"first": day.isoformat(), "last": last}).status_code == 404
        assert browser.post(f"{address}/end").status_code == 404


def test_what_is_wrong_with_a_leave_is_said(desk: OpenDesk) -> None:
    browser, day = desk("registrar-1"), today()
    for form, told in (
        ({"first": day.isoformat()}, "请从列表里选"),
        ({"first": day.isoformat(), "last": (day + timedelta(days=14)).isoformat()}, "最多 14 天"),
        ({"first": "soon", "last": "later"}, "日期应写成"),
    ):
        browser.post("/console/staff/my-leave", form)
        assert told in browser.get("/console/staff/my-leave").text


# --- two persons ---


def request_of(username: str = "registrar-1", over: str = XINCHENG_REGISTRY) -> Approval:
    """Somebody asks."""
    return ask(KIND.name, {}, reason="给民政厅报送", asked_by=account(username), node_id=node(over).id)


def state(approval: Approval) -> ApprovalState:
    """How a request stands now."""
    with transaction() as session:
        return session.get_one(Approval, approval.id).state


def test_a_request_waits_on_the_worklist_and_is_approved(kind: list[uuid.UUID], desk: OpenDesk) -> None:
    approval, head = request_of(), desk("head-1")
    assert "导出预约名单" in head.get("/console/").text
    assert "导出预约名单" not in desk("registrar-3").get("/console/").text
    page = head.get("/console/staff/approvals").text
    assert "给民政厅报送" in page
    assert "李芳" in page
    head.post(f"/console/staff/approvals/{approval.id}/approve")
    assert kind == [approval.id]
    assert "没有等您审批的申请" in head.get("/console/staff/approvals").text
    assert "已同意" in desk("registrar-1").get("/console/staff/approvals?tab=asked").text


def test_a_refusal_reaches_the_asker(desk: OpenDesk) -> None:
    approval, head = request_of(), desk("head-1")
    head.post(f"/console/staff/approvals/{approval.id}/decline")
    assert "请写一句为什么" in head.get("/console/staff/approvals").text
    head.post(f"/console/staff/approvals/{approval.id}/decline", {"note": "范围太大"})
    assert "范围太大" in desk("registrar-1").get("/console/staff/approvals?tab=asked").text


def test_ones_own_request_is_not_ones_own_to_decide(kind: list[uuid.UUID], desk: OpenDesk) -> None:
    approval, head = request_of("head-1"), desk("head-1")
    assert "导出预约名单" not in head.get("/console/staff/approvals").text
    head.post(f"/console/staff/approvals/{approval.id}/approve")
    assert (kind, state(approval)) == ([], ApprovalState.PENDING)
    head.post(f"/console/staff/approvals/{approval.id}/withdraw")
    assert state(approval) is ApprovalState.WITHDRAWN


@pytest.mark.parametrize("username", ["head-2", "registrar-3", "clerk-1", "admin"])
def test_others_requests_do_not_exist(username: str, desk: OpenDesk) -> None:
    approval, browser = request_of(), desk(username)
    assert "导出预约名单" not in browser.get("/console/staff/approvals").text
    for step in ("approve", "decline", "withdraw"):
        assert browser.post(f"/console/staff/approvals/{approval.id}/{step}", {"note": "不"}).status_code == 404
    assert state(approval) is ApprovalState.PENDING


def test_a_request_that_was_decided_meanwhile_is_told(desk: OpenDesk) -> None:
    approval, head, other = request_of(), desk("head-1"), desk("supervisor")
    head.post(f"/console/staff/approvals/{approval.id}/approve")
    other.post(f"/console/staff/approvals/{approval.id}/approve")
    assert "已经处理过" in other.get("/console/staff/approvals").text
