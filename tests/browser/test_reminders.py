"""Agreeing to be reminded, in Chromium: web login, signature, WeChat's sheet, the push, and the credit that is used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES
from tests.browser.test_accessibility import WHOLE, severe
from tests.story.conftest import world
from tests.story.world import World

__all__ = ["world"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def reachable(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world under the addresses at which a browser finds it."""
    settings = replace(
        world.app.extensions["settings"], public_base_url=world.product_url, wechat_js_base_url=world.sandbox_url
    )
    monkeypatch.setitem(world.app.extensions, "settings", settings)
    return world


def test_somebody_who_does_not_follow_agrees_and_is_reminded(reachable: World, page: Page) -> None:
    world = reachable
    somebody = world.sandbox.post("/sandbox/users", json={"name": "赵一", "following": False}).json()
    page.context.add_cookies([{"name": "sandbox_phone", "value": somebody["id"], "url": world.sandbox_url}])
    page.goto(f"{world.product_url}/h5/reminders")
    expect(page.locator("h1")).to_have_text("让微信提醒我")
    expect(page.get_by_role("button", name="同意提醒我")).to_be_visible()
    assert list(severe(page, WHOLE)) == []
    page.get_by_role("button", name="同意提醒我").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("赵一")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sheet.get_by_role("checkbox").nth(1).uncheck()
    sheet.get_by_role("button", name="允许").click()
    expect(page.locator("#said")).to_contain_text("好了，到时候会提醒您")
    page.reload()
    expect(page.get_by_text("已经同意，还能提醒 1 次").first).to_be_visible()

    page.get_by_role("button", name="同意提醒我").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(page.locator("#said")).to_contain_text("没有同意，不影响办事")

    report = world.sandbox.get("/sandbox/conformance").json()
    signatures = next(rule for rule in report["rules"] if rule["id"] == "page.js_signature")
    assert (signatures["checked"] >= 2, signatures["broken"]) == (True, 0), signatures
    users = world.sandbox.get("/sandbox/users").json()["items"]
    credits = next(user["credits"] for user in users if user["id"] == somebody["id"])
    assert sorted(credits.values()) == [1, 1]
    assert page.viewport_size in SIZES.values()
