"""Pushes on the wire: modes, retries, verification and what the resident sees."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import xmltodict
from flask import Flask
from flask.testing import FlaskClient

from sandbox.config import Config
from sandbox.push_crypto import sign
from sandbox.replies import FAULT_TEXT
from tests.sandbox.support import Heard, Product, plain_of, sealed_reply, text_reply


def say(client: FlaskClient, user: dict[str, Any], text: str = "婚姻登记", **more: Any) -> dict[str, Any]:
    answer = client.post(f"/sandbox/users/{user['id']}/messages", json={"text": text, **more})
    assert answer.status_code == 200, answer.json
    return answer.json


def bubbles(client: FlaskClient, user: dict[str, Any]) -> list[tuple[str, str]]:
    items = client.get(f"/sandbox/users/{user['id']}/chat").json["items"]
    return [(item["from"], item["text"]) for item in items]


def test_text_in_plain_mode(client: FlaskClient, product: Product, config: Config, wang: dict[str, Any]) -> None:
    product.answer = lambda heard: (200, text_reply(config.account, wang["account_openid"], "您好\n请选择"))
    outcome = say(client, wang, "想领证]]>了")
    assert (outcome["outcome"], outcome["attempts"]) == ("replied", 1)
    assert outcome["reply"] == {"type": "text", "text": "您好\n请选择"}
    heard = product.heard[0]
    assert heard.path == "/wechat/account"
    assert heard.query["openid"] == wang["account_openid"]
    assert heard.query["signature"] == sign("AAAAA", heard.query["timestamp"], heard.query["nonce"])
    assert "encrypt_type" not in heard.query
    fields = xmltodict.parse(heard.body)["xml"]
    assert fields["Content"] == "想领证]]>了"
    assert fields["MsgId"] == outcome["msg_id"]
    assert int(fields["MsgId"]) > 2**53
    assert bubbles(client, wang) == [("user", "想领证]]>了"), ("account", "您好\n请选择")]


def test_security_mode_hides_all_but_the_address(
    make_app: Callable[..., Flask], product: Product, config: Config
) -> None:
    account = replace(config.account, mode="security")
    client = make_app(account=account).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    product.answer = lambda heard: (
        200,
        sealed_reply(account, text_reply(account, user["account_openid"], "收到")),
    )
    assert say(client, user)["reply"]["text"] == "收到"
    outer = xmltodict.parse(product.heard[0].body)["xml"]
    assert set(outer) == {"ToUserName", "Encrypt"}
    assert xmltodict.parse(plain_of(account, product.heard[0]))["xml"]["Content"] == "婚姻登记"


def test_compatible_mode_carries_both(make_app: Callable[..., Flask], product: Product, config: Config) -> None:
    account = replace(config.account, mode="compatible")
    client = make_app(account=account).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    product.answer = lambda heard: (200, text_reply(account, user["account_openid"], "明文也行"))
    assert say(client, user)["reply"]["text"] == "明文也行"
    outer = xmltodict.parse(product.heard[0].body)["xml"]
    assert outer["Content"] == "婚姻登记"
    assert xmltodict.parse(plain_of(account, product.heard[0]))["xml"]["MsgId"] == outer["MsgId"]


@pytest.mark.parametrize("spoil", ["plain", "signature", "key"])
def test_security_mode_refuses_unsound_replies(
    make_app: Callable[..., Flask], product: Product, config: Config, spoil: str
) -> None:
    account = replace(config.account, mode="security")
    client = make_app(account=account).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    plain = text_reply(account, user["account_openid"], "收到")
    spoilt = {
        "plain": plain,
        "signature": sealed_reply(account, plain).replace(b"<TimeStamp>17", b"<TimeStamp>18"),
        "key": sealed_reply(replace(account, aes_key="B" * 43), plain),
    }
    product.answer = lambda heard: (200, spoilt[spoil])
    assert say(client, user)["outcome"] == "fault"


@pytest.mark.parametrize("body", [b"", b"success"])
def test_silence_is_no_fault(client: FlaskClient, product: Product, wang: dict[str, Any], body: bytes) -> None:
    product.answer = lambda heard: (200, body)
    assert say(client, wang)["outcome"] == "silent"
    assert [who for who, _ in bubbles(client, wang)] == ["user"]


BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"success"),
        (302, b""),
        (200, b'{"errcode":0}'),
        (200, b"<xml><ToUserName>"),
        (200, b"<html>oops</html>"),
        (200, b" success"),
        (200, BILLION),
    ],
)
def test_answers_that_show_the_fault_bubble(
    client: FlaskClient, product: Product, wang: dict[str, Any], status: int, body: bytes
) -> None:
    product.answer = lambda heard: (status, body)
    outcome = say(client, wang)
    assert (outcome["outcome"], outcome["attempts"]) == ("fault", 1)
    assert bubbles(client, wang)[-1] == ("fault", FAULT_TEXT)


@pytest.mark.parametrize(
    "changes",
    [
        {"ToUserName": "oSomebodyElse"},
        {"FromUserName": "gh_other"},
        {"CreateTime": "yesterday"},
        {"MsgType": "poem"},
        {"Content": ""},
        {"Content": "字" * 683},
    ],
)
def test_reply_elements_are_checked(
    client: FlaskClient, product: Product, config: Config, wang: dict[str, Any], changes: dict[str, str]
) -> None:
    product.answer = lambda heard: (
        200,
        text_reply(config.account, wang["account_openid"], "好", **changes),
    )
    assert say(client, wang)["outcome"] == "fault"


def test_longest_text_passes(client: FlaskClient, product: Product, config: Config, wang: dict[str, Any]) -> None:
    product.answer = lambda heard: (200, text_reply(config.account, wang["account_openid"], "字" * 682 + "ab"))
    assert say(client, wang)["outcome"] == "replied"


@pytest.mark.parametrize(("count", "outcome"), [(1, "replied"), (2, "fault")])
def test_one_article_answers_a_message(
    client: FlaskClient, product: Product, config: Config, wang: dict[str, Any], count: int, outcome: str
) -> None:
    head = text_reply(config.account, wang["account_openid"], "x", MsgType="news").decode()
    item = (
        "<item><Title>办事指南</Title><Description>结婚登记</Description><PicUrl/><Url>https://a.example/</Url></item>"
    )
    news = f"<ArticleCount>{count}</ArticleCount><Articles>{item * count}</Articles></xml>"
    product.answer = lambda heard: (200, head.replace("</xml>", news).encode())
    assert say(client, wang)["outcome"] == outcome


def test_three_tries_with_the_same_body_then_the_fault(
    make_app: Callable[..., Flask], product: Product, config: Config
) -> None:
    client = make_app(push_timeout_seconds=0.2).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    gate = threading.Event()

    def never(heard: Heard) -> tuple[int, bytes]:
        gate.wait(5)
        return 200, b"success"

    product.answer = never
    outcome = say(client, user)
    gate.set()
    assert (outcome["outcome"], outcome["attempts"]) == ("fault", 3)
    assert len(product.heard) == 3
    assert len({heard.body for heard in product.heard}) == 1
    assert product.heard[2].at - product.heard[0].at == pytest.approx(0.4, abs=0.15)
    notes = [entry["note"] for entry in client.get("/sandbox/journal").json["items"]]
    assert [note[:8] for note in notes] == ["第 1 次投递：", "第 2 次投递：", "第 3 次投递："]


def test_a_late_first_try_is_answered_by_the_second(
    make_app: Callable[..., Flask], product: Product, config: Config
) -> None:
    client = make_app(push_timeout_seconds=0.3).test_client()
    user = client.get("/sandbox/users").json["items"][0]
    gate = threading.Event()

    def slow_once(heard: Heard) -> tuple[int, bytes]:
        if len(product.heard) == 1:
            gate.wait(5)
        return 200, text_reply(config.account, user["account_openid"], "同一个回复")

    product.answer = slow_once
    outcome = say(client, user)
    gate.set()
    assert (outcome["outcome"], outcome["attempts"]) == ("replied", 2)


def test_copies_share_one_message_id(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    outcome = say(client, wang, copies=4, concurrent=True)
    assert len(outcome["replies"]) == 4
    assert len({heard.body for heard in product.heard}) == 1
    assert len({heard.query["nonce"] for heard in product.heard}) == 4
    assert [who for who, _ in bubbles(client, wang)] == ["user"]


def test_without_waiting_the_reply_comes_later(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    answer = client.post(f"/sandbox/users/{wang['id']}/messages", json={"text": "你好", "wait": False})
    assert (answer.status_code, answer.json["outcome"]) == (202, "pending")
    assert b"\xe4\xbd\xa0\xe5\xa5\xbd" in product.wait_for(1)[0].body


def test_verification_wants_the_echo(client: FlaskClient, product: Product) -> None:
    product.answer = lambda heard: (200, heard.query["echostr"].encode())
    assert client.post("/sandbox/verification", json={"product": "account"}).json["passed"] is True
    heard = product.heard[0]
    assert heard.method == "GET"
    assert heard.query["signature"] == sign("AAAAA", heard.query["timestamp"], heard.query["nonce"])
    product.answer = lambda heard: (200, b'"' + heard.query["echostr"].encode() + b'"')
    assert client.post("/sandbox/verification", json={}).json["passed"] is False


def test_events(client: FlaskClient, product: Product, config: Config) -> None:
    grandmother = client.get("/sandbox/users").json["items"][3]
    assert grandmother["following"] is False
    refused = client.post(f"/sandbox/users/{grandmother['id']}/messages", json={"text": "吃饭"})
    assert refused.status_code == 409
    assert not product.heard
    product.answer = lambda heard: (200, text_reply(config.account, grandmother["account_openid"], "欢迎您"))
    events = f"/sandbox/users/{grandmother['id']}/events"
    assert client.post(events, json={"event": "subscribe", "key": "hall-1"}).json["reply"]["text"] == "欢迎您"
    assert client.post(events, json={"event": "CLICK", "key": "MENU_HELP"}).json["outcome"] == "replied"
    assert client.post(events, json={"event": "unsubscribe"}).status_code == 200
    pushed = [xmltodict.parse(heard.body)["xml"] for heard in product.heard]
    assert [one["Event"] for one in pushed] == ["subscribe", "CLICK", "unsubscribe"]
    assert [one["EventKey"] for one in pushed] == ["qrscene_hall-1", "MENU_HELP", None]
    assert "MsgId" not in pushed[0]
    assert bubbles(client, grandmother)[-1] == ("system", "您已取消关注")


@pytest.mark.parametrize("count", [1, 2])
def test_miniprogram_list_is_an_object_when_there_is_one(
    client: FlaskClient, product: Product, wang: dict[str, Any], count: int
) -> None:
    ids = ["MP_APPOINTMENT_BOOKED", "MP_APPOINTMENT_REMINDER"][:count]
    path = f"/sandbox/users/{wang['id']}/subscriptions"
    client.post(path, json={"product": "miniprogram", "template_ids": ids, "accept": True})
    assert product.heard[0].path == "/wechat/miniprogram"
    event = json.loads(product.heard[0].body)
    assert event["Event"] == "subscribe_msg_popup_event"
    assert isinstance(event["List"], dict if count == 1 else list)


def test_account_subscriptions_in_xml(client: FlaskClient, product: Product, wang: dict[str, Any]) -> None:
    path = f"/sandbox/users/{wang['id']}/subscriptions"
    ids = ["BIZ_APPOINTMENT_BOOKED", "BIZ_APPOINTMENT_REMINDER"]
    accepted = client.post(path, json={"product": "account", "template_ids": ids, "accept": True}).json
    assert accepted["credits"] == dict.fromkeys(ids, 1)
    withdrawn = client.post(path, json={"template_ids": ids[:1], "withdraw": True}).json
    assert withdrawn["credits"] == {ids[0]: 0, ids[1]: 1}
    first, second = (xmltodict.parse(heard.body)["xml"] for heard in product.heard)
    assert [item["SubscribeStatusString"] for item in first["SubscribeMsgPopupEvent"]["List"]] == ["accept"] * 2
    assert second["SubscribeMsgChangeEvent"]["List"]["SubscribeStatusString"] == "reject"
