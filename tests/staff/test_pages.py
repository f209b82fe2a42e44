"""People and powers through the console: what one sees, does, and must not reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import today
from backend.staff import Permission, Role, may
from backend.staff.accounts import deactivate_account
from backend.staff.audit import AuditEntry
from backend.staff.demo import CANTEENS, CHANGLE_REGISTRY, DISTRICT, STREETS, XINCHENG_REGISTRY
from backend.staff.models import OrganisationNode
from backend.storage import Database, transaction
from tests.console.support import Desk, counted_queries
from tests.staff.support import account, assignments, member, node

OpenDesk = Callable[..., Desk]


@pytest.fixture
def desk(app: Flask) -> OpenDesk:
    """Signs somebody in with a browser of their own."""
    return lambda username="admin": Desk(app.test_client(), username)


def member_path(username: str, rest: str = "") -> str:
    """The address of somebody's page."""
    return f"/console/staff/accounts/{account(username).id}{rest}"


def place_path(code: str, rest: str = "") -> str:
    """The address of a place's page."""
    return f"/console/staff/places/{node(code).id}{rest}"


# --- who gets in ---

MANAGED = ("/console/staff/", "/console/staff/accounts", "/console/staff/accounts/new")


@pytest.mark.parametrize("username", ["registrar-1", "head-1", "clerk-1", "privacy", "auditor", "supervisor"])
def test_only_administrators_manage(username: str, desk: OpenDesk) -> None:
    browser = desk(username)
    for path in (*MANAGED, member_path("registrar-2"), place_path(CHANGLE_REGISTRY)):
        assert browser.get(path).status_code == 403, path
    for path in (
        "/console/staff/accounts",
        "/console/staff/accounts/search",
        member_path("clerk-2", "/roles"),
        member_path("clerk-2", "/password"),
        member_path("clerk-2", "/deactivate"),
        place_path(STREETS[0], "/add"),
        place_path(STREETS[0], "/close"),
    ):
        assert browser.post(path).status_code == 403, path
    assert account("clerk-2").active


@pytest.mark.parametrize(
    ("username", "status"), [("registrar-1", 403), ("auditor", 403), ("head-1", 200), ("admin", 200)]
)
def test_only_heads_arrange_leave(username: str, status: int, desk: OpenDesk) -> None:
    assert desk(username).get("/console/staff/leave").status_code == status


def test_a_street_is_managed_from_the_street(desk: OpenDesk) -> None:
    deactivate_account(account("clerk-4").id, by=None)
    member("street-admin", Role.ADMINISTRATOR, STREETS[0])
    _give_a_known_password("street-admin")
    browser = desk("street-admin")
    drawn = browser.get("/console/staff/").text
    assert "东巷社区" in drawn
    assert "望河街道" not in drawn
    for path in (place_path(STREETS[1]), member_path("clerk-2"), member_path("admin")):
        assert browser.get(path).status_code == 404, path
    for path in (
        place_path(STREETS[1], "/rename"),
        member_path("clerk-2", "/roles"),
        member_path("clerk-2", "/password"),
        member_path("admin", "/deactivate"),
    ):
        assert browser.post(path, {"name": "新名"}).status_code == 404, path
    assert browser.get(member_path("clerk-1")).status_code == 200
    assert account("admin").active


def _give_a_known_password(username: str) -> None:
    with transaction() as session:
        session.execute(
            sa.text(
                "UPDATE staff_accounts SET password_hash ="
                " (SELECT password_hash FROM staff_accounts WHERE username = 'admin') WHERE username = :username"
            ),
            {"username": username},
        )


# --- the tree ---


def test_the_tree_is_drawn(desk: OpenDesk) -> None:
    page = desk().get("/console/staff/").text
    with transaction() as session:
        names = session.scalars(sa.select(OrganisationNode.name)).all()
    assert len(names) == 28
    assert all(name in page for name in names)


def test_a_place_is_added_renamed_moved_and_closed(desk: OpenDesk) -> None:
    browser = desk()
    browser.post(place_path(STREETS[0], "/add"), {"kind": "community", "name": "<b>新</b>社区"})
    with transaction() as session:
        made = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.name == "<b>新</b>社区")).one()
    drawn = browser.get("/console/staff/").text
    assert "已添加" in drawn
    assert "&lt;b&gt;新&lt;/b&gt;社区" in drawn
    assert "<b>新</b>" not in drawn
    browser.post(f"/console/staff/places/{made.id}/rename", {"name": "新社区"})
    browser.post(f"/console/staff/places/{made.id}/move", {"parent": str(node(STREETS[1]).id)})
    assert (node(made.code).name, node(made.code).parent_id) == ("新社区", node(STREETS[1]).id)
    browser.post(f"/console/staff/places/{made.id}/close", {"sure": "on"})
    assert node(made.code).closed_at is not None
    assert "新社区" not in browser.get("/console/staff/").text.partition("<table")[2]


def test_why_a_place_stays_open_is_told(desk: OpenDesk) -> None:
    browser = desk()
    browser.post(place_path(XINCHENG_REGISTRY, "/close"), {"sure": "on"})
    page = browser.get(place_path(XINCHENG_REGISTRY)).text
    assert "7 位同事" in page
    assert node(XINCHENG_REGISTRY).closed_at is None


@pytest.mark.parametrize("form", [{}, {"kind": "street"}, {"kind": "nonsense", "name": "新"}])
def test_a_wrong_form_changes_nothing(form: dict[str, str], desk: OpenDesk) -> None:
    browser = desk()
    assert browser.post(place_path(CANTEENS[0], "/add"), form).status_code == 303
    assert 'class="notice problem"' in browser.get(place_path(CANTEENS[0])).text


# --- accounts ---


def test_accounts_are_listed_filtered_and_paged(desk: OpenDesk, clean_database: Database) -> None:
    browser = desk()
    assert "郑婷" in browser.get("/console/staff/accounts").text
    absent = browser.get("/console/staff/accounts?state=absent").text
    assert "孙丽" in absent
    assert "李芳" not in absent
    assert "代 孙丽" in browser.get(f"/console/staff/accounts?node={node(CHANGLE_REGISTRY).id}").text
    assert browser.get("/console/staff/accounts?role=nonsense").status_code == 422
    assert browser.get("/console/staff/accounts?cursor=%00").status_code == 422
    for number in range(40):
        member(f"clerk-{number + 100}", Role.COUNTER_CLERK, STREETS[0])
    with counted_queries(clean_database) as few:
        first = browser.get("/console/staff/accounts").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    with counted_queries(clean_database) as again:
        second = browser.get(following[1].replace("&amp;", "&")).text
    assert "回到第一页" in second
    assert len(again) == len(few) < 12


def test_a_search_finds_without_an_address(desk: OpenDesk) -> None:
    browser = desk()
    hit = browser.post("/console/staff/accounts/search", {"q": "徐国强"})
    assert (hit.status_code, hit.location) == (303, member_path("auditor"))
    several = browser.post("/console/staff/accounts/search", {"q": "registrar"}).text
    assert several.count("registrar-") == 4
    assert "没有找到" in browser.post("/console/staff/accounts/search", {"q": "查无此人"}).text


def test_an_account_is_made_and_its_password_shown_once(app: Flask, desk: OpenDesk) -> None:
    browser = desk()
    form = {"name": "李华", "username": "li.hua", "node": str(node(STREETS[0]).id), "role": "counter_clerk"}
    shown = browser.post("/console/staff/accounts", form)
    assert shown.status_code == 201
    password = re.search(r'class="secret"[^>]*>([a-z0-9-]+)<', shown.text)
    assert password
    assert password[1] not in browser.get(member_path("li.hua")).text
    assert may(account("li.hua"), Permission.READ_PERSONS, node(STREETS[0]).id)
    assert account("li.hua").must_change_password
    with transaction() as session:
        told = [str(entry.detail) for entry in session.scalars(sa.select(AuditEntry))]
    assert not [line for line in told if password[1] in line or "李华" in line]


def test_what_is_wrong_with_a_new_account_is_said_and_nothing_typed_twice(desk: OpenDesk) -> None:
    browser = desk()
    form = {"name": "李华", "username": "registrar-1", "node": str(node(STREETS[0]).id), "role": "counter_clerk"}
    page = browser.post("/console/staff/accounts", form)
    assert page.status_code == 422
    assert "已经有人用了" in page.text
    assert 'value="李华"' in page.text
    assert re.search(r'<option value="counter_clerk" selected', page.text)
    for missing in form:
        assert browser.post("/console/staff/accounts", form | {"username": "li.hua", missing: ""}).status_code == 422


def test_a_role_is_given_and_taken_on_the_page(desk: OpenDesk) -> None:
    browser = desk()
    last = today() + timedelta(days=3)
    form = {"role": "registrar", "node": str(node(XINCHENG_REGISTRY).id), "last": last.isoformat()}
    browser.post(member_path("clerk-1", "/roles"), form)
    given = assignments("clerk-1")[-1]
    assert given.given_by == account("admin").id
    assert given.ends_at is not None
    assert (given.ends_at - timedelta(seconds=1)).date() == last
    page = browser.get(member_path("clerk-1")).text
    assert "已授予" in page
    assert "婚姻登记员" in page
    browser.post(member_path("clerk-1", f"/roles/{given.id}/end"))
    assert not may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    assert browser.post(member_path("clerk-2", f"/roles/{given.id}/end")).status_code == 404


def test_a_refusal_is_told_on_the_page(desk: OpenDesk) -> None:
    browser = desk()
    browser.post(member_path("auditor", "/roles"), {"role": "administrator", "node": str(node(DISTRICT).id)})
    assert "不能由同一个人担任" in browser.get(member_path("auditor")).text
    browser.post(member_path("clerk-1", "/roles"), {"role": "registrar", "node": "x", "last": "soon"})
    assert "日期应写成" in browser.get(member_path("clerk-1")).text


def test_the_last_administrator_is_kept_on_the_page(desk: OpenDesk) -> None:
    browser = desk()
    browser.post(member_path("admin-2", "/deactivate"), {"sure": "on"})
    assert "已停用" in browser.get(member_path("admin-2")).text
    browser.post(member_path("admin", f"/roles/{assignments('admin')[0].id}/end"))
    assert "最后一位系统管理员" in browser.get(member_path("admin")).text
    assert assignments("admin")[0].ends_at is None


def test_leaving_ends_the_session_in_the_other_browser(desk: OpenDesk) -> None:
    theirs, mine = desk("clerk-1"), desk()
    assert theirs.get("/console/").status_code == 200
    mine.post(member_path("clerk-1", "/deactivate"), {"sure": "on"})
    assert theirs.get("/console/").status_code == 302
    back = mine.post(member_path("clerk-1", "/reactivate"))
    assert re.search(r'class="secret"[^>]*>[a-z0-9-]{19}<', back.text)


def test_a_reset_password_is_shown_once(desk: OpenDesk) -> None:
    browser = desk()
    assert re.search(r'class="secret"[^>]*>[a-z0-9-]{19}<', browser.post(member_path("clerk-1", "/password")).text)
    own = browser.post(member_path("admin", "/password"))
    assert own.status_code == 303
    assert "我的账号" in browser.get(member_path("admin")).text


def test_a_home_is_moved_on_the_page(desk: OpenDesk) -> None:
    browser = desk()
    browser.post(member_path("clerk-1", "/home"), {"node": str(node(STREETS[0]).id)})
    assert account("clerk-1").home.code == STREETS[0]


# --- menu, search, forgery ---


def test_the_menu_shows_what_one_may_open(desk: OpenDesk) -> None:
    assert "人员与权限" in desk("admin").get("/console/").text
    clerk = desk("clerk-1").get("/console/").text
    assert "人员与权限" not in clerk
    assert "请假与代班" not in clerk
    assert "审批" in clerk


def test_colleagues_are_found_by_who_manages_them(desk: OpenDesk) -> None:
    assert member_path("auditor") in desk("admin").post("/console/search", {"q": "徐国强"}).text
    assert "徐国强" not in desk("head-1").post("/console/search", {"q": "徐国强"}).text.replace('value="徐国强"', "")


def test_without_our_token_nothing_is_done(app: Flask, desk: OpenDesk) -> None:
    browser = desk()
    answer = browser.client.post(member_path("clerk-1", "/deactivate"), data={"sure": "on"})
    assert answer.status_code == 400
    assert account("clerk-1").active


def test_permissions_are_read_once_in_a_request(desk: OpenDesk, clean_database: Database) -> None:
    browser = desk()
    with counted_queries(clean_database) as statements:
        browser.get("/console/staff/")
    assert len([each for each in statements if "WITH RECURSIVE given" in each]) == 1
