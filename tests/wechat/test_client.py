from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from backend.settings import WeChatApp
from backend.wechat import errors, transport
from backend.wechat.client import ApprovedTemplate, WeChatClient
from backend.wechat.errors import OutcomeUnknown, TokenRejected, Unreachable, WeChatError

from .stand_in import Call, Reply, StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

TEMPLATE, BIZSEND = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
SEND, CUSTOM = "/cgi-bin/message/subscribe/send", "/cgi-bin/message/custom/send"
LOGIN, MENU = "/sns/jscode2session", "/cgi-bin/menu/create"


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


def answering(wechat: StandIn, path: str, *replies: Reply) -> None:
    """The replies in turn, the last one for ever."""
    left = list(replies)
    wechat.answers[path] = lambda _call: left.pop(0) if len(left) > 1 else left[0]


def sent(wechat: StandIn, path: str) -> Any:
    (call,) = wechat.calls_to(path)
    assert call.method == "POST"
    assert call.query == {"access_token": "token-1"}
    return json.loads(call.body)


# --- the endpoints ---


def test_template(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, TEMPLATE, success(errcode=0, errmsg="ok", msgid=3400012345))
    data = {"thing1": "婚姻登记预约"}
    assert client.send_template("oABC", "TPL", data, url="https://a/1", client_msg_id="n-1") == "3400012345"
    assert sent(wechat, TEMPLATE) == {
        "touser": "oABC",
        "template_id": "TPL",
        "url": "https://a/1",
        "client_msg_id": "n-1",
        "data": {"thing1": {"value": "婚姻登记预约"}},
    }
    assert "婚姻登记预约".encode() in wechat.calls_to(TEMPLATE)[0].body, "Chinese has to be raw UTF-8 (§0)"


def test_template_without_a_page(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, TEMPLATE, success(msgid="34"))
    assert client.send_template("oABC", "TPL", {}) == "34"
    assert sent(wechat, TEMPLATE) == {"touser": "oABC", "template_id": "TPL", "data": {}}


def test_account_subscription(client: WeChatClient, wechat: StandIn) -> None:
    client.send_account_subscribe("oABC", "TPL", {"thing1": "好"}, page="https://a/1")
    assert sent(wechat, BIZSEND) == {
        "touser": "oABC",
        "template_id": "TPL",
        "data": {"thing1": {"value": "好"}},
        "page": "https://a/1",
    }


def test_miniprogram_subscription(client: WeChatClient, wechat: StandIn) -> None:
    client.send_miniprogram_subscribe("oXYZ", "TPL", {"thing1": "好"}, page="pages/a?id=1", state="trial")
    assert sent(wechat, SEND) == {
        "touser": "oXYZ",
        "template_id": "TPL",
        "page": "pages/a?id=1",
        "miniprogram_state": "trial",
        "lang": "zh_CN",
        "data": {"thing1": {"value": "好"}},
    }


def test_customer_text(client: WeChatClient, wechat: StandIn) -> None:
    client.send_customer_text("oABC", "您好\ud800")
    assert sent(wechat, CUSTOM) == {"touser": "oABC", "msgtype": "text", "text": {"content": "您好?"}}


def test_menu(client: WeChatClient, wechat: StandIn) -> None:
    menu = {"button": [{"type": "click", "name": "办事指南", "key": "GUIDE"}]}
    client.create_menu(menu)
    assert sent(wechat, MENU) == menu


def test_callback_addresses(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, "/cgi-bin/getcallbackip", success(ip_list=["127.0.0.1", "127.0.0.0/24"]))
    assert client.callback_addresses() == ["127.0.0.1", "127.0.0.0/24"]


def test_templates(client: WeChatClient, wechat: StandIn) -> None:
    entry = {"template_id": "T", "title": "预约成功", "content": "{{thing1.DATA}}", "example": "例"}
    path = "/cgi-bin/template/get_all_private_template"
    answering(wechat, path, success(template_list=[entry]), success(template_list=[]), success())
    assert client.list_templates() == [ApprovedTemplate("T", "预约成功", "{{thing1.DATA}}", "例")]
    assert client.list_templates() == []
    with pytest.raises(OutcomeUnknown):
        client.list_templates()


def test_login(client: WeChatClient, wechat: StandIn, app: WeChatApp) -> None:
    answering(wechat, LOGIN, success(openid="oXYZ", session_key="c2Vzc2lvbg==", unionid="u1"), success(openid="oXYZ"))
    session = client.code_to_session("the-code")
    assert (session.openid, session.unionid, session.session_key) == ("oXYZ", "u1", "c2Vzc2lvbg==")
    (call,) = wechat.calls
    assert (call.method, call.path) == ("GET", LOGIN)
    assert call.query == {
        "appid": app.app_id,
        "secret": app.secret,
        "js_code": "the-code",
        "grant_type": "authorization_code",
    }
    assert "c2Vzc2lvbg" not in repr(session)
    assert "oXYZ" not in repr(session)
    with pytest.raises(OutcomeUnknown):
        client.code_to_session("the-code")


def test_login_without_an_open_platform_account(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, LOGIN, success(openid="oXYZ", session_key="c2Vzc2lvbg=="))
    assert client.code_to_session("the-code").unionid is None


@pytest.mark.parametrize("code", ["", "a b", "码", "\ud800", "x" * 257])
def test_a_code_that_is_none_is_not_sent(client: WeChatClient, wechat: StandIn, code: str) -> None:
    with pytest.raises(errors.CodeRejected):
        client.code_to_session(code)
    assert wechat.calls == []


def test_a_used_code(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, LOGIN, refusal(40163))
    with pytest.raises(errors.CodeRejected) as caught:
        client.code_to_session("the-code")
    assert (caught.value.errcode, caught.value.rid) == (40163, "662b4bbd-1a2b3c4d-0f1e2d3c")


# --- a refused token ---


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_replaced_and_the_call_repeated(client: WeChatClient, wechat: StandIn, errcode: int) -> None:
    answering(wechat, CUSTOM, refusal(errcode), Reply())
    client.send_customer_text("oABC", "好")
    assert [call.query["access_token"] for call in wechat.calls_to(CUSTOM)] == ["token-1", "token-2"]


def test_a_lasting_refusal_costs_two_calls_and_two_fetches(client: WeChatClient, wechat: StandIn) -> None:
    answering(wechat, CUSTOM, refusal(40001))
    with pytest.raises(TokenRejected):
        client.send_customer_text("oABC", "好")
    assert len(wechat.calls_to(CUSTOM)) == 2
    assert wechat.token_fetches == 2


def test_eight_threads_with_a_replaced_token_fetch_one(client: WeChatClient, wechat: StandIn) -> None:
    client.tokens.get()
    wechat.next_token()  # somebody else's refresh: only token-2 works from here on, and we hold token-1
    barrier = threading.Barrier(8)

    def send(_: int) -> None:
        barrier.wait(10)
        client.send_customer_text("oABC", "好")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert wechat.token_fetches == 2
    taken = [call for call in wechat.calls_to(CUSTOM) if call.query["access_token"] == "token-3"]
    assert len(taken) == 8


# --- other failures ---


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(43101), errors.NoCredit),
        (refusal(43004), errors.RecipientRefuses),
        (refusal(12345), errors.UnknownError),
        (success(errcode="43101"), errors.NoCredit),
        (success(errcode="0x"), OutcomeUnknown),
        (success(errcode=None), OutcomeUnknown),
        (Reply(body=b""), OutcomeUnknown),
        (Reply(body=b"ok"), OutcomeUnknown),
        (Reply(body=b"[]"), OutcomeUnknown),
        (Reply(body=b"\xff"), OutcomeUnknown),
        (Reply(body=b"[" * 100_000), OutcomeUnknown),
        (Reply(body=b'{"errcode":0,"msg'), OutcomeUnknown),
        (Reply(body=b'{"errcode":0}', declared=100), OutcomeUnknown),
        (Reply(body=b'{"errcode":0}'), OutcomeUnknown),  # no msgid
        (Reply(status=500, body=b"{}"), OutcomeUnknown),
        (Reply(status=502, body=b"<html>"), OutcomeUnknown),
        (Reply(status=429, body=b""), Unreachable),
        (Reply(status=404, body=b""), errors.Misconfigured),
        (Reply(status=302, body=b""), errors.Misconfigured),
    ],
)
def test_every_outcome_has_a_class(
    client: WeChatClient, wechat: StandIn, reply: Reply, kind: type[WeChatError]
) -> None:
    answering(wechat, TEMPLATE, reply)
    with pytest.raises(WeChatError) as caught:
        client.send_template("oABC", "TPL", {"thing1": "好"})
    assert caught.type is kind
    assert len(wechat.calls_to(TEMPLATE)) == 1, "a send was repeated blindly"


def test_a_server_that_hangs_leaves_the_outcome_unknown(
    app: WeChatApp, wechat: StandIn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.3)
    wechat.answers[CUSTOM] = lambda _call: wechat.held()
    client = WeChatClient(app, wechat.url, redis)
    with pytest.raises(OutcomeUnknown) as caught:
        client.send_customer_text("oABC", "好")
    assert caught.value.sent is None
    client.close()


def test_nobody_listening_means_nothing_was_sent(app: WeChatApp, redis: Redis) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        client = WeChatClient(app, f"http://127.0.0.1:{taken.getsockname()[1]}", redis)
        for attempt in (lambda: client.send_customer_text("oABC", "好"), lambda: client.code_to_session("c")):
            with pytest.raises(Unreachable) as caught:
                attempt()
            assert caught.type is Unreachable
            assert caught.value.sent is False
        client.close()


def test_an_address_that_is_none(app: WeChatApp, redis: Redis) -> None:
    client = WeChatClient(app, "ftp://127.0.0.1", redis)
    with pytest.raises(errors.Misconfigured):
        client.code_to_session("c")
    client.close()


def test_logs_hold_errcode_and_rid_and_nothing_of_ours(
    client: WeChatClient, wechat: StandIn, app: WeChatApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answering(wechat, CUSTOM, refusal(45015))
    answering(wechat, LOGIN, refusal(40029))
    failures: list[Callable[[], Any]] = [
        lambda: client.send_customer_text("oSECRETPERSON", "私密"),
        lambda: client.code_to_session("secret-code"),
    ]
    for attempt in failures:
        with pytest.raises(WeChatError):
            attempt()
    assert f"path={CUSTOM} errcode=45015 rid=662b4bbd-1a2b3c4d-0f1e2d3c" in caplog.text
    for secret in (app.secret, "token-1", "oSECRETPERSON", "私密", "secret-code"):
        assert secret not in caplog.text


def test_the_stand_in_itself_counts_and_refuses(wechat: StandIn) -> None:
    assert wechat.answer(Call("POST", CUSTOM, {"access_token": "other"}, b"")).body == refusal(40001).body
    assert len(wechat.calls_to(CUSTOM)) == 1
