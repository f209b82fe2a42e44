"""What residents and registrars see and press, in Chromium, at desk and phone size."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from backend.chat import callback
from backend.staff.demo import DEMONSTRATION_PASSWORD
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COUPLE = "王小明 100000200411210011\n李小红 100000200611210024"


def write(page: Page, text: str, expected: str) -> None:
    """Type into the phone, press Enter, and wait for the answer."""
    page.get_by_role("textbox", name=re.compile("消息|说一句话|输入")).first.fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_text(expected).last).to_be_visible()


def sign_in(page: Page, world: World, username: str = "registrar-1") -> None:
    page.goto(f"{world.product_url}/console/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMONSTRATION_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("待确认").first).to_be_visible()


def no_sideways_scrolling(page: Page) -> None:
    """Nothing sticks out of the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_couple_books_on_the_phone_and_the_registrar_confirms(world: World, page: Page) -> None:
    page.goto(world.sandbox_url)
    no_sideways_scrolling(page)
    write(page, "我要预约结婚登记", "哪个登记处")
    write(page, "1", "请选日期")
    write(page, "11月26号上午10点", "已为您留5分钟")
    page.get_by_role("textbox", name=re.compile("消息|说一句话|输入")).first.fill(COUPLE.replace("\n", "；"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("请核对").last).to_be_visible()
    write(page, "1", "约好了")
    found = re.search(r"MZ\d{8}", page.get_by_text("预约号").last.inner_text())
    assert found
    no_sideways_scrolling(page)

    sign_in(page, world)
    no_sideways_scrolling(page)
    page.goto(f"{world.product_url}/console/marriage/appointments?tab=all&day=2026-11-26")
    no_sideways_scrolling(page)
    row = page.get_by_role("link", name=found[0]).first
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_text("李小红").first).to_be_visible()
    no_sideways_scrolling(page)
    page.locator("button[data-key=c]", has_text="确认").first.click()
    expect(page.get_by_text("已确认").first).to_be_visible()

    world.work()
    page.goto(world.sandbox_url)
    notice = page.get_by_role("article").last
    expect(notice).to_contain_text("办理进度通知")
    expect(notice).to_be_visible()


def test_a_late_answer_shows_the_fault(world: World, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a resident sees when we do not answer a push in time (wechat-protocol §1.6); patience is shortened here."""
    stand_in, awake = world.stand_in.extensions["sandbox"], threading.Event()
    stand_in.config = replace(stand_in.config, push_timeout_seconds=0.3)
    monkeypatch.setattr(callback, "answer_account_push", lambda *_: awake.wait(20) and None)
    try:
        page.goto(world.sandbox_url)
        page.get_by_role("textbox", name=re.compile("消息|说一句话|输入")).first.fill("你好")
        page.keyboard.press("Enter")
        expect(page.get_by_text("该公众号提供的服务出现故障").last).to_be_visible(timeout=20_000)
    finally:
        awake.set()


def test_the_desk_by_keyboard(world: World, page: Page) -> None:
    """A registrar confirms without a mouse: move to a row and press C."""
    sign_in(page, world)
    page.goto(f"{world.product_url}/console/marriage/appointments?tab=pending")
    confirm = page.locator("button[data-key=c]", has_text="确认")
    expect(confirm.first).to_be_visible()
    waiting = page.get_by_role("link", name="待确认")
    before = int(re.sub(r"\D", "", waiting.inner_text()))
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(waiting).to_have_text(re.compile(rf"\D{before - 1}$"))


def test_signed_out_pages_lead_to_sign_in_and_back(world: World, page: Page) -> None:
    page.goto(f"{world.product_url}/console/messages")
    expect(page).to_have_url(re.compile("/console/sign-in"))
    page.fill("input[name=username]", "registrar-1")
    page.fill("input[name=password]", DEMONSTRATION_PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/console/messages"))
    no_sideways_scrolling(page)
