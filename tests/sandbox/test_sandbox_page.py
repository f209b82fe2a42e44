"""The page in a real browser."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.config import Config
from sandbox.replies import FAULT_TEXT
from tests.sandbox.support import ACCOUNT_APP_ID, SECRET, Heard, Product, text_reply

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


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


def test_a_picture_from_a_file(page: Page, product: Product, tmp_path: Path) -> None:
    picture = tmp_path / "照片.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    page.get_by_role("button", name="发别的").click()
    page.get_by_label("图片文件").set_input_files(picture)
    page.locator("#compose").get_by_role("button", name="发送").click()
    expect(page.get_by_role("log").get_by_role("img", name="图片")).to_be_visible()
    assert b"<MsgType><![CDATA[image]]></MsgType>" in product.heard[-1].body


def test_what_is_missing_is_said_in_the_form(page: Page, product: Product) -> None:
    page.get_by_role("button", name="发别的").click()
    page.get_by_label("发什么").select_option("location")
    page.get_by_label("纬度").fill("北")
    page.locator("#compose").get_by_role("button", name="发送").click()
    expect(page.get_by_role("alert")).to_have_text("纬度请填数字")
    page.get_by_label("纬度").fill("34.3")
    page.locator("#compose").get_by_role("button", name="发送").click()
    expect(page.get_by_role("log").get_by_text("[位置] 新城区民政局")).to_be_visible()
    assert b"34.300000" in product.heard[-1].body


def test_a_menu_button_that_scans(page: Page, address: str, product: Product) -> None:
    api = httpx.Client(base_url=address)
    wanted = {"grant_type": "client_credential", "appid": ACCOUNT_APP_ID, "secret": SECRET}
    token = api.post("/cgi-bin/stable_token", json=wanted).json()["access_token"]
    button = {"type": "scancode_waitmsg", "name": "扫码签到", "key": "CHECK_IN"}
    menu = json.dumps({"button": [button]}, ensure_ascii=False).encode()
    api.post("/cgi-bin/menu/create", params={"access_token": token}, content=menu)
    page.get_by_role("navigation", name="公众号菜单").get_by_role("button", name="扫码签到").click()
    page.get_by_label("扫到的内容").fill("hall-1")
    page.locator("#compose").get_by_role("button", name="发送").click()
    product.wait_for(1, lambda heard: b"CHECK_IN" in heard.body and b"hall-1" in heard.body)


def test_switches_and_refusals(page: Page, address: str) -> None:
    page.get_by_text("微信的设置").click()
    page.get_by_label("网页授权来自快照页").check()
    page.get_by_text("更多动作").click()
    page.get_by_label("不收公众号的消息").check()
    expect(page.get_by_label("不收公众号的消息")).to_be_checked()
    page.reload()
    page.get_by_text("微信的设置").click()
    expect(page.get_by_label("网页授权来自快照页")).to_be_checked()
    assert httpx.get(f"{address}sandbox/users").json()["items"][0]["refuses_messages"] is True


@pytest.mark.parametrize("width", [390, 1366])
def test_the_report_of_rules(page: Page, product: Product, config: Config, width: int) -> None:
    product.answer = lambda heard: (200, text_reply(config.account, heard.query["openid"], "字" * 700))
    page.get_by_label("消息", exact=True).fill("你好")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text(FAULT_TEXT)).to_be_visible()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{page.url}conformance")
    expect(page.get_by_text("有 1 条规矩没守住")).to_be_visible()
    expect(page.get_by_text("文字有 2100 字节")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="重新开始").click()
    expect(page.get_by_text("还没有回复")).to_be_visible()


def test_a_web_login_asks_for_consent(page: Page, address: str, product: Product) -> None:
    query = {
        "appid": ACCOUNT_APP_ID,
        "redirect_uri": f"{product.url}/h5/",
        "response_type": "code",
        "scope": "snsapi_userinfo",
        "state": "s1",
    }
    page.goto(f"{address}connect/oauth2/authorize?{urlencode(query)}")
    expect(page.get_by_text("王小明的手机")).to_be_visible()
    page.get_by_role("button", name="允许").click()
    (heard,) = product.wait_for(1, lambda heard: heard.path == "/h5/")
    assert (heard.query["state"], bool(heard.query["code"])) == ("s1", True)
