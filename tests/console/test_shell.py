"""The frame of every page: the menu by permission, how it looks, help for each page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from backend.console import NavEntry
from backend.console.help import help_of
from backend.console.navigation import group_of
from backend.console.rooms import NavGroup
from backend.kernel.access import Caller, declared_access
from backend.staff import Permission
from tests.console.support import Desk

Opened = Callable[..., Desk]

# Pages that answer staff's GET with something else than a page to read, and why they need no help.
WITHOUT_HELP = {
    "marriage_desk.hall_queue": "a part of the hall's page",
    "console.unknown_page": "answers 404 whatever is asked",
    "console.help_page": "is the help",
    "console.help_start": "is the help",
    "ceremony_desk.cover_picture": "is a picture",
    "entry.second_factor_picture": "is a picture",
}


def links(page: str) -> dict[str, str]:
    """The main menu: labels and the marks of the page one is on."""
    menu = page.split('<nav class="menu"')[1].split("</nav>")[0]
    found = re.findall(r'<a href="[^"]+"(?: aria-current="(\w+)")?>([^<]+)</a>', menu)
    return {label: mark for mark, label in found}


# --- the menu ---


def test_the_menu_holds_what_one_may_open(desk: Opened) -> None:
    registrar, admin = links(desk().get("/console/").text), links(desk("admin").get("/console/").text)
    assert registrar.keys() >= {"工作台", "结婚登记", "待处理消息", "导出"}
    assert "导出" not in admin
    assert admin.keys() >= {"工作台", "结婚登记", "待处理消息"}


@pytest.mark.parametrize(
    ("path", "label", "mark"),
    [
        ("/console/", "工作台", "page"),
        ("/console/marriage/appointments", "结婚登记", "page"),
        ("/console/marriage/day-list", "结婚登记", "true"),
        ("/console/exports/new/marriage.appointments", "导出", "true"),
    ],
)
def test_the_page_one_is_on_is_marked(desk: Opened, path: str, label: str, mark: str) -> None:
    marked = {name: said for name, said in links(desk().get(path).text).items() if said}
    assert marked == {label: mark}


def test_entries_stand_where_their_permission_belongs() -> None:
    assert group_of(NavEntry("x", "y", Permission.READ_AUDIT)) is NavGroup.BUREAU
    assert group_of(NavEntry("x", "y", Permission.HANDLE_RIGHTS)) is NavGroup.PEOPLE
    assert group_of(NavEntry("x", "y", "of_a_room_not_built_yet")) is NavGroup.SERVICES
    assert group_of(NavEntry("x", "y")) is NavGroup.ACCOUNT
    assert group_of(NavEntry("x", "y", Permission.READ_AUDIT, NavGroup.SERVICES)) is NavGroup.SERVICES


# --- how it looks ---


def test_dark_and_large_are_kept_by_the_browser(desk: Opened) -> None:
    somebody = desk()
    first = somebody.get("/console/").text
    assert "data-theme" not in first
    assert 'media="screen and (prefers-color-scheme: dark)"' in first
    answer = somebody.post("/console/appearance", {"theme": "dark", "next": "/console/messages?cursor="})
    assert answer.headers["Location"] == "/console/messages?cursor="
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    somebody.post("/console/appearance", {"letters": "large"})
    page = somebody.get("/console/").text
    assert 'data-theme="dark" class="large"' in page
    assert 'media="screen"' in page
    somebody.post("/console/appearance", {"theme": "light"})
    page = somebody.get("/console/").text
    assert 'data-theme="light" class="large"' in page
    assert "dark.css" not in page


@pytest.mark.parametrize("kept", ["", "dark", "purple.large.on", '"><script>.normal.on'])
def test_a_cookie_that_is_not_ours_means_nothing(desk: Opened, kept: str) -> None:
    somebody = desk()
    somebody.client.set_cookie("console_look", kept, path="/console")
    page = somebody.get("/console/").text
    assert '<html lang="zh-CN" data-keys="on">' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/console/", "/elsewhere"])
def test_changing_the_look_leads_nowhere_else(desk: Opened, target: str) -> None:
    answer = desk().post("/console/appearance", {"theme": "dark", "next": target})
    assert answer.headers["Location"] == "/console/"


# --- help ---


def pages(app: Flask) -> list[Rule]:
    """Everything staff open as a page."""
    found = []
    for rule in app.url_map.iter_rules():
        declared = declared_access(app.view_functions[rule.endpoint])
        if declared and declared.caller is Caller.STAFF and "GET" in (rule.methods or ()):
            found.append(rule)
    return found


def test_every_page_has_help(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in pages(app)}
    assert len(endpoints) > 8
    assert WITHOUT_HELP.keys() <= endpoints
    with app.app_context():
        missing = sorted(endpoint for endpoint in endpoints - WITHOUT_HELP.keys() if help_of(endpoint) is None)
    assert missing == []


def test_help_is_on_the_page_and_on_one_of_its_own(desk: Opened) -> None:
    somebody = desk()
    page = somebody.get("/console/marriage/appointments").text
    assert 'id="help"' in page
    assert "/console/help/marriage_desk.board" in page
    assert "材料不符" in somebody.get("/console/help/marriage_desk.board").text
    assert somebody.get("/console/help/no.such").status_code == 404
    assert somebody.get("/console/help/..%2flayout").status_code == 404
    assert "/console/help/console.worklist" in somebody.get("/console/help").text
