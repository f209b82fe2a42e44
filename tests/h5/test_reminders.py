"""`/h5/reminders`: WeChat's own button, signed for this page alone (wechat-protocol §2.4, §5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from backend.demonstration.templates import map_sandbox_templates
from backend.settings import Settings
from backend.storage import transaction
from backend.wechat.client import WeChatClient
from backend.wechat.tickets import signature_of
from messages import Channel, map_template, note_subscription
from messages.agreements import Agreement, to_ask_for
from tests.h5.conftest import Browser, WeChat
from tests.h5.test_own_page import wang
from tests.wechat.stand_in import Call, Reply, refusal, success

__all__ = ["wang"]

Browsers = Callable[..., Browser]

OURS = "https://mz.example.cn"
PAGE = f"{OURS}/h5/reminders"
JS = "https://res.wx.qq.com"
TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture(autouse=True)
def account(app: Flask, wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChatClient]:
    """The product at mz.example.cn, asking the stub for tickets."""
    settings: Settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(settings, public_base_url=OURS, wechat_js_base_url=JS))
    with transaction():
        map_sandbox_templates(settings)
    wechat.stub.answers |= {
        "/cgi-bin/stable_token": lambda _call: success(access_token="t" * 32, expires_in=7200),
        TICKET: lambda _call: success(errcode=0, errmsg="ok", ticket="TICKET", expires_in=7200),
    }
    made = WeChatClient(settings.account, wechat.stub.url, app.extensions["redis"])
    made.tokens.rejected("t" * 32)
    monkeypatch.setitem(app.extensions, "wechat_account", made)
    yield made
    made.close()


def sign(browser: Browser, url: str) -> Any:
    return browser.client.get("/h5/reminders/signature", query_string={"url": url})


def test_the_page_asks_first_for_what_lies_ahead(wang: Browser) -> None:
    answer = wang.client.get("/h5/reminders")
    assert answer.status_code == 200
    assert "您有预约，还没有同意提醒" in answer.text
    (asked,) = [line for line in answer.text.splitlines() if "<wx-open-subscribe" in line]
    ids = asked.split('"')[1].split(",")
    assert ids[0] == "BIZ_APPOINTMENT_REMINDER"
    assert len(ids) == 3
    assert 'href="/h5/reminders"' in wang.page()


def test_only_this_page_may_run_scripts_and_only_wechats_and_ours(wang: Browser) -> None:
    policy = wang.client.get("/h5/reminders").headers["Content-Security-Policy"]
    assert "script-src 'self' https://res.wx.qq.com;" in policy
    assert "frame-src https://*.qq.com webcompt:" in policy
    assert policy.startswith("default-src 'none'; ")
    for path in ("/h5/me", "/h5/privacy", "/h5/signed-out"):
        assert "script-src" not in wang.client.get(path).headers["Content-Security-Policy"]


def test_what_was_agreed_shows_once_wechat_has_said_so(app: Flask, wang: Browser) -> None:
    with transaction():
        app_id = app.extensions["settings"].account.app_id
        note_subscription(app_id, wang.openid, [("BIZ_APPOINTMENT_REMINDER", True)])
    assert "已经同意，还能提醒 1 次" in wang.client.get("/h5/reminders").text


def test_without_templates_there_is_nothing_to_agree_to(app: Flask, wang: Browser, wechat: WeChat) -> None:
    from messages.templates import clear_template, mapped_templates

    app_id = app.extensions["settings"].account.app_id
    with transaction():
        for row in mapped_templates(app_id):
            clear_template(app_id, row.channel, row.notice)
    answer = wang.client.get("/h5/reminders")
    assert "<script" not in answer.text
    assert wechat.stub.calls_to(TICKET) == []


def test_the_page_is_signed_as_the_browser_shows_it(app: Flask, wang: Browser, wechat: WeChat) -> None:
    for url in (PAGE, f"{PAGE}?from=singlemessage", f"{PAGE}#top"):
        signed = sign(wang, url).get_json()
        wanted = signature_of("TICKET", signed["nonceStr"], signed["timestamp"], url.partition("#")[0])
        assert signed["signature"] == wanted
        assert signed["appId"] == app.extensions["settings"].account.app_id
        assert set(signed) == {"appId", "timestamp", "nonceStr", "signature"}
    assert len(wechat.stub.calls_to(TICKET)) <= 1, "the ticket is shared"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example.cn/h5/reminders",
        "https://mz.example.cn.evil.cn/h5/reminders",
        "https://mz.example.cn:444/h5/reminders",
        "https://mz.example.cn:443/h5/reminders",
        "https://mz.example.cn@evil.cn/h5/reminders",
        "https://evil.cn@mz.example.cn/h5/reminders",
        "https://mz.example.cn\\@evil.cn/h5/reminders",
        "https://mz.example.cn\t/h5/reminders",
        "http://mz.example.cn/h5/reminders",
        "//mz.example.cn/h5/reminders",
        "https://mz.example.cn/h5/reminders/../../evil",
        "https://mz.example.cn/h5/me",
        "https://mz.example.cn/h5/reminders?" + "a" * 2100,
        "https://mz.example.cn/h5/reminders?\x00",
        "https://mz.example.cn/h5/reminders?a b",
    ],
)
def test_nothing_else_is_signed(wang: Browser, wechat: WeChat, url: str) -> None:
    answer = sign(wang, url)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")
    assert wechat.stub.calls_to(TICKET) == []


def test_strangers_get_no_signature(browser: Browsers) -> None:
    answer = sign(browser(), PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/h5/login?")


def test_while_wechat_is_away_the_page_says_so(wang: Browser, wechat: WeChat) -> None:
    def busy(_call: Call) -> Reply:
        return refusal(-1)

    wechat.stub.answers[TICKET] = busy
    answer = sign(wang, PAGE)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "wechat_unavailable")


def test_one_time_and_long_term_are_never_asked_for_together(app: Flask) -> None:
    def one(name: str, *, long_term: bool, left: int = 0) -> Agreement:
        return Agreement(name, "预约提醒", long_term, left, wanted=False)

    both = [one("LONG", long_term=True), one("ONCE", long_term=False)]
    assert [asked.template_id for asked in to_ask_for(both)] == ["LONG"]
    agreed = [one("LONG", long_term=True, left=1), one("ONCE", long_term=False, left=2)]
    assert [asked.template_id for asked in to_ask_for(agreed)] == ["ONCE"]
    assert to_ask_for([one("LONG", long_term=True, left=1)]) == []


def test_a_long_term_word_is_said_once(app: Flask, wang: Browser) -> None:
    app_id = app.extensions["settings"].account.app_id
    with transaction():
        fields = {"thing1": "matter"}
        for notice in ("marriage.reminder_day_before", "marriage.reminder_two_hours"):
            map_template(app_id, Channel.SUBSCRIBE, notice, "LONG", fields, long_term=True)
        note_subscription(app_id, wang.openid, [("LONG", True)])
    assert "已经同意，以后都会提醒您" in wang.client.get("/h5/reminders").text
