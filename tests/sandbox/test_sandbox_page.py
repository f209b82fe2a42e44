"""The page in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.config import Config
from sandbox.replies import FAULT_TEXT
from tests.sandbox.support import Heard, Product, text_reply

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


@pytest.fixture
def address(make_app: Callable[..., Flask]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(address)
    page.get_by_role("button", name=re.compile("王小明")).wait_for()
    yield page
    page.close()
    assert [text for text in problems if "Failed to load resource" not in text] == []


def test_a_conversation(page: Page, product: Product, config: Config) -> None:
    gate = threading.Event()

    def answer(heard: Heard) -> tuple[int, bytes]:
        gate.wait(5)
        markup = "请看 https://a.example/x。\n<img src=x onerror=alert(1)>"
        return 200, text_reply(config.account, heard.query["openid"], markup)

    product.answer = answer
    log = page.get_by_role("log")
    page.get_by_label("消息", exact=True).fill("想领证")
    page.keyboard.press("Enter")
    expect(log.get_by_text("想领证")).to_be_visible()
    expect(log.get_by_text("正在等待回复…")).to_be_visible()
    gate.set()
    expect(log.get_by_role("link")).to_have_attribute("href", "https://a.example/x")
    expect(log.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(log.get_by_text("正在等待回复…")).to_have_count(0)
    expect(page.locator(".entry")).to_have_count(1)


def test_following_menu_and_fault(page: Page, product: Product) -> None:
    page.get_by_role("button", name=re.compile("王奶奶")).click()
    page.get_by_role("button", name="关注公众号").click()
    expect(page.get_by_role("log").get_by_text("您已关注")).to_be_visible()
    product.answer = lambda heard: (500, b"")
    page.get_by_role("navigation", name="公众号菜单").get_by_role("button", name="帮助").click()
    expect(page.get_by_role("log").get_by_text(FAULT_TEXT)).to_be_visible()
    assert b"MENU_HELP" in product.heard[-1].body


def test_the_clock_moves_or_says_why_not(page: Page, product: Product) -> None:
    page.get_by_role("button", name="+1 天").click()
    expect(page.get_by_text("比真实时间快 1 天", exact=True)).to_be_visible()
    product.clock_status = 500
    page.get_by_role("button", name="+1 小时").click()
    expect(page.get_by_text("时钟没有动：业务系统回答了 500")).to_be_visible()
    expect(page.get_by_text("比真实时间快 1 天", exact=True)).to_be_visible()


def test_a_small_screen_shows_the_chat_and_tabs(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_label("消息", exact=True)).to_be_visible()
    expect(page.get_by_text("调用记录")).to_be_hidden()
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.get_by_text("调用记录")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
