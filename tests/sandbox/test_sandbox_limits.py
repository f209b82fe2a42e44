"""Quotas, whitelist, content checks, refusals of residents, fault scripts: wechat-protocol.md §0.1, §2.2, §5, §6.6."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.config import BEIJING
from sandbox.world import World
from tests.sandbox.support import (
    ACCOUNT_APP_ID,
    APPOINTMENT,
    MINIPROGRAM_APP_ID,
    SECRET,
    Heard,
    Product,
    act,
    advance,
    call,
    fetch,
    stable_token,
    turn,
)

TEMPLATE = "/cgi-bin/message/template/send"
BIZ = "/cgi-bin/message/subscribe/bizsend"
MINI = "/cgi-bin/message/subscribe/send"
CUSTOM = "/cgi-bin/message/custom/send"
CHECK = "/wxa/msg_sec_check"
BOOKED = "MP_APPOINTMENT_BOOKED"


def info(client: FlaskClient, token: str, user: dict[str, Any]) -> int:
    return fetch(client, "/cgi-bin/user/info", token, openid=user["account_openid"]).get("errcode", 0)


def limit(client: FlaskClient, path: str, **limits: int) -> None:
    assert client.post("/sandbox/quotas", json={"path": path, **limits}).status_code == 200


def to_clock(client: FlaskClient, world: World, hour: int, minute: int, second: int) -> None:
    """Move on to the next time it is this late in Beijing."""
    now = datetime.fromtimestamp(world.now(), BEIJING)
    wanted = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    wanted += timedelta(days=1) if wanted <= now else timedelta()
    assert client.post("/sandbox/clock", json={"to": wanted.isoformat()}).status_code == 200


def test_a_day_ends_at_midnight_in_beijing(client: FlaskClient, world: World, wang: dict[str, Any]) -> None:
    to_clock(client, world, 23, 59, 0)
    token = stable_token(client, ACCOUNT_APP_ID)
    limit(client, "/cgi-bin/user/info", daily=2)
    assert [info(client, token, wang) for _ in range(3)] == [0, 0, 45009]
    asked = {"cgi_path": "/cgi-bin/user/info"}
    quota = call(client, "/cgi-bin/openapi/quota/get", token, asked)["quota"]
    assert quota == {"daily_limit": 2, "used": 2, "remain": 0}
    advance(client, 90)
    assert info(client, token, wang) == 0


def test_a_minute(client: FlaskClient, world: World, wang: dict[str, Any]) -> None:
    to_clock(client, world, 10, 0, 1)
    token = stable_token(client, ACCOUNT_APP_ID)
    limit(client, "/cgi-bin/user/info", minute=1)
    assert [info(client, token, wang) for _ in range(2)] == [0, 45011]
    advance(client, 60)
    assert info(client, token, wang) == 0


def test_products_count_apart(client: FlaskClient, account_token: str, miniprogram_token: str) -> None:
    limit(client, "/wxaapi/newtmpl/gettemplate", daily=1)
    answers = [
        fetch(client, "/wxaapi/newtmpl/gettemplate", token)["errcode"]
        for token in (account_token, account_token, miniprogram_token)
    ]
    assert answers == [0, 45009, 0]


def test_quotas_are_cleared_ten_times_a_month(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    limit(client, "/cgi-bin/user/info", daily=0)
    assert info(client, account_token, wang) == 45009
    limit(client, "/cgi-bin/user/info", daily=1)
    assert [info(client, account_token, wang) for _ in range(2)] == [0, 45009]
    assert call(client, "/cgi-bin/clear_quota", account_token, {"appid": "wx1"})["errcode"] == 40013
    assert call(client, "/cgi-bin/clear_quota", account_token, {"appid": ACCOUNT_APP_ID})["errcode"] == 0
    assert info(client, account_token, wang) == 0
    body = {"appid": ACCOUNT_APP_ID, "appsecret": SECRET}
    answers = [client.post("/cgi-bin/clear_quota/v2", json=body).json["errcode"] for _ in range(10)]
    assert answers == [0] * 9 + [48006]
    wrong = client.post("/cgi-bin/clear_quota/v2", json=body | {"appsecret": "wrong"}).json
    assert wrong["errcode"] == 40125
    client.delete("/sandbox/quotas")
    assert call(client, "/cgi-bin/clear_quota", account_token, {"appid": ACCOUNT_APP_ID})["errcode"] == 0
    unknown = call(client, "/cgi-bin/openapi/quota/get", account_token, {"cgi_path": "/cgi-bin/poem"})
    assert unknown["errcode"] == 76021


def test_a_request_is_found_by_its_rid(client: FlaskClient, account_token: str, miniprogram_token: str) -> None:
    refused = call(client, TEMPLATE, account_token, {"touser": "oNobody"})
    rid = refused["errmsg"].rpartition("rid: ")[2]
    told = call(client, "/cgi-bin/openapi/rid/get", account_token, {"rid": rid})["request"]
    assert told["request_url"] == TEMPLATE
    assert "oNobody" in told["request_body"]
    for token, wanted, errcode in [
        (miniprogram_token, rid, 76003),
        (account_token, "0" * 8 + "-00000000-00000000", 76001),
        (account_token, "nonsense", 76002),
    ]:
        assert call(client, "/cgi-bin/openapi/rid/get", token, {"rid": wanted})["errcode"] == errcode


@pytest.mark.parametrize("path", ["/cgi-bin/token", "/cgi-bin/stable_token"])
def test_tokens_for_listed_addresses_only(client: FlaskClient, path: str) -> None:
    asked = {"grant_type": "client_credential", "appid": ACCOUNT_APP_ID, "secret": SECRET}

    def ask() -> dict[str, Any]:
        if path.endswith("stable_token"):
            return client.post(path, json=asked).json
        return client.get(path, query_string=asked).json

    turn(client, ip_whitelist=["203.0.113.7"])
    refused = ask()
    assert refused["errcode"] == 40164
    assert "127.0.0.1, not in whitelist" in refused["errmsg"]
    turn(client, ip_whitelist=["127.0.0.1"])
    assert "access_token" in ask()


@pytest.mark.parametrize(
    "switches",
    [
        {"unknown": 1},
        {"unionid_bound": "yes"},
        {"latency_seconds": 61},
        {"ip_whitelist": "127.0.0.1"},
        {"media_verdict": "good"},
        {"words": {"坏": "x"}},
        {"oauth_domain": "https://a.example/"},
    ],
)
def test_settings_are_checked(client: FlaskClient, switches: dict[str, Any]) -> None:
    before = client.get("/sandbox/settings").json
    answer = client.post("/sandbox/settings", json=switches)
    assert answer.status_code == 400
    assert answer.json["error"]
    assert client.get("/sandbox/settings").json == before


def test_settings_outlive_a_restart(client: FlaskClient, world: World, make_app: Any) -> None:
    turn(client, oauth_domain="mz.example.cn", words={"坏": 20001})
    world.close()
    again = make_app().test_client().get("/sandbox/settings").json
    assert (again["oauth_domain"], again["words"]) == ("mz.example.cn", {"坏": 20001})


def test_latency(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    turn(client, latency_seconds=0.3)
    started = time.monotonic()
    assert info(client, account_token, wang) == 0
    assert time.monotonic() - started >= 0.3


def check(client: FlaskClient, token: str, user: dict[str, Any], content: str, /, **changes: Any) -> dict[str, Any]:
    body = {"version": 2, "openid": user["miniprogram_openid"], "scene": 2, "content": content} | changes
    return call(client, CHECK, token, body)


def test_texts_are_checked(client: FlaskClient, miniprogram_token: str, wang: dict[str, Any]) -> None:
    assert check(client, miniprogram_token, wang, "你好")["errcode"] == 61010
    act(client, wang, "login_code")
    clean = check(client, miniprogram_token, wang, "你好")
    assert (clean["errcode"], clean["result"]) == (0, {"suggest": "pass", "label": 100})
    assert {one["strategy"] for one in clean["detail"]} == {"content_model", "keyword"}
    turn(client, words={"坏词": 20001, "广告": 10001})
    bad = check(client, miniprogram_token, wang, "一个坏词")
    assert (bad["errcode"], bad["result"]) == (0, {"suggest": "risky", "label": 20001})
    assert check(client, miniprogram_token, wang, "好", nickname="坏词")["result"]["suggest"] == "risky"
    assert check(client, miniprogram_token, wang, "广告")["result"] == {"suggest": "review", "label": 10001}
    for changes, errcode in [
        ({"version": 1}, 47003),
        ({"scene": 9}, 47003),
        ({"content": ""}, 47003),
        ({"content": "字" * 2501}, 47003),
        ({"openid": wang["account_openid"]}, 40003),
    ]:
        assert check(client, miniprogram_token, wang, "好", **changes)["errcode"] == errcode
    advance(client, 2 * 3600 + 1)
    assert check(client, stable_token(client, MINIPROGRAM_APP_ID), wang, "好")["errcode"] == 61010


@pytest.mark.parametrize(("path", "errcode"), [("/picture", 0), ("/missing", -1008)])
def test_media_are_checked_later(
    client: FlaskClient, product: Product, miniprogram_token: str, wang: dict[str, Any], path: str, errcode: int
) -> None:
    def answer(heard: Heard) -> tuple[int, bytes]:
        return (404, b"") if heard.path == "/missing" else (200, b"success")

    product.answer = answer
    act(client, wang, "login_code")
    turn(client, media_verdict="risky")
    body = {
        "media_url": product.url + path,
        "media_type": 2,
        "version": 2,
        "openid": wang["miniprogram_openid"],
        "scene": 1,
    }
    trace = call(client, "/wxa/media_check_async", miniprogram_token, body)["trace_id"]
    (heard,) = product.wait_for(1, lambda heard: b"wxa_media_check" in heard.body)
    event = json.loads(heard.body)
    assert (event["trace_id"], event["version"], event["errcode"]) == (trace, 2, errcode)
    assert event["result"]["suggest"] == ("risky" if errcode == 0 else "review")
    for changes, refused in [
        ({"version": 1}, 47003),
        ({"media_type": 3}, 47003),
        ({"media_url": "file:///etc/passwd"}, 47003),
        ({"openid": "oNobody"}, 40003),
    ]:
        assert call(client, "/wxa/media_check_async", miniprogram_token, body | changes)["errcode"] == refused


def test_files_outside_this_machine_are_never_fetched(
    client: FlaskClient, product: Product, miniprogram_token: str, wang: dict[str, Any]
) -> None:
    act(client, wang, "login_code")
    body = {"media_url": "https://a.example/x", "media_type": 2, "version": 2, "scene": 1}
    call(client, "/wxa/media_check_async", miniprogram_token, body | {"openid": wang["miniprogram_openid"]})
    (heard,) = product.wait_for(1, lambda heard: b"wxa_media_check" in heard.body)
    assert json.loads(heard.body)["errcode"] == -1008


def biz(client: FlaskClient, token: str, user: dict[str, Any]) -> int:
    body = {"touser": user["account_openid"], "template_id": "BIZ_APPOINTMENT_BOOKED", "data": APPOINTMENT}
    return call(client, BIZ, token, body)["errcode"]


def consent(client: FlaskClient, user: dict[str, Any], template_id: str, **more: Any) -> dict[str, Any]:
    product = "miniprogram" if template_id.startswith("MP_") else "account"
    return act(client, user, "subscriptions", product=product, template_ids=[template_id], **more)


def test_main_switch_stops_asking_and_sending(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    consent(client, wang, "BIZ_APPOINTMENT_BOOKED")
    act(client, wang, "refusals", subscriptions_off=["account"])
    assert biz(client, account_token, wang) == 43101
    body = {"product": "account", "template_ids": ["BIZ_APPOINTMENT_BOOKED"]}
    refused = client.post(f"/sandbox/users/{wang['id']}/subscriptions", json=body)
    assert refused.status_code == 409
    assert "20004" in refused.json["error"]
    act(client, wang, "refusals", subscriptions_off=[])
    assert biz(client, account_token, wang) == 0


def test_credits_run_out_without_a_word(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    consent(client, wang, "BIZ_APPOINTMENT_BOOKED")
    pushes = len(product.heard)
    told = act(client, wang, "credits", template_id="BIZ_APPOINTMENT_BOOKED", count=0)
    assert told["credits"]["BIZ_APPOINTMENT_BOOKED"] == 0
    assert len(product.heard) == pushes
    assert biz(client, account_token, wang) == 43101


def test_a_banned_template(client: FlaskClient, product: Product, miniprogram_token: str, wang: dict[str, Any]) -> None:
    consent(client, wang, BOOKED)
    assert client.post("/sandbox/banned_templates", json={"template_ids": [BOOKED]}).status_code == 200
    pushes = len(product.heard)
    assert consent(client, wang, BOOKED)["results"] == {BOOKED: "ban"}
    assert len(product.heard) == pushes
    body = {"touser": wang["miniprogram_openid"], "template_id": BOOKED, "data": APPOINTMENT}
    assert call(client, MINI, miniprogram_token, body)["errcode"] == 43107
    client.post("/sandbox/banned_templates", json={"template_ids": []})
    assert call(client, MINI, miniprogram_token, body)["errcode"] == 0


def test_a_kept_refusal_answers_for_the_resident(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    consent(client, wang, "BIZ_APPOINTMENT_BOOKED", accept=False, keep=True)
    done = consent(client, wang, "BIZ_APPOINTMENT_BOOKED", accept=True)
    assert done["results"] == {"BIZ_APPOINTMENT_BOOKED": "reject"}
    assert b"reject" in product.heard[-1].body
    assert biz(client, account_token, wang) == 43101


def test_blocked_users(client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]) -> None:
    act(client, wang, "messages", text="你好")
    text = {"touser": wang["account_openid"], "msgtype": "text", "text": {"content": "好"}}
    notice = {
        "touser": wang["account_openid"],
        "template_id": "TPL_ACCOUNT_APPOINTMENT_REMINDER",
        "data": APPOINTMENT,
    }
    act(client, wang, "refusals", messages=True)
    assert call(client, CUSTOM, account_token, text)["errcode"] == 48002
    assert call(client, TEMPLATE, account_token, notice)["errcode"] == 0
    (heard,) = product.wait_for(1, lambda heard: b"TEMPLATESENDJOBFINISH" in heard.body)
    assert b"failed:user block" in heard.body
    items = client.get(f"/sandbox/users/{wang['id']}/chat").json["items"]
    assert [item for item in items if item["from"] == "notice"] == []
    act(client, wang, "refusals", messages=False, blacklisted=True)
    assert call(client, CUSTOM, account_token, text)["errcode"] == 43019
    assert call(client, TEMPLATE, account_token, notice)["errcode"] == 43019
    act(client, wang, "refusals", blacklisted=False)
    assert call(client, CUSTOM, account_token, text)["errcode"] == 0


def test_another_number_of_service_messages(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    turn(client, service_counts={"account message": 1})
    act(client, wang, "messages", text="你好")
    text = {"touser": wang["account_openid"], "msgtype": "text", "text": {"content": "好"}}
    assert [call(client, CUSTOM, account_token, text)["errcode"] for _ in range(2)] == [0, 45047]


def test_typing(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    def typing(command: str) -> int:
        body = {"touser": wang["account_openid"], "command": command}
        return call(client, "/cgi-bin/message/custom/typing", account_token, body)["errcode"]

    assert typing("Typing") == 45080
    act(client, wang, "messages", text="你好")
    assert [typing("Dance"), typing("Typing"), typing("Typing")] == [45072, 0, 45081]
    assert [typing("CancelTyping"), typing("Typing")] == [0, 0]
    advance(client, 31)
    assert typing("Typing") == 45080


def test_a_template_may_open_the_linked_mini_program(
    client: FlaskClient, account_token: str, wang: dict[str, Any]
) -> None:
    turn(client, released_pages=["pages/a"])
    for program, errcode in [
        ({"appid": MINIPROGRAM_APP_ID, "pagepath": "pages/a?id=1"}, 0),
        ({"appid": "wxffffffffffffffff", "pagepath": "pages/a"}, 40013),
        ({"appid": MINIPROGRAM_APP_ID, "pagepath": "/pages/a"}, 40165),
        ({"appid": MINIPROGRAM_APP_ID, "pagepath": "pages/b"}, 40165),
    ]:
        body = {
            "touser": wang["account_openid"],
            "template_id": "TPL_ACCOUNT_APPOINTMENT_REMINDER",
            "data": APPOINTMENT,
            "miniprogram": program,
        }
        assert call(client, TEMPLATE, account_token, body)["errcode"] == errcode


def test_a_script_of_faults(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    steps = [
        {"endpoint": "/cgi-bin/user/info", "call": 2, "fault": {"errcode": -1}},
        {"endpoint": "/cgi-bin/user/info", "call": 4, "fault": {"status": 502, "times": 2}},
        {"endpoint": "*", "call": 3, "fault": {"errcode": 45011}},
    ]
    assert client.post("/sandbox/fault_script", json={"steps": steps}).status_code == 201
    query = {"access_token": account_token, "openid": wang["account_openid"]}
    answers = [client.get("/cgi-bin/user/info", query_string=query) for _ in range(6)]
    told = [answer.json.get("errcode", 0) if answer.status_code == 200 else answer.status_code for answer in answers]
    assert told == [0, -1, 45011, 502, 502, 0]
    assert client.get("/sandbox/faults").json["items"] == []


def test_a_bad_script_adds_nothing(client: FlaskClient) -> None:
    good = {"endpoint": "push", "call": 1, "fault": {"effect": "drop"}}
    for bad in [{"endpoint": "push"}, {"endpoint": "push", "call": 0, "fault": {"effect": "drop"}}, "x"]:
        answer = client.post("/sandbox/fault_script", json={"steps": [good, bad]})
        assert answer.status_code == 400
        assert "第 2 步" in answer.json["error"]
    assert client.post("/sandbox/fault_script", json={"steps": []}).status_code == 400
    assert client.get("/sandbox/faults").json["items"] == []


def test_a_fault_for_one_kind_of_push(
    client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]
) -> None:
    lost = {"endpoint": "push:templatesendjobfinish", "effect": "drop"}
    client.post("/sandbox/faults", json=lost)
    body = {
        "touser": wang["account_openid"],
        "template_id": "TPL_ACCOUNT_APPOINTMENT_REMINDER",
        "data": APPOINTMENT,
    }
    call(client, TEMPLATE, account_token, body)
    act(client, wang, "messages", text="你好")
    call(client, TEMPLATE, account_token, body | {"url": "https://a.example/"})
    assert len(product.wait_for(1, lambda heard: b"TEMPLATESENDJOBFINISH" in heard.body)) == 1
    assert len(product.wait_for(1, lambda heard: "你好".encode() in heard.body)) == 1
