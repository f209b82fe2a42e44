"""Mini-program sessions, phone numbers and web logins: wechat-protocol.md §3, §4."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from sandbox.wechat.login import session_signature
from tests.sandbox.conformance import broken_rules
from tests.sandbox.support import (
    ACCOUNT_APP_ID,
    MINIPROGRAM_APP_ID,
    SECRET,
    Product,
    act,
    advance,
    call,
    fetch,
    stable_token,
    turn,
)

PHONE = "/wxa/business/getuserphonenumber"
RESULT = "/h5/sign-in"


def login(client: FlaskClient, code: str, **changes: str) -> dict[str, Any]:
    query = {"appid": MINIPROGRAM_APP_ID, "secret": SECRET, "js_code": code, "grant_type": "authorization_code"}
    return client.get("/sns/jscode2session", query_string=query | changes).json


def web_token(client: FlaskClient, code: str, **changes: str) -> dict[str, Any]:
    query = {"appid": ACCOUNT_APP_ID, "secret": SECRET, "code": code, "grant_type": "authorization_code"}
    return client.get("/sns/oauth2/access_token", query_string=query | changes).json


def test_signature_vector() -> None:
    expected = "65c26191fb220dd48254bddaae22d91dbbfeabf55089d8b176eb6e7cd3109414"
    assert session_signature("MDEyMzQ1Njc4OWFiY2RlZg==") == expected


def test_session_key_is_checked_replaced_and_lost(
    client: FlaskClient, miniprogram_token: str, wang: dict[str, Any]
) -> None:
    session = login(client, act(client, wang, "login_code")["code"])
    query = {"openid": session["openid"], "sig_method": "hmac_sha256"}
    query["signature"] = session_signature(session["session_key"])

    def check(**changes: str) -> int:
        return fetch(client, "/wxa/checksession", miniprogram_token, **(query | changes))["errcode"]

    assert check() == 0
    assert check(signature="0" * 64) == 87009
    assert check(openid="oNobody") == 40003
    assert check(sig_method="md5") == 47003
    renewed = fetch(client, "/wxa/resetusersessionkey", miniprogram_token, **query)
    assert renewed["openid"] == session["openid"]
    assert renewed["session_key"] != session["session_key"]
    assert check() == 87009
    query["signature"] = session_signature(renewed["session_key"])
    assert check() == 0
    assert client.delete(f"/sandbox/users/{wang['id']}/session").json == {"ended": True}
    assert check() == 87009


def test_a_later_login_replaces_the_key(client: FlaskClient, wang: dict[str, Any]) -> None:
    keys = {login(client, act(client, wang, "login_code")["code"])["session_key"] for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize("bound", [True, False])
def test_unionid_only_where_bound(client: FlaskClient, account_token: str, wang: dict[str, Any], bound: bool) -> None:
    turn(client, unionid_bound=bound)
    code = act(client, wang, "oauth_code", scope="snsapi_userinfo")["code"]
    base = act(client, wang, "oauth_code")["code"]
    told = [
        login(client, act(client, wang, "login_code")["code"]),
        fetch(client, "/cgi-bin/user/info", account_token, openid=wang["account_openid"]),
        web_token(client, code),
    ]
    assert [one.get("unionid") for one in told] == [wang["unionid"] if bound else None] * 3
    assert "unionid" not in web_token(client, base)


def test_phone_number_by_its_own_code(client: FlaskClient, miniprogram_token: str, wang: dict[str, Any]) -> None:
    def ask(code: str, **more: str) -> dict[str, Any]:
        return call(client, PHONE, miniprogram_token, {"code": code, **more})

    given = act(client, wang, "phone_code")
    answer = ask(given["code"], openid=wang["miniprogram_openid"])["phone_info"]
    assert answer["phoneNumber"] == answer["purePhoneNumber"] == given["phone"] == wang["phone"]
    assert (answer["countryCode"], answer["watermark"]["appid"]) == ("86", MINIPROGRAM_APP_ID)
    assert ask(given["code"])["errcode"] == 40029
    assert ask(act(client, wang, "login_code")["code"])["errcode"] == 40029
    assert login(client, act(client, wang, "phone_code")["code"])["errcode"] == 40029
    assert ask(act(client, wang, "phone_code")["code"], openid="oSomebodyElse")["errcode"] == 40029
    assert ask("")["errcode"] == 40029
    late = act(client, wang, "phone_code")["code"]
    advance(client, 301)
    fresh = stable_token(client, MINIPROGRAM_APP_ID)
    assert call(client, PHONE, fresh, {"code": late})["errcode"] == 40029


def test_phone_code_of_another_app(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    code = act(client, wang, "phone_code")["code"]
    assert call(client, PHONE, account_token, {"code": code})["errcode"] == 40013


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wxffffffffffffffff"}, 40013),
        ({"appid": MINIPROGRAM_APP_ID}, 40029),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
        ({"code": ""}, 41008),
        ({"code": "0nonsense"}, 40029),
        ({"grant_type": "client_credential"}, 40002),
    ],
)
def test_web_login_refusals(client: FlaskClient, wang: dict[str, Any], changes: dict[str, str], errcode: int) -> None:
    code = act(client, wang, "oauth_code")["code"]
    assert web_token(client, **({"code": code} | changes))["errcode"] == errcode


def test_web_login_with_profile(client: FlaskClient, wang: dict[str, Any]) -> None:
    code = act(client, wang, "oauth_code", scope="snsapi_userinfo")["code"]
    issued = web_token(client, code)
    assert (issued["openid"], issued["scope"]) == (wang["account_openid"], "snsapi_userinfo")
    assert "is_snapshotuser" not in issued
    assert web_token(client, code)["errcode"] == 40163
    profile = fetch(client, "/sns/userinfo", issued["access_token"], openid=issued["openid"], lang="zh_CN")
    assert (profile["nickname"], profile["unionid"], profile["city"]) == ("王小明", wang["unionid"], "")
    assert fetch(client, "/sns/auth", issued["access_token"], openid=issued["openid"])["errcode"] == 0
    assert fetch(client, "/sns/auth", issued["access_token"], openid="oNobody")["errcode"] == 40003
    assert fetch(client, "/sns/auth", "", openid=issued["openid"])["errcode"] == 41001
    assert fetch(client, "/sns/userinfo", "12_nonsense", openid=issued["openid"])["errcode"] == 40001


def test_tokens_of_users_and_of_the_api_are_not_the_same(
    client: FlaskClient, account_token: str, wang: dict[str, Any]
) -> None:
    issued = web_token(client, act(client, wang, "oauth_code")["code"])
    openid = issued["openid"]
    assert fetch(client, "/sns/userinfo", account_token, openid=openid)["errcode"] == 40001
    assert fetch(client, "/cgi-bin/user/info", issued["access_token"], openid=openid)["errcode"] in (40001, 40014)
    # snsapi_base gives the openid and no more.
    assert fetch(client, "/sns/userinfo", issued["access_token"], openid=openid)["errcode"] == 48001


def test_web_codes_and_tokens_grow_old(client: FlaskClient, wang: dict[str, Any]) -> None:
    def refresh(**changes: str) -> dict[str, Any]:
        query = {
            "appid": ACCOUNT_APP_ID,
            "grant_type": "refresh_token",
            "refresh_token": issued["refresh_token"],
        }
        return client.get("/sns/oauth2/refresh_token", query_string=query | changes).json

    late = act(client, wang, "oauth_code")["code"]
    issued = web_token(client, act(client, wang, "oauth_code")["code"])
    advance(client, 301)
    assert web_token(client, late)["errcode"] == 42003
    assert refresh()["access_token"] == issued["access_token"]
    advance(client, 7201)
    assert fetch(client, "/sns/auth", issued["access_token"], openid=issued["openid"])["errcode"] == 42001
    renewed = refresh()
    assert renewed["access_token"] != issued["access_token"]
    assert fetch(client, "/sns/auth", renewed["access_token"], openid=issued["openid"])["errcode"] == 0
    for changes, errcode in [
        ({"refresh_token": ""}, 41003),
        ({"refresh_token": "12_x"}, 40030),
        ({"appid": MINIPROGRAM_APP_ID}, 40013),
        ({"grant_type": "authorization_code"}, 40002),
    ]:
        assert refresh(**changes)["errcode"] == errcode
    advance(client, 30 * 86400)
    assert refresh()["errcode"] == 42002


def test_a_snapshot_user_is_marked_and_is_nobody(client: FlaskClient, wang: dict[str, Any]) -> None:
    code = act(client, wang, "oauth_code", scope="snsapi_userinfo", snapshot=True)["code"]
    issued = web_token(client, code)
    assert issued["is_snapshotuser"] == 1
    assert issued["openid"] != wang["account_openid"]
    assert issued["unionid"] != wang["unionid"]
    profile = fetch(client, "/sns/userinfo", issued["access_token"], openid=issued["openid"])
    assert profile["nickname"] == "微信用户"


def authorize(client: FlaskClient, product: Product, scope: str, /, **changes: str | None) -> Any:
    wanted = {
        "appid": ACCOUNT_APP_ID,
        "redirect_uri": f"{product.url}{RESULT}?a=1",
        "response_type": "code",
        "scope": scope,
        "state": "s1",
    }
    query = {name: value for name, value in (wanted | changes).items() if value is not None}
    return client.get("/connect/oauth2/authorize?" + urlencode(query))


def back(answer: Any) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def test_silent_web_login(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    answer = authorize(client, product, "snsapi_base", state="a b&c")
    assert answer.location.startswith(product.url + RESULT)
    got = back(answer)
    assert (got["state"], got["a"]) == ("a b&c", "1")
    assert web_token(client, got["code"])["openid"] == wang["account_openid"]
    assert broken_rules(client) == {}


def test_consent_is_asked_and_can_be_refused(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    page = authorize(client, product, "snsapi_userinfo")
    assert page.status_code == 200
    assert "申请使用您的" in page.text
    form = {
        "appid": ACCOUNT_APP_ID,
        "redirect_uri": f"{product.url}{RESULT}",
        "response_type": "code",
        "scope": "snsapi_userinfo",
        "state": "s1",
    }
    assert back(client.post("/connect/oauth2/decision", data=form | {"answer": "refuse"})) == {"state": "s1"}
    got = back(client.post("/connect/oauth2/decision", data=form | {"answer": "allow"}))
    assert web_token(client, got["code"])["scope"] == "snsapi_userinfo"


def test_a_stranger_to_the_page_is_asked_whose_phone_it_is(
    client: FlaskClient, product: Product, wang: dict[str, Any]
) -> None:
    page = authorize(client, product, "snsapi_base")
    assert page.status_code == 200
    assert "这是谁的手机" in page.text
    query = urlencode({"resident": wang["id"], "query": page.request.query_string.decode()})
    led = client.get(f"/connect/oauth2/holder?{query}", follow_redirects=False)
    assert back(client.get(led.location))["state"] == "s1"


def test_snapshot_switch(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    turn(client, snapshot_user=True)
    got = back(authorize(client, product, "snsapi_userinfo"))
    assert web_token(client, got["code"])["is_snapshotuser"] == 1
    assert "is_snapshotuser" not in web_token(client, back(authorize(client, product, "snsapi_base"))["code"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appid": MINIPROGRAM_APP_ID}, 40013),
        ({"redirect_uri": "https://evil.example/x"}, 10003),
        ({"redirect_uri": "javascript:alert(1)"}, 10003),
        ({"scope": "snsapi_login"}, 10005),
        ({"response_type": "token"}, 10002),
        ({"response_type": None}, 10002),
        ({"state": "x" * 129}, 10002),
    ],
)
def test_web_login_page_refuses(
    client: FlaskClient, product: Product, wang: dict[str, Any], changes: dict[str, str | None], code: int
) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    page = authorize(client, product, "snsapi_base", **changes)
    assert page.status_code == 200
    assert f"错误码 {code}" in page.text


def test_parameters_in_another_order_are_refused(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    query = urlencode(
        {
            "redirect_uri": product.url,
            "appid": ACCOUNT_APP_ID,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "s",
        }
    )
    assert "错误码 10002" in client.get(f"/connect/oauth2/authorize?{query}").text


def test_another_domain_may_be_configured(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    client.set_cookie("sandbox_phone", wang["id"])
    turn(client, oauth_domain="mz.example.cn")
    assert "错误码 10003" in authorize(client, product, "snsapi_base").text
    assert "错误码 10003" in authorize(client, product, "snsapi_base", redirect_uri="https://a.mz.example.cn/").text
    assert back(authorize(client, product, "snsapi_base", redirect_uri="https://mz.example.cn/x"))["state"] == "s1"
