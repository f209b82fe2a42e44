"""axe-core on every page people see: the console as every account, what residents open, and the sandbox's phone.

The console is gone through once over HTTP (tests/contract/browsing.py); each kind of page that came up, answers to
forms and refusals among them, is then shown in Chromium at desk and phone size, and in the dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from backend.staff.demo import sign_ins
from tests.browser.conftest import SIZES
from tests.browsers import axe_violations
from tests.contract.browsing import Desk, Visit
from tests.contract.planted import ANSWERS, LEFT_ALONE
from tests.story.conftest import world
from tests.story.world import World

__all__ = ["world"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SEVERE = {"serious", "critical"}
WHOLE = {"resultTypes": ["violations"]}
# Colours are all that differs in the dark, and they do not depend on the size.
COLOURS = WHOLE | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
LOOKS = [("phone", "light", WHOLE), ("desk", "light", WHOLE), ("desk", "dark", COLOURS)]
# A refusal is the same page wherever it is met.
REFUSED = {403, 404, 405}


def severe(page: Page, options: dict[str, Any]) -> Iterator[str]:
    """What axe finds on a page that keeps somebody out: rule and place."""
    for violation in axe_violations(page, options):
        if violation["impact"] in SEVERE:
            for node in violation["nodes"]:
                why = node["failureSummary"].splitlines()[-1].strip()
                yield f"{violation['id']}: {' '.join(node['target'])} — {why} — {node['html'][:160]}"


def looked_at(page: Page, place: str) -> list[str]:
    """Findings of the page that is open, in both sizes and both lights."""
    findings = []
    for size, light, options in LOOKS:
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=light, reduced_motion="reduce")  # type: ignore[arg-type]
        findings += [f"{place} ({size}, {light}) {finding}" for finding in severe(page, options)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            findings.append(f"{place} ({size}) sticks out")
    return findings


def show(page: Page, visit: Visit) -> None:
    """Show a page as it was answered, without asking for it again: it may have come of a form."""

    def answer(route: Route) -> None:
        route.fulfill(body=visit.answer.text, content_type="text/html; charset=utf-8")

    def stay(route: Route) -> None:
        # A page that goes on by itself, as the one that waits for a scan, would go while it is looked at.
        if route.request.is_navigation_request():
            route.fulfill(status=204)
        else:
            route.continue_()

    url = str(visit.answer.url)
    page.unroute_all()
    page.route(url, answer)
    page.goto(url)
    page.unroute(url)
    page.route("**/*", stay)


def pages_of_the_house(world: World) -> list[Visit]:
    """One page of each kind that anybody can be shown: by endpoint, method and status."""
    kinds: dict[tuple[str, str, int], Visit] = {}
    stranger = Desk(world, "")
    stranger.look_everywhere()
    desks = [stranger]
    for account in sign_ins():
        desk = Desk(world, account.username)
        desk.look_everywhere()
        desk.press_everything(ANSWERS, LEFT_ALONE)
        desks.append(desk)
    for desk in desks:
        for visit in desk.visits:
            status = visit.answer.status_code
            kind = ("", "", status) if status in REFUSED else (visit.endpoint, visit.answer.request.method, status)
            if visit.is_page:
                kinds.setdefault(kind, visit)
    return list(kinds.values())


def test_no_page_keeps_anybody_out(world: World, chromium: Browser) -> None:
    pages = pages_of_the_house(world)
    seen = {visit.endpoint for visit in pages}
    assert {"console.worklist", "console.sign_in_page", "h5.privacy", "marriage_desk.detail"} <= seen
    assert {"marriage_desk.hall", "marriage_desk.load_calendar", "marriage_desk.figures"} <= seen
    assert "marriage_hall.screen" in seen
    page = chromium.new_page(locale="zh-CN")
    findings = []
    for visit in pages:
        show(page, visit)
        findings += looked_at(page, f"{visit.answer.request.method} {visit.address} {visit.answer.status_code}")
    page.close()
    assert findings == [], "\n".join(findings)


def test_the_phone_of_the_sandbox(world: World, chromium: Browser) -> None:
    resident = world.resident("王小明")
    resident.says("结婚登记")
    page = chromium.new_page(locale="zh-CN")
    page.goto(world.sandbox_url)
    page.get_by_text("哪个登记处").last.wait_for()
    findings = looked_at(page, "sandbox")
    page.get_by_role("button", name="发别的").click()
    page.locator("#compose[open]").wait_for()
    findings += looked_at(page, "sandbox, dialog")
    page.goto(f"{world.sandbox_url}/conformance")
    findings += looked_at(page, "sandbox, report of rules")
    page.close()
    assert findings == [], "\n".join(findings)


def test_what_keeps_people_out_is_found(chromium: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    style = "p { color: #555 } @media (prefers-color-scheme: dark) { body { background: #000 } }"
    bad.write_text(
        f"<!doctype html><html lang=zh><title>?</title><style>{style}</style>"
        "<main><h1>?</h1><input type=text><p>看不清的一句话</p></main></html>"
    )
    page = chromium.new_page()
    page.goto(bad.as_uri())
    found = looked_at(page, "bad")
    page.close()
    assert [finding for finding in found if "label: input" in finding]
    dim = [finding.partition(":")[0] for finding in found if "color-contrast" in finding and "<p>" in finding]
    assert dim == ["bad (desk, dark) color-contrast"]
