"""Faults, clock, journal, reset, restart and settings."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.config import Config, ConfigError, read_config
from sandbox.push_crypto import sign
from tests.sandbox.support import ACCOUNT_APP_ID, SECRET, Heard, Product, advance, call, stable_token

ADDRESS = "/cgi-bin/getcallbackip"


def inject(client: FlaskClient, **fault: Any) -> None:
    answer = client.post("/sandbox/faults", json=fault)
    assert answer.status_code == 201, answer.json


def test_errcode_fault_happens_as_often_as_asked(client: FlaskClient, account_token: str) -> None:
    inject(client, endpoint=ADDRESS, errcode=-1, times=2)
    answers = [client.get(ADDRESS, query_string={"access_token": account_token}).json for _ in range(3)]
    assert [one.get("errcode", 0) for one in answers] == [-1, -1, 0]
    assert " rid: " in answers[0]["errmsg"]


def test_status_truncation_and_everywhere(client: FlaskClient, account_token: str) -> None:
    query = {"access_token": account_token}
    inject(client, endpoint="*", status=502)
    broken = client.get(ADDRESS, query_string=query)
    assert (broken.status_code, broken.is_json and broken.get_json(silent=True)) == (502, None)
    inject(client, endpoint=ADDRESS, truncate=True)
    with pytest.raises(ValueError):
        json.loads(client.get(ADDRESS, query_string=query).data)
    assert client.get(ADDRESS, query_string=query).json["ip_list"]


def test_a_lost_answer_leaves_the_deed_done(client: FlaskClient, account_token: str, wang: dict[str, Any]) -> None:
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    wanted = {"touser": wang["account_openid"], "msgtype": "text", "text": {"content": "在"}}
    inject(client, endpoint="/cgi-bin/message/custom/send", status=504, after_effect=True)
    lost = client.post(
        "/cgi-bin/message/custom/send",
        query_string={"access_token": account_token},
        data=json.dumps(wanted, ensure_ascii=False).encode(),
    )
    assert lost.status_code == 504
    shown = client.get(f"/sandbox/users/{wang['id']}/chat").json["items"]
    assert [item["text"] for item in shown] == ["你好", "在"]
    inject(client, endpoint="/cgi-bin/message/custom/send", errcode=45009)
    assert call(client, "/cgi-bin/message/custom/send", account_token, wanted)["errcode"] == 45009
    assert len(client.get(f"/sandbox/users/{wang['id']}/chat").json["items"]) == 2


def test_delay_fault(client: FlaskClient, account_token: str) -> None:
    inject(client, endpoint=ADDRESS, delay_seconds=0.3)
    started = time.monotonic()
    client.get(ADDRESS, query_string={"access_token": account_token})
    assert time.monotonic() - started >= 0.3


def test_push_faults(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    path = f"/sandbox/users/{wang['id']}/messages"
    inject(client, endpoint="push", effect="drop")
    dropped = client.post(path, json={"text": "丢了"}).json
    assert (dropped["outcome"], dropped["attempts"], product.heard) == ("silent", 0, [])
    inject(client, endpoint="push", effect="duplicate")
    client.post(path, json={"text": "两次"})
    twice = product.wait_for(2)
    assert twice[0].body == twice[1].body
    inject(client, endpoint="push", effect="delay", delay_seconds=0.3)
    started = time.monotonic()
    client.post(path, json={"text": "晚了"})
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"endpoint": "nonsense", "errcode": 1},
        {"endpoint": "/x"},
        {"endpoint": "push", "errcode": 1},
        {"endpoint": "/x", "errcode": "1"},
        {"endpoint": "/x", "status": 99},
        {"endpoint": "/x", "errcode": 1, "times": 0},
        {"endpoint": "/x", "errcode": 1, "colour": "red"},
        {"endpoint": "/x", "delay_seconds": 600},
    ],
)
def test_senseless_faults_are_refused(client: FlaskClient, fault: dict[str, Any]) -> None:
    assert client.post("/sandbox/faults", json=fault).status_code == 400
    assert client.get("/sandbox/faults").json["items"] == []


def test_faults_can_be_dropped(client: FlaskClient, account_token: str) -> None:
    inject(client, endpoint="*", errcode=-1, times=9)
    inject(client, endpoint="push", effect="drop")
    first = client.get("/sandbox/faults").json["items"][0]["id"]
    assert client.delete(f"/sandbox/faults/{first}").json == {"removed": 1}
    assert client.delete("/sandbox/faults").json == {"removed": 1}


def test_the_product_hears_of_the_clock_before_it_moves(
    client: FlaskClient, product: Product, wang: dict[str, Any]
) -> None:
    advance(client, 3600)
    advance(client, 60)
    assert client.get("/sandbox/clock").json["offset_seconds"] == 3660
    first, second = product.heard
    assert first.path == "/demonstration/clock"
    assert first.query["signature"] == sign("AAAAA", first.query["timestamp"], first.query["nonce"])
    assert [json.loads(heard.body) for heard in product.heard] == [
        {"offset_seconds": 3600},
        {"offset_seconds": 3660},
    ]
    assert int(first.query["timestamp"]) == pytest.approx(time.time(), abs=5)
    assert int(second.query["timestamp"]) == pytest.approx(time.time() + 3600, abs=5)
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    assert int(product.heard[-1].query["timestamp"]) == pytest.approx(time.time() + 3660, abs=5)


def test_a_clock_the_product_refuses_does_not_move(client: FlaskClient, product: Product) -> None:
    product.clock_status = 403
    refused = client.post("/sandbox/clock", json={"advance_seconds": 60})
    assert refused.status_code == 502
    assert "403" in refused.json["error"]
    assert client.get("/sandbox/clock").json["offset_seconds"] == 0


def test_a_product_that_is_down_is_reported(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_base_url="http://127.0.0.1:9").test_client()
    refused = client.post("/sandbox/clock", json={"advance_seconds": 60})
    assert (refused.status_code, refused.json["error"][:5]) == (502, "时钟没有动")


def test_clock_to_a_moment_and_back(client: FlaskClient, product: Product) -> None:
    token = stable_token(client, ACCOUNT_APP_ID)
    target = datetime.fromtimestamp(time.time() + 86400, UTC).isoformat()
    moved = client.post("/sandbox/clock", json={"to": target}).json
    assert moved["offset_seconds"] == pytest.approx(86400, abs=2)
    assert moved["now"].endswith("+08:00")
    late = stable_token(client, ACCOUNT_APP_ID)
    assert client.post("/sandbox/clock", json={"offset_seconds": 0}).json["offset_seconds"] == 0
    assert json.loads(product.heard[-1].body) == {"offset_seconds": 0}
    assert client.get(ADDRESS, query_string={"access_token": late}).json["errcode"] == 40001
    assert stable_token(client, ACCOUNT_APP_ID) == token


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"advance_seconds": -5},
        {"advance_seconds": "5"},
        {"advance_seconds": True},
        {"to": "2001-01-01T00:00:00+08:00"},
        {"to": "2099-01-01T00:00:00"},
        {"to": "soon"},
        {"offset_seconds": 60},
        {"advance_seconds": 10**12},
        {"advance_seconds": 1, "offset_seconds": 0},
    ],
)
def test_impossible_clock_moves(client: FlaskClient, product: Product, wanted: dict[str, Any]) -> None:
    assert client.post("/sandbox/clock", json=wanted).status_code == 400
    assert product.heard == []


def test_a_restart_finds_everything_again(make_app: Callable[..., Flask], config: Config, product: Product) -> None:
    first = make_app()
    client = first.test_client()
    user = client.get("/sandbox/users").json["items"][0]
    new = client.post("/sandbox/users", json={"name": "赵敏"}).json
    client.post(f"/sandbox/users/{user['id']}/messages", json={"text": "记得我"})
    client.post(f"/sandbox/users/{user['id']}/subscriptions", json={"template_ids": ["BIZ_APPOINTMENT_BOOKED"]})
    token = stable_token(client, ACCOUNT_APP_ID)
    advance(client, 3600)
    before = client.get("/sandbox/state").json
    first.extensions["sandbox"].close()
    again = make_app().test_client()
    after = again.get("/sandbox/state").json
    for part in ("users", "chats", "menu"):
        assert after[part] == before[part]
    assert after["clock"]["offset_seconds"] == 3600
    assert after["users"][-1]["account_openid"] == new["account_openid"]
    assert stable_token(again, ACCOUNT_APP_ID) == token


def test_changes_reach_the_file_without_a_proper_end(client: FlaskClient, config: Config, wang: dict[str, Any]) -> None:
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "突然断电"})
    path, deadline = config.data_dir / "sandbox" / "state.json", time.monotonic() + 5
    while "突然断电" not in (path.read_text("utf-8") if path.exists() else ""):
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_an_unreadable_file_is_set_aside(make_app: Callable[..., Flask], config: Config) -> None:
    folder = config.data_dir / "sandbox"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"half', "utf-8")
    assert len(make_app().test_client().get("/sandbox/users").json["items"]) == 4
    assert (folder / "state.unreadable.json").read_text("utf-8") == '{"half'


def test_demonstration_residents_keep_their_ids(
    make_app: Callable[..., Flask], client: FlaskClient, tmp_path: Path
) -> None:
    here = client.get("/sandbox/users").json["items"]
    there = make_app(data_dir=tmp_path / "other").test_client().get("/sandbox/users").json["items"]
    assert [(u["name"], u["following"]) for u in here] == [
        ("王小明", True),
        ("李小红", True),
        ("张建国", True),
        ("王奶奶", False),
    ]
    assert [u["account_openid"] for u in here] == [u["account_openid"] for u in there]
    assert {len(u["account_openid"]) for u in here} == {28}
    assert len({u[k] for u in here for k in ("account_openid", "miniprogram_openid", "unionid")}) == 12


def test_namesakes_are_different_people(client: FlaskClient) -> None:
    twins = [client.post("/sandbox/users", json={"name": "王小明"}).json for _ in range(2)]
    known = client.get("/sandbox/users").json["items"]
    assert len({user["account_openid"] for user in known}) == 6
    assert {twin["following"] for twin in twins} == {True}


def test_reset(client: FlaskClient, product: Product, account_token: str, wang: dict[str, Any]) -> None:
    client.post("/sandbox/users", json={"name": "赵敏"})
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    inject(client, endpoint="*", errcode=-1)
    advance(client, 60)
    assert client.post("/sandbox/reset").status_code == 200
    state = client.get("/sandbox/state").json
    assert len(state["users"]) == 4
    assert state["clock"]["offset_seconds"] == 0
    assert (state["faults"], state["chats"][wang["id"]]) == ([], [])
    assert client.get("/sandbox/journal").json["items"] == []
    assert client.get(ADDRESS, query_string={"access_token": account_token}).json["ip_list"]
    client.post("/sandbox/reset", json={"everything": True})
    assert client.get(ADDRESS, query_string={"access_token": account_token}).json["errcode"] == 40001


def test_journal_pages(client: FlaskClient, wang: dict[str, Any]) -> None:
    stable_token(client, ACCOUNT_APP_ID)
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    both = client.get("/sandbox/journal").json["items"]
    assert [(one["direction"], one["method"], one["path"], one["app"]) for one in both] == [
        ("call", "POST", "/cgi-bin/stable_token", "account"),
        ("push", "POST", "/wechat/account", "account"),
    ]
    assert both[0]["status"] == 200
    newer = client.get("/sandbox/journal", query_string={"after": both[0]["id"]}).json["items"]
    assert newer == both[1:]
    assert client.get("/sandbox/journal", query_string={"limit": 1}).json["items"] == both[1:]


def test_state_after_an_item(client: FlaskClient, wang: dict[str, Any]) -> None:
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "一"})
    seen = client.get("/sandbox/state", query_string={"user": wang["id"]}).json["chats"][wang["id"]][-1]["id"]
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "二"})
    state = client.get("/sandbox/state", query_string={"user": wang["id"], "after": seen}).json
    assert [item["text"] for item in state["chats"][wang["id"]]] == ["二"]
    assert list(state["chats"]) == [wang["id"]]


def test_raw_push_for_hostile_input(client: FlaskClient, product: Product) -> None:
    product.answer = lambda heard: (403, b"no")
    wanted = {"raw": True, "query": {"signature": "bad"}, "body": "<xml>"}
    assert client.post("/sandbox/push", json=wanted).json == {"status": 403, "body": "no"}
    assert (product.heard[0].query, product.heard[0].body) == ({"signature": "bad"}, b"<xml>")
    event = {"openid": "oX", "fields": {"MsgType": "event", "Event": "LOCATION", "Latitude": "34.2"}}
    assert client.post("/sandbox/push", json=event).json["outcome"] == "fault"
    assert b"<Latitude>" in product.heard[1].body


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sandbox/users", {"name": ""}, 400),
        ("/sandbox/users", {"name": "字" * 21}, 400),
        ("/sandbox/users/u1/messages", {"text": "  "}, 400),
        ("/sandbox/users/u1/messages", {"text": "x", "copies": 51}, 400),
        ("/sandbox/users/u1/messages", {"text": "x", "copies": True}, 400),
        ("/sandbox/users/u99/messages", {"text": "x"}, 404),
        ("/sandbox/users/u1/events", {"event": "dance"}, 400),
        ("/sandbox/users/u1/events", {"event": "CLICK"}, 400),
        ("/sandbox/users/u1/events", {"event": "subscribe"}, 409),
        ("/sandbox/users/u4/events", {"event": "CLICK", "key": "K"}, 409),
        ("/sandbox/users/u1/subscriptions", {"template_ids": []}, 400),
        ("/sandbox/users/u1/subscriptions", {"template_ids": ["MP_SERVICE_PROGRESS"]}, 400),
        ("/sandbox/users/u1/subscriptions", {"product": "x", "template_ids": ["a"]}, 400),
        ("/sandbox/push", {}, 400),
    ],
)
def test_control_refusals_explain_themselves(
    client: FlaskClient, product: Product, path: str, body: dict[str, Any], status: int
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, bool(answer.json["error"])) == (status, True)
    assert product.heard == []


def test_control_wants_json(client: FlaskClient, product: Product) -> None:
    answer = client.post("/sandbox/users/u1/messages", data='{"text": "x"}', content_type="text/plain")
    assert answer.status_code == 400
    assert product.heard == []


def test_the_page_is_served_under_a_strict_policy(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert " style=" not in page.text


ENVIRONMENT = {
    "PUBLIC_BASE_URL": "http://127.0.0.1:8000/",
    "DATA_DIR": "data",
    **{
        f"WECHAT_{name}_{key}": value
        for name in ("ACCOUNT", "MINIPROGRAM")
        for key, value in {
            "APP_ID": ACCOUNT_APP_ID,
            "SECRET": SECRET,
            "TOKEN": "AAAAA",
            "AES_KEY": "A" * 43,
            "ORIGINAL_ID": "gh_0000000000a1",
        }.items()
    },
}


def test_settings() -> None:
    config = read_config(ENVIRONMENT)
    assert config.push_url("miniprogram") == "http://127.0.0.1:8000/wechat/miniprogram"
    assert (config.account.mode, config.miniprogram.format, config.port) == ("security", "json", 8001)
    for name, value in [
        ("WECHAT_ACCOUNT_MODE", "open"),
        ("WECHAT_ACCOUNT_AES_KEY", "short"),
        ("SANDBOX_PORT", "x"),
        ("SANDBOX_PUSH_TIMEOUT_SECONDS", "-1"),
        ("SANDBOX_MINIPROGRAM_FORMAT", "yaml"),
        ("PUBLIC_BASE_URL", ""),
    ]:
        with pytest.raises(ConfigError, match=name):
            read_config(ENVIRONMENT | {name: value})


def test_a_waiting_resident_is_marked(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    gate = threading.Event()

    def slowly(heard: Heard) -> tuple[int, bytes]:
        gate.wait(1.5)
        return 200, b"success"

    product.answer = slowly
    client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好", "wait": False})
    product.wait_for(1)
    assert client.get("/sandbox/users").json["items"][0]["waiting"] == 1
    gate.set()


def test_a_reset_in_the_middle_of_a_delivery(
    client: FlaskClient, app: Flask, product: Product, wang: dict[str, Any]
) -> None:
    def reset_first(heard: Heard) -> tuple[int, bytes]:
        app.test_client().post("/sandbox/reset")
        return 200, b"success"

    product.answer = reset_first
    answer = client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好"})
    assert (answer.status_code, answer.json["outcome"]) == (200, "silent")
    assert client.get("/sandbox/users").json["items"][0]["waiting"] == 0
