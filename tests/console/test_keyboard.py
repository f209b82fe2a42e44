"""The board worked without a mouse, in Chromium, under the policy that forbids inline scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import time

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from backend.marriage.rules import State
from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.console.support import TUESDAY, make_appointment, make_slot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BOARD = "/console/marriage/appointments"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the console answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    """A registrar at her desk; three couples wait to be confirmed. Any script error fails the test."""
    slot = make_slot("xincheng", TUESDAY.date(), time(10, 0), 3)
    for serial in range(3):
        make_appointment(slot, State.BOOKED, serial=serial)
    context = chromium.new_context(base_url=address)
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Security Policy" in line.text else None)
    opened.goto("/console/")
    opened.fill("[name=username]", "registrar-1")
    opened.fill("[name=password]", DEMONSTRATION_PASSWORD)
    opened.keyboard.press("Enter")
    opened.wait_for_selector("header.bar")
    yield opened
    context.close()
    assert faults == []


def focused(page: Page) -> str:
    """The number of the appointment that has the focus."""
    return str(page.evaluate("document.activeElement.textContent"))


def open_board(page: Page, tab: str) -> list[str]:
    """Open a tab and wait until htmx has taken it over; the numbers on it."""
    page.goto(f"{BOARD}?tab={tab}")
    page.wait_for_selector("[data-row] [data-htmx-powered]")
    return page.locator("[data-enter]").all_inner_texts()


def test_confirming_goes_on_to_the_next_couple(page: Page) -> None:
    first, second, third = open_board(page, "pending")
    page.keyboard.press("j")
    assert focused(page) == first
    page.keyboard.press("c")
    expect(page.locator("#notices")).to_contain_text(f"{first}：已确认")
    expect(page.locator("[data-enter]")).to_have_text([second, third])
    assert focused(page) == second
    page.keyboard.press("j")
    assert focused(page) == third
    page.keyboard.press("k")
    assert focused(page) == second


def test_a_refusal_asks_for_its_reason(page: Page) -> None:
    first, second, _ = open_board(page, "pending")
    page.keyboard.press("j")
    page.keyboard.press("x")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text(first)
    dialog.get_by_role("button", name="不予确认").click()
    expect(dialog).to_contain_text("请写明原因")
    page.keyboard.press("2")
    dialog.get_by_role("button", name="不予确认").click()
    expect(page.locator("#notices")).to_contain_text(f"{first}：未通过")
    expect(dialog).to_be_hidden()
    assert focused(page) == second


def test_escape_changes_nothing(page: Page) -> None:
    before = open_board(page, "pending")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    assert page.locator("[data-enter]").all_inner_texts() == before


def test_letters_typed_into_a_field_are_no_commands(page: Page) -> None:
    before = open_board(page, "pending")
    page.keyboard.press("/")
    page.keyboard.type("cx?j")
    assert page.input_value("#search") == "cx?j"
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.locator("[data-enter]").all_inner_texts() == before


def test_from_the_row_to_the_page_and_through_the_papers(page: Page) -> None:
    first, *_ = open_board(page, "today")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail [data-htmx-powered]")
    expect(page.locator("#detail")).to_contain_text(first)
    page.keyboard.press("2")
    expect(page.locator("[data-digit='2']")).to_be_checked()
    page.keyboard.press("i")
    expect(page.locator("#notices")).to_contain_text("已签到")
    page.keyboard.press("d")
    expect(page.locator("#notices")).to_contain_text("已办结")
    page.keyboard.press("g")
    page.wait_for_url(f"**{BOARD}")


def test_help_opens_and_closes(page: Page) -> None:
    open_board(page, "today")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="这一页的帮助")).to_be_visible()
    expect(page.get_by_role("heading", name="快捷键")).to_be_visible()
    page.locator("#help").get_by_role("button", name="关闭").click()
    expect(page.locator("#help")).to_be_hidden()


def test_keys_of_one_letter_can_be_turned_off(page: Page) -> None:
    page.locator("details.own > summary").click()
    page.get_by_role("group", name="单键操作").get_by_role("button", name="关").click()
    page.wait_for_selector("html[data-keys=off]")
    open_board(page, "pending")
    before = page.evaluate("document.activeElement.tagName")
    page.keyboard.press("j")
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.tagName") == before
    expect(page.locator("#help")).to_be_hidden()


def test_escape_closes_the_menu_and_gives_the_focus_back(page: Page) -> None:
    page.locator("details.own > summary").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('details.own > summary')")


def test_the_menu_of_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    menu = page.get_by_role("navigation", name="主菜单")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="菜单").click()
    expect(menu.get_by_role("link", name="结婚登记")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_what_waits_is_drawn_anew_without_losing_the_focus(page: Page) -> None:
    page.clock.install()
    page.goto("/console/")
    page.wait_for_selector("#waiting[data-htmx-powered]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = focused(page)
    make_appointment(make_slot("xincheng", TUESDAY.date(), time(11, 0)), State.BOOKED, serial=7)
    with page.expect_response(lambda answer: "x-background" in answer.request.headers) as quiet:
        page.clock.run_for(61_000)
    assert quiet.value.status == 200
    expect(page.locator("#waiting-count")).to_contain_text("4")
    assert focused(page) == second


def test_going_back_shows_the_whole_earlier_page(page: Page) -> None:
    open_board(page, "pending")
    page.get_by_role("link", name="今日").first.click()
    page.wait_for_url("**tab=today")
    page.go_back()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("待确认")
    expect(page.locator("header.bar")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)


def test_a_session_that_ended_leads_to_the_door_and_back(page: Page) -> None:
    open_board(page, "pending")
    page.context.clear_cookies(name="console_session")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/console/sign-in.next="))
    assert page.input_value("[name=next]") == f"{BOARD}?tab=pending"
