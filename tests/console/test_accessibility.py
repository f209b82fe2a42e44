"""Every page of the console in Chromium: axe finds nothing, nothing sticks out, at desk and phone size, light and dark.

The pages are those of the menus of every demonstration account, so that a new room is looked at without being named.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import time
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from werkzeug.serving import make_server

from backend.console.exports.build import build_next
from backend.marriage.rules import State
from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.browsers import axe_violations
from tests.console.support import TUESDAY, make_appointment, make_slot, party_name
from tests.console.test_attention import message

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Seat = Callable[..., Page]

BOARD = "/console/marriage/appointments"
EXPORT = "/console/exports/new/marriage.appointments?tab=all"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE, DESK = (390, 844), (1366, 800)


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
def work() -> str:
    """Something on every page; the address of an appointment with everything."""
    slot = make_slot("xincheng", TUESDAY.date(), time(10, 0), 6)
    states = (State.BOOKED, State.CONFIRMED, State.CHECKED_IN, State.SERVED, State.CANCELLED)
    made = [make_appointment(slot, state, serial=serial) for serial, state in enumerate(states)]
    make_appointment(make_slot("xincheng", TUESDAY.date(), time(9, 0)), State.CONFIRMED, serial=8)
    message(serial=9)
    return f"{BOARD}/{made[0]}"


@pytest.fixture
def seat(chromium: Browser, address: str) -> Iterator[Seat]:
    """Signs somebody in, with a screen of a size and a system that is light or dark."""
    contexts: list[BrowserContext] = []

    def sit(username: str, size: tuple[int, int], scheme: Literal["light", "dark"] = "light") -> Page:
        viewport: ViewportSize = {"width": size[0], "height": size[1]}
        contexts.append(chromium.new_context(base_url=address, viewport=viewport, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.goto("/console/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", DEMONSTRATION_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("header.bar")
        return page

    yield sit
    for context in contexts:
        context.close()


def check(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    found = axe_violations(page, RULES)
    wrong = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append(f"{page.url} sticks out")
    return wrong


def look_at(page: Page, paths: list[str]) -> list[str]:
    """What is wrong with each of the pages."""
    wrong = []
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status < 500, path
        wrong += check(page)
    return wrong


def ask_for_file(page: Page) -> None:
    page.goto(EXPORT)
    page.select_option("#reason_kind", "checking")
    page.fill("#reason", "月底核对预约")
    page.get_by_role("button", name="申请导出").click()
    page.wait_for_selector("#making")


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_a_registrars_pages(seat: Seat, work: str, size: tuple[int, int], scheme: str) -> None:
    page = seat("registrar-1", size, scheme)
    wrong = look_at(page, [BOARD, f"{BOARD}?tab=all", work, f"{work}/refuse", "/console/marriage/day-list"])
    wrong += look_at(page, ["/console/", "/console/messages", "/console/search", "/console/help", EXPORT])
    wrong += look_at(page, ["/console/no-such-page", "/console/help/marriage_desk.board"])
    page.fill("#search", party_name(0, 0))
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail, #search-hint")
    ask_for_file(page)
    wrong += check(page)
    build_next()
    wrong += look_at(page, [page.url, "/console/exports"])
    page.locator("details.own > summary").click()
    wrong += check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    wrong += check(page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_the_other_two_looks(seat: Seat, work: str, size: tuple[int, int], scheme: str) -> None:
    wrong = look_at(seat("registrar-1", size, scheme), ["/console/", BOARD, work, "/console/messages", EXPORT])
    assert not wrong, "\n".join(wrong)


def test_narrow_and_large(seat: Seat, work: str) -> None:
    """At 320 px, which is a screen of 1280 px at 400 %, with large letters too (WCAG 1.4.10)."""
    page = seat("registrar-1", (320, 640))
    page.locator("details.own > summary").click()
    page.get_by_role("group", name="字号").get_by_role("button", name="大").click()
    page.wait_for_selector("html.large")
    paths = ["/console/", BOARD, work, "/console/messages", "/console/search", "/console/exports", EXPORT]
    wrong = look_at(page, paths)
    assert not wrong, "\n".join(wrong)


def test_the_focus_is_seen_wherever_tab_leads(seat: Seat, work: str) -> None:
    """Through the whole worklist and out at its end: no trap, an outline on each stop, nothing lies over it."""
    page = seat("registrar-1", DESK)
    page.goto("/console/")
    seen: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const at = document.activeElement; if (at === document.body) return null;
            const box = at.getBoundingClientRect(), style = getComputedStyle(at);
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 12));
            return { html: at.outerHTML.slice(0, 120), outline: style.outlineStyle !== 'none',
                     free: !!hit && (at.contains(hit) || hit.contains(at) || !!at.ownerSVGElement) } }"""
        )
        if stop is None:
            break
        assert stop["outline"], stop["html"]
        assert stop["free"], stop["html"]
        seen.append(stop["html"])
    else:
        pytest.fail("Tab never leaves the page")
    assert re.search("跳到正文|class=.skip", seen[0])
    assert len(seen) > 15
