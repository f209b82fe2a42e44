"""Signing in inside WeChat's browser: bound to it, one use, no strangers, no virtual users (§4.1, §10 no. 15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.h5.sessions import own_path
from backend.kernel.clock import MovableClock
from backend.people import log_in
from backend.people.identities import identity_for
from backend.people.logins import LIFETIMES
from backend.people.rules import LoginKind
from backend.storage import transaction
from messages import Product
from tests.chat.phone import count, everything_stored
from tests.concurrency.support import all_at_once
from tests.h5.conftest import Browser, WeChat

Browsers = Callable[..., Browser]


def test_the_page_asks_wechat_silently_and_comes_back(app: Flask, browser: Browsers) -> None:
    wang = browser()
    closed = wang.client.get("/h5/me")
    assert (closed.status_code, closed.location) == (303, "/h5/login?next=/h5/me")
    asked = wang.begins("/h5/login", next="/h5/me")
    settings = app.extensions["settings"]
    assert asked["appid"] == settings.account.app_id
    assert asked["redirect_uri"] == f"{settings.public_base_url}/h5/login/back"
    assert (asked["response_type"], asked["scope"]) == ("code", "snsapi_base")
    back = wang.comes_back(wang.code(), asked["state"])
    assert (back.status_code, back.location) == (303, "/h5/me")
    assert "我的预约和通知" in wang.page()


def test_the_cookies_are_for_us_alone(browser: Browsers) -> None:
    wang = browser()
    cookies = [
        *wang.client.get("/h5/login").headers.getlist("Set-Cookie"),
        *wang.signs_in().headers.getlist("Set-Cookie"),
    ]
    assert {cookie.partition("=")[0] for cookie in cookies} == {"h5_login", "h5_session"}
    for cookie in cookies:
        assert {"HttpOnly", "Path=/h5", "SameSite=Lax"} <= set(cookie.split("; "))


def test_in_production_they_are_secure(app: Flask, browser: Browsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(app.extensions["settings"]), "demonstration", False)
    wang = browser()
    for answer in (wang.client.get("/h5/login"), wang.signs_in()):
        assert all("Secure" in cookie.split("; ") for cookie in answer.headers.getlist("Set-Cookie"))


def test_loading_the_page_twice_does_no_harm(browser: Browsers, wechat: WeChat) -> None:
    wang = browser()
    state, code = wang.begins()["state"], wang.code()
    assert wang.comes_back(code, state).status_code == 303
    again = wang.comes_back(code, state)
    assert (again.status_code, again.location) == (303, "/h5/me")
    assert wang.signed_in()
    assert wechat.exchanges == 1


def test_a_first_answer_that_was_lost_is_given_again(app: Flask, browser: Browsers, wechat: WeChat) -> None:
    """The phone aborts the first load: its cookie never arrives, WeChat would say 40163 to the second."""
    wang = browser()
    state, code = wang.begins()["state"], wang.code()
    begun = wang.client.get_cookie("h5_login", path="/h5")
    assert begun is not None
    aborted = app.test_client()
    aborted.set_cookie("h5_login", begun.value, path="/h5")
    assert aborted.get("/h5/login/back", query_string={"code": code, "state": state}).status_code == 303
    assert wang.comes_back(code, state).location == "/h5/me"
    assert wang.signed_in()
    assert wechat.exchanges == 1


def test_both_loads_at_once_are_one_exchange(app: Flask, browser: Browsers, wechat: WeChat) -> None:
    wang = browser()
    state, code = wang.begins()["state"], wang.code()
    begun = wang.client.get_cookie("h5_login", path="/h5")
    assert begun is not None
    cookie = begun.value

    def load(_index: int) -> None:
        client = app.test_client()
        client.set_cookie("h5_login", cookie, path="/h5")
        answer = client.get("/h5/login/back", query_string={"code": code, "state": state})
        assert answer.location == "/h5/me"
        assert client.get("/h5/me").status_code == 200

    assert all_at_once(4, load) == Counter(done=4)
    assert wechat.exchanges == 1
    assert count("persons") == 1


def test_another_browsers_link_signs_nobody_in(browser: Browsers, wechat: WeChat) -> None:
    """A thief sends a link with a code of the thief's own; or steals one that has been used."""
    thief, wang = browser("oThief000000000000000000001"), browser()
    state, code = thief.begins()["state"], thief.code()
    for answer in (wang.comes_back(code, state), wang.comes_back(code, ""), wang.comes_back(code, "状态")):
        assert answer.status_code == 400
        assert "请再打开一次" in answer.text
    wang.begins()
    assert wang.comes_back(code, state).status_code == 400
    assert not wang.signed_in()
    assert wechat.exchanges == 0


def test_a_used_code_of_somebody_else_opens_nothing(browser: Browsers) -> None:
    wang, thief = browser(), browser("oThief000000000000000000001")
    code = wang.code()
    wang.comes_back(code, wang.begins()["state"])
    answer = thief.comes_back(code, thief.begins()["state"])
    assert "h5_session" not in str(answer.headers)
    assert not thief.signed_in()


def test_what_was_begun_is_over_after_a_while(browser: Browsers, clock: MovableClock) -> None:
    wang = browser()
    state = wang.begins()["state"]
    clock.advance(timedelta(minutes=10, seconds=1))
    assert wang.comes_back(wang.code(), state).status_code == 400


def test_a_forged_cookie_counts_for_nothing(browser: Browsers) -> None:
    wang = browser()
    state = wang.begins()["state"]
    wang.client.set_cookie("h5_login", "e30.forged", path="/h5")
    assert wang.comes_back(wang.code(), state).status_code == 400


@pytest.mark.parametrize("code", ["never-issued", "0w1-code-of-the-mini-program"])
def test_another_apps_code_is_refused(browser: Browsers, code: str) -> None:
    """Once a fresh code is asked for by itself; the second time the person is told."""
    wang = browser()
    again = wang.comes_back(code, wang.begins()["state"])
    assert again.status_code == 303
    state = again.location.split("state=")[1].partition("#")[0]
    refused = wang.comes_back(f"{code}-2", state)
    assert (refused.status_code, refused.headers.get("Location")) == (400, None)
    assert count("wechat_identities") == 0


def test_a_virtual_user_is_asked_to_open_the_whole_page(browser: Browsers) -> None:
    wang = browser()
    shown = wang.signs_in(is_snapshotuser=1)
    assert shown.status_code == 403
    assert "请点“使用完整服务”" in shown.text
    assert count("persons") == count("wechat_identities") == count("login_codes") == 0
    assert wang.signs_in().status_code == 303


@pytest.mark.parametrize(("errcode", "status"), [(-1, 503), (40125, 503), (45011, 503), (40226, 403)])
def test_when_wechat_is_at_fault_it_says_so(browser: Browsers, wechat: WeChat, errcode: int, status: int) -> None:
    wang, wechat.errcode = browser(), errcode
    answer = wang.signs_in()
    assert answer.status_code == status
    assert "不是您" in answer.text


def test_whoever_declines_can_come_again(browser: Browsers) -> None:
    wang = browser()
    answer = wang.comes_back("", wang.begins()["state"])
    assert answer.status_code == 403
    assert "/h5/login?next=" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "/console", "/h5/../console", "/h5//evil"),
        *("/h5/me?next=//evil", "javascript:alert(1)", "/h5/me\r\nSet-Cookie: a=b", "", "/h5/", "/h5/" + "a" * 300),
    ],
)
def test_it_leads_to_our_own_pages_only(browser: Browsers, target: str) -> None:
    assert own_path(target) == "/h5/me"
    wang = browser()
    state = wang.begins("/h5/login", next=target)["state"]
    assert wang.comes_back(wang.code(), state).location == "/h5/me"


def test_it_leads_back_to_where_one_wanted_to_go(browser: Browsers) -> None:
    wang = browser()
    state = wang.begins("/h5/login", next="/h5/privacy")["state"]
    assert wang.comes_back(wang.code(), state).location == "/h5/privacy"


def test_the_unionid_is_asked_for_only_on_wish_and_joins(app: Flask, browser: Browsers, wechat: WeChat) -> None:
    wang = browser()
    wang.signs_in()
    assert "/sns/userinfo" not in [call.path for call in wechat.stub.calls]
    assert "和小程序合到一起" in wang.page()
    app_id = app.extensions["settings"].miniprogram.app_id
    identity_for(Product.MINIPROGRAM, app_id, "oMini", "union-wang")
    asked = wang.begins("/h5/login", more="1", next="/h5/me")
    assert asked["scope"] == "snsapi_userinfo"
    wechat.unionids[wang.openid] = "union-wang"
    wang.comes_back(wang.code(scope="snsapi_userinfo"), asked["state"])
    assert count("persons") == 1
    with transaction() as db:
        assert len(set(db.scalars(sa.text("SELECT person_id FROM wechat_identities")))) == 1
    assert "和小程序合到一起" not in wang.page()
    assert count("outbox_messages") == 1  # both are told


def test_sign_out_ends_it_and_only_by_ones_own_form(browser: Browsers) -> None:
    wang = browser()
    wang.signs_in()
    assert wang.presses_out(form_token="0" * 64).location == "/h5/me"
    assert wang.signed_in()
    stolen = wang.client.get_cookie("h5_session", path="/h5")
    assert stolen is not None
    out = wang.presses_out()
    assert out.location == "/h5/signed-out"
    assert "已经退出" in wang.client.get("/h5/signed-out").text
    assert not wang.signed_in()
    wang.client.set_cookie("h5_session", stolen.value, path="/h5")
    assert not wang.signed_in()


def test_a_login_ends_by_itself_and_a_new_one_ends_the_old(browser: Browsers, clock: MovableClock) -> None:
    wang = browser()
    wang.signs_in()
    wang.signs_in()
    assert count("login_sessions") == 1
    clock.advance(LIFETIMES[LoginKind.WEB])
    assert not wang.signed_in()


def test_neither_kind_of_token_opens_the_other(app: Flask, browser: Browsers) -> None:
    wang = browser()
    wang.signs_in()
    cookie = wang.client.get_cookie("h5_session", path="/h5")
    assert cookie is not None
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {cookie.value}"})
    assert answer.status_code == 401


def test_nothing_of_wechats_is_kept_in_the_clear_or_shown(browser: Browsers) -> None:
    wang = browser()
    state, code = wang.begins()["state"], wang.code()
    wang.comes_back(code, state)
    cookie = wang.client.get_cookie("h5_session", path="/h5")
    assert cookie is not None
    stored, shown = everything_stored(), wang.page()
    for secret in (code, state, cookie.value, f"user-token-{code}"):
        assert secret not in stored
        assert secret not in shown
    assert wang.openid not in shown


def test_one_sees_the_login_in_the_mini_program_and_can_end_it(app: Flask, browser: Browsers) -> None:
    wang = browser()
    wang.signs_in(unionid="union-wang")
    settings = app.extensions["settings"]
    token = log_in(settings.miniprogram.app_id, "oMini", "union-wang").token
    headers = {"Authorization": f"Bearer {token}"}
    items = app.test_client().get("/api/v1/me/sessions", headers=headers).get_json()["items"]
    [web] = [item for item in items if item["kind"] == "web"]
    revoked = app.test_client().post(f"/api/v1/me/sessions/{web['id']}/revoke", headers=headers)
    assert revoked.status_code == 204
    assert not wang.signed_in()
