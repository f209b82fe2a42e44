"""Binding and signing in with WeChat's stand-in on the other side: real QR codes, real pushes, a real phone page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.staff_entry.support import number_on
from tests.story.conftest import world
from tests.story.world import Registrar, Resident, World, token_in

__all__ = ["world"]

CREATE = "/cgi-bin/qrcode/create"


def press(browser: httpx.Client, page: str, path: str) -> httpx.Response:
    """Submit a form of a page."""
    form = {"csrf_token": token_in(browser.get(page).text)}
    return browser.post(path, data=form, headers={"Referer": str(browser.base_url)})


def scans(world: World, resident: Resident) -> str:
    """Point somebody's phone at the newest QR code; what the account answers."""
    [code, *_] = world.sandbox.get("/sandbox/state").json()["qr_codes"]
    sent = world.sandbox.post(f"/sandbox/users/{resident.id}/scans", json={"url": code["url"]}).json()
    return str(sent["reply"]["text"])


def bind(world: World, resident: Resident) -> None:
    """李芳 binds this phone's WeChat."""
    browser = world.registrar().browser
    page = press(browser, "/console/account/wechat", "/console/account/wechat/begin")
    assert "绑定到工作台账号" in scans(world, resident)
    assert "绑定好了" in resident.says(number_on(page.text))


def test_bind_once_and_sign_in_by_scan(world: World) -> None:
    """The phone follows by scanning, and is bound; later it opens another computer."""
    phone = world.resident("王奶奶")
    bind(world, phone)
    computer = httpx.Client(base_url=world.product_url, follow_redirects=True, timeout=30)
    page = press(computer, "/console/sign-in", "/console/sign-in/scan")
    assert computer.get("/console/scan.svg").headers["Content-Type"] == "image/svg+xml"
    phone.says("结婚登记")
    assert "登录暖民工作台" in scans(world, phone)
    assert "已确认" in phone.says(number_on(page.text))
    inside = press(computer, "/console/sign-in", "/console/sign-in/scan/check")
    assert inside.url.path == "/console/"
    assert "李芳" in inside.text
    assert "请选日期" in phone.says("1"), "the conversation under way was left alone"
    assert len(world.journal(CREATE)) == 2


def test_when_wechat_refuses_the_password_still_opens(world: World) -> None:
    world.sandbox.post("/sandbox/faults", json={"endpoint": CREATE, "errcode": -1, "times": 5})
    computer = httpx.Client(base_url=world.product_url, follow_redirects=True, timeout=30)
    page = press(computer, "/console/sign-in", "/console/sign-in/scan")
    assert page.url.path == "/console/sign-in"
    assert "请用密码登录" in page.text
    assert isinstance(world.registrar(), Registrar)


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A browser in which any script error fails the test."""
    context = chromium.new_context(locale="zh-CN", reduced_motion="reduce")
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Security Policy" in line.text else None)
    yield opened
    context.close()
    assert faults == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_page_goes_on_by_itself(world: World, page: Page, chromium: Chromium) -> None:
    """Two browsers: the computer's sign-in page, and the sandbox's phone with its 扫一扫."""
    phone = world.resident("王小明")
    bind(world, phone)
    page.goto(f"{world.product_url}/console/sign-in")
    page.get_by_role("button", name="微信扫码登录").click()
    number = page.locator(".match").inner_text()
    hand: Any = chromium.new_context(locale="zh-CN")
    held = hand.new_page()
    held.goto(world.sandbox_url)
    held.get_by_role("button", name="王小明").click()
    held.get_by_role("button", name="扫一扫", exact=True).click()
    held.locator("#qr-codes button").first.click()
    expect(held.locator("#log")).to_contain_text("把电脑上显示的两位数字回复过来")
    expect(page.locator("#scan")).to_contain_text("已扫码", timeout=10_000)
    held.fill("#message", number)
    held.keyboard.press("Enter")
    expect(held.locator("#log")).to_contain_text("已确认")
    expect(page.locator("h1")).to_contain_text("李芳", timeout=10_000)
    hand.close()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_password_is_changed_with_the_keyboard(world: World, page: Page) -> None:
    page.goto(f"{world.product_url}/console/sign-in?next=/console/account/password")
    page.fill("[name=username]", "registrar-1")
    page.fill("[name=password]", DEMONSTRATION_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=current]")).to_be_focused()
    page.keyboard.type(DEMONSTRATION_PASSWORD)
    for _ in range(2):
        page.keyboard.press("Tab")
        page.keyboard.type("four unlike words")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("密码改好了")
