"""The hall's page in Chromium, without a mouse: where the focus goes after each act, and what the letters do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from backend.marriage.rules import State
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HALL = "/console/marriage/hall"


def answers(somebody: Desk) -> Callable[[Route], None]:
    """The application's answers to a browser, without a network."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        kept = ("hx-", "x-", "content-type")
        headers = {name: value for name, value in route.request.headers.items() if name.startswith(kept)}
        body = route.request.post_data if route.request.method == "POST" else None
        found = somebody.client.open(path, method=route.request.method, data=body, headers=headers)
        dropped = ("content-length", "set-cookie")
        told = {name: value for name, value in found.headers.items() if name.lower() not in dropped}
        route.fulfill(status=found.status_code, headers=told, body=found.data)

    return answer


@pytest.fixture
def page(chromium: Browser, desk: Callable[..., Desk], ten: uuid.UUID) -> Iterator[Page]:
    """The hall with a couple of ten o'clock checked in, at window 3; any error of a script fails the test."""
    somebody, made, faults = desk(), make_appointment(ten, State.CONFIRMED, serial=1), []
    somebody.post(f"{HALL}/window", {"window": "3", "area": "marriage_hall"})
    somebody.post(f"/console/marriage/appointments/{made}/check-in")
    opened = chromium.new_page(locale="zh-CN")
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    opened.route("**/*", answers(somebody))
    opened.goto(f"http://console.test{HALL}")
    yield opened
    opened.close()
    assert faults == []


def test_a_couple_from_call_to_the_next(page: Page) -> None:
    scan, keys = page.locator("#scan"), page.keyboard
    expect(scan).to_be_focused()
    keys.press("Enter")
    expect(page.locator('[data-hall-key="b"]')).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#identity_card-both")).to_be_focused()
    for digit, paper in (("1", "identity_card-both"), ("2", "photos_together-both")):
        keys.press(digit)
        expect(page.locator(f".paper:has(#{paper}) .ticked")).to_contain_text("齐 · 李芳")
    keys.press("f")
    expect(page.locator("#dialog button[type=submit]")).to_be_focused()
    expect(page.locator("#dialog textarea")).to_have_value("缺：《申请结婚登记声明书》")
    keys.press("Escape")
    keys.press("d")
    expect(page.locator('[data-hall-key="n"]')).to_be_focused()
    expect(page.locator("#notices")).to_contain_text("A001 办完")


def test_papers_that_failed_a_new_time_and_windows_that_go_out(page: Page) -> None:
    """F, Enter, a digit: the couple goes home with a new time; then W, and whose windows are out is asked."""
    make_slot("xincheng", TUESDAY.date() + timedelta(days=1), time(9, 30))
    make_slot("xincheng", TUESDAY.date() + timedelta(days=1), time(14, 0))
    keys = page.keyboard
    keys.press("Enter")
    expect(page.locator('[data-hall-key="b"]')).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#identity_card-both")).to_be_focused()
    keys.press("1")
    expect(page.locator(".paper:has(#identity_card-both) .ticked")).to_contain_text("齐 · 李芳")
    keys.press("f")
    expect(page.locator("#dialog button[type=submit]")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#dialog h2")).to_contain_text("走之前约好下一次")
    expect(page.locator('#dialog [data-digit="1"]')).to_be_focused()
    keys.press("2")
    expect(page.locator("#notices")).to_contain_text("约好了：5月19日（周三）14:00")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator('[data-hall-key="n"]')).to_be_focused()
    keys.press("w")
    expect(page.locator("[name=windows]")).to_be_focused()
    expect(page.locator("[name=windows]")).to_have_value("3")


def test_the_question_for_a_new_time_can_be_put_away(page: Page) -> None:
    keys = page.keyboard
    keys.press("Enter")
    expect(page.locator('[data-hall-key="b"]')).to_be_focused()
    keys.press("f")
    page.locator("#dialog textarea").fill("合影不合格")
    page.locator("#dialog button[type=submit]").press("Enter")
    expect(page.locator("#dialog h2")).to_contain_text("走之前约好下一次")
    keys.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#mine-title")).to_have_text("3 号窗口空着")


def test_tickets_in_two_keystrokes(page: Page) -> None:
    page.keyboard.press("t")
    page.keyboard.press("8")
    expect(page.locator("#notices")).to_contain_text("C001 取好了")
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("1")
    expect(page.locator("#notices")).to_contain_text("A002 取好了，前面 0 位")


def test_what_is_typed_into_the_field_is_no_step(page: Page) -> None:
    page.locator("#scan").fill("MZ")
    page.keyboard.type("nt1")
    expect(page.locator("#scan")).to_have_value("MZnt1")
    expect(page.locator("#notices")).not_to_contain_text("取好了")
