"""The jsapi signature (wechat-protocol §2.4), and telephone numbers by code (§3.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from backend.settings import WeChatApp
from backend.wechat.client import WeChatClient
from backend.wechat.errors import CodeRejected, OutcomeUnknown, QuotaExceeded, Unreachable
from backend.wechat.tickets import signature_of
from tests.wechat.stand_in import StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

TICKET, PHONE = "/cgi-bin/ticket/getticket", "/wxa/business/getuserphonenumber"
OURS = "https://mz.example.cn"


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


def test_the_vector_of_the_protocol() -> None:
    wanted = "27042632791282bd05c1d581c8786c5671e114a5"
    for url in ("https://mz.example.cn/h5/?a=1", "https://mz.example.cn/h5/?a=1#top"):
        assert signature_of("TICKET", "abc", 1700000000, url) == wanted


def test_a_page_of_ours_is_signed_with_one_ticket_for_all(
    client: WeChatClient, app: WeChatApp, wechat: StandIn, redis: Redis
) -> None:
    wechat.answers[TICKET] = lambda _call: success(errcode=0, errmsg="ok", ticket="TICKET", expires_in=7200)
    url = f"{OURS}/h5/?a=1"
    signed = client.sign_page(url, OURS)
    assert signed.signature == signature_of("TICKET", signed.nonce, signed.timestamp, url)
    assert (signed.app_id, signed.timestamp) == (app.app_id, 1714112445)
    neighbour = WeChatClient(app, wechat.url, redis)
    assert neighbour.sign_page(url, OURS).nonce != signed.nonce
    neighbour.close()
    (call,) = wechat.calls_to(TICKET)
    assert call.query == {"access_token": "token-1", "type": "jsapi"}
    assert "TICKET" not in repr(signed)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.cn/h5/",
        "https://mz.example.cn.evil.cn/",
        "https://mz.example.cn:444/h5/",
        "https://mz.example.cn@evil.cn/",
        "http://mz.example.cn/h5/",
        "//mz.example.cn/h5/",
        "/h5/",
        "",
    ],
)
def test_nobody_elses_page_is_signed(client: WeChatClient, wechat: StandIn, url: str) -> None:
    with pytest.raises(ValueError, match="our own host"):
        client.sign_page(url, OURS)
    assert wechat.calls == []


@pytest.mark.parametrize(("answer", "kind"), [(refusal(45009), QuotaExceeded), (success(ticket="x"), Unreachable)])
def test_no_ticket(client: WeChatClient, wechat: StandIn, answer: Any, kind: type[Exception]) -> None:
    wechat.answers[TICKET] = lambda _call: answer
    with pytest.raises(kind):
        client.sign_page(f"{OURS}/", OURS)


def test_a_refused_ticket_call_gets_a_new_token_once(client: WeChatClient, wechat: StandIn) -> None:
    replies = [refusal(40001), success(ticket="TICKET", expires_in=7200)]
    wechat.answers[TICKET] = lambda _call: replies.pop(0)
    assert client.tickets.get() == "TICKET"


# --- telephone numbers ---


def phone(app_id: str, **changes: Any) -> dict[str, Any]:
    info = {
        "phoneNumber": "13800000000",
        "purePhoneNumber": "13800000000",
        "countryCode": "86",
        "watermark": {"timestamp": 1714112700, "appid": app_id},
    }
    return {"errcode": 0, "errmsg": "ok", "phone_info": {**info, **changes}}


@pytest.mark.parametrize("country", ["86", 86, "+86"])
def test_a_number_by_code(client: WeChatClient, wechat: StandIn, app: WeChatApp, country: object) -> None:
    wechat.answers[PHONE] = lambda _call: success(**phone(app.app_id, countryCode=country))
    found = client.phone_number("the-code", "oXYZ")
    assert (found.number, found.is_mainland) == ("13800000000", True)
    assert "138" not in repr(found)
    assert json.loads(wechat.calls_to(PHONE)[0].body) == {"code": "the-code", "openid": "oXYZ"}


def test_a_foreign_number_is_told_apart(client: WeChatClient, wechat: StandIn, app: WeChatApp) -> None:
    wechat.answers[PHONE] = lambda _call: success(**phone(app.app_id, countryCode="852", purePhoneNumber="51234567"))
    assert not client.phone_number("the-code", "oXYZ").is_mainland


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": 0},
        phone("wxfedcba9876543210"),
        phone("wx0123456789abcdef", watermark=None),
        phone("wx0123456789abcdef", purePhoneNumber=""),
    ],
)
def test_an_answer_about_somebody_else_is_none(client: WeChatClient, wechat: StandIn, answer: dict[str, Any]) -> None:
    wechat.answers[PHONE] = lambda _call: success(**answer)
    with pytest.raises(OutcomeUnknown):
        client.phone_number("the-code", "oXYZ")


def test_codes_that_are_none_or_used(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[PHONE] = lambda _call: refusal(40029)
    for code in ("", "码", "used"):
        with pytest.raises(CodeRejected):
            client.phone_number(code, "oXYZ")
    assert len(wechat.calls_to(PHONE)) == 1
