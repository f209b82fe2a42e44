"""The hall's page in Chromium, without a mouse: where the focus goes after each act, and what the letters do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from backend.marriage.rules import State
from tests.console.support import Desk, make_appointment

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
    expect(page.locator("#dialog textarea")).to_be_focused()
    expect(page.locator("#dialog textarea")).to_have_value("缺：《申请结婚登记声明书》")
    keys.press("Escape")
    keys.press("d")
    expect(page.locator('[data-hall-key="n"]')).to_be_focused()
    expect(page.locator("#notices")).to_contain_text("A001 办完")


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
