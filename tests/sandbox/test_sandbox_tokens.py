"""access_token and login codes: wechat-protocol.md §2 and §3.1."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.sandbox.support import (
    ACCOUNT_APP_ID,
    MINIPROGRAM_APP_ID,
    SECRET,
    advance,
    call,
    stable_token,
)

GRANT = {"grant_type": "client_credential", "appid": ACCOUNT_APP_ID, "secret": SECRET}


def classic_token(client: FlaskClient, **changes: str) -> dict[str, Any]:
    return client.get("/cgi-bin/token", query_string=GRANT | changes).json


def errcode(client: FlaskClient, token: str | None, path: str = "/cgi-bin/getcallbackip") -> int:
    """What a call with this token brings; 0 is success."""
    answer = client.get(path, query_string={} if token is None else {"access_token": token}).json
    return answer.get("errcode", 0)


def test_a_new_classic_token_leaves_the_old_one_five_minutes(client: FlaskClient) -> None:
    old, new = (classic_token(client)["access_token"] for _ in range(2))
    assert old != new
    advance(client, 299)
    assert errcode(client, old) == 0
    advance(client, 2)
    assert errcode(client, old) == 40001
    assert errcode(client, new) == 0


def test_tokens_expire(client: FlaskClient) -> None:
    token = classic_token(client)["access_token"]
    advance(client, 7201)
    assert errcode(client, token) == 42001


def test_missing_nonsense_and_unknown_tokens(client: FlaskClient) -> None:
    assert errcode(client, None) == 41001
    assert errcode(client, "nonsense") == 40014
    assert errcode(client, "12_" + "a" * 120) == 40001


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"appid": "wx1234567890abcdef"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 41004),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_credentials(client: FlaskClient, changes: dict[str, str], expected: int) -> None:
    assert classic_token(client, **changes)["errcode"] == expected
    assert client.post("/cgi-bin/stable_token", json=GRANT | changes).json["errcode"] == expected


def test_errmsg_ends_with_a_request_id(client: FlaskClient) -> None:
    assert classic_token(client, secret="wrong")["errmsg"].rpartition(" rid: ")[2].count("-") == 2


def test_stable_token_is_the_same_until_its_last_five_minutes(client: FlaskClient) -> None:
    first = stable_token(client, ACCOUNT_APP_ID)
    advance(client, 6890)
    assert stable_token(client, ACCOUNT_APP_ID) == first
    advance(client, 15)
    second = stable_token(client, ACCOUNT_APP_ID)
    assert second != first
    assert (errcode(client, first), errcode(client, second)) == (0, 0)
    advance(client, 300)
    assert (errcode(client, first), errcode(client, second)) == (42001, 0)


def test_forced_refresh_kills_at_once_but_not_within_thirty_seconds(client: FlaskClient) -> None:
    first = stable_token(client, ACCOUNT_APP_ID)
    second = stable_token(client, ACCOUNT_APP_ID, force_refresh=True)
    assert second != first
    assert errcode(client, first) == 40001
    assert stable_token(client, ACCOUNT_APP_ID, force_refresh=True) == second


def test_forced_refresh_twenty_times_a_day(client: FlaskClient) -> None:
    for _ in range(20):
        stable_token(client, ACCOUNT_APP_ID, force_refresh=True)
        advance(client, 31)
    refused = client.post("/cgi-bin/stable_token", json=GRANT | {"force_refresh": True}).json
    assert refused["errcode"] == 45009


def test_classic_and_stable_do_not_touch_each_other(client: FlaskClient) -> None:
    stable = stable_token(client, ACCOUNT_APP_ID)
    classic = classic_token(client)["access_token"]
    stable_token(client, ACCOUNT_APP_ID, force_refresh=True)
    advance(client, 301)
    assert errcode(client, classic) == 0
    assert errcode(client, stable) == 40001


def test_a_token_is_good_for_its_own_product(client: FlaskClient, miniprogram_token: str) -> None:
    assert errcode(client, miniprogram_token, "/cgi-bin/menu/get") == 48001
    assert call(client, "/cgi-bin/message/template/send", miniprogram_token, {"touser": "o"})["errcode"] == 48001


def test_methods_and_bodies(client: FlaskClient, account_token: str) -> None:
    query = {"access_token": account_token}
    assert client.get("/cgi-bin/message/custom/send", query_string=query).json["errcode"] == 43002
    assert client.post("/cgi-bin/menu/get", query_string=query).json["errcode"] == 43001
    for raw, expected in [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        (b'{"touser":"\\u738b"}', 40033),
    ]:
        sent = client.post("/cgi-bin/message/custom/send", query_string=query, data=raw)
        assert sent.json["errcode"] == expected, raw
    escaped_backslash = b'{"touser":"C:\\\\users1234"}'
    sent = client.post("/cgi-bin/message/custom/send", query_string=query, data=escaped_backslash)
    assert sent.json["errcode"] == 40003
    assert client.get("/cgi-bin/no/such/thing").json["errcode"] == 40066


def session(client: FlaskClient, code: str, **changes: str) -> dict[str, Any]:
    query = {
        "appid": MINIPROGRAM_APP_ID,
        "secret": SECRET,
        "js_code": code,
        "grant_type": "authorization_code",
    } | changes
    return client.get("/sns/jscode2session", query_string=query).json


def new_code(client: FlaskClient, user: dict[str, Any]) -> str:
    return client.post(f"/sandbox/users/{user['id']}/login_code").json["code"]


def test_login_code_is_good_once(client: FlaskClient, wang: dict[str, Any]) -> None:
    code = new_code(client, wang)
    answer = session(client, code)
    assert answer["openid"] == wang["miniprogram_openid"] != wang["account_openid"]
    assert answer["unionid"] == wang["unionid"]
    assert len(answer["session_key"]) == 24
    assert session(client, code)["errcode"] == 40163


def test_login_code_lives_five_minutes(client: FlaskClient, wang: dict[str, Any]) -> None:
    code = new_code(client, wang)
    advance(client, 300)
    assert session(client, code)["errcode"] == 40029


def test_login_code_errors(client: FlaskClient, wang: dict[str, Any]) -> None:
    code = new_code(client, wang)
    assert session(client, "")["errcode"] == 41008
    assert session(client, "made-up")["errcode"] == 40029
    assert session(client, code, appid="wx1234567890abcdef")["errcode"] == 40013
    assert session(client, code, secret="wrong")["errcode"] == 40125
    assert session(client, code, appid=ACCOUNT_APP_ID)["errcode"] == 40029
    assert session(client, code)["openid"] == wang["miniprogram_openid"]


def test_the_journal_shortens_secrets(client: FlaskClient, wang: dict[str, Any]) -> None:
    token = classic_token(client)["access_token"]
    errcode(client, token)
    key = session(client, new_code(client, wang))["session_key"]
    journal = client.get("/sandbox/journal").text
    assert token[:6] in journal
    for secret in (token, SECRET, key):
        assert secret not in journal
