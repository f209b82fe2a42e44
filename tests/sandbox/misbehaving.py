"""Somebody beside the sandbox who does everything wrong: one way to break each rule of the report."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from sandbox.config import AppConfig, Config
from sandbox.conformance.evidence import CallSeen
from tests.sandbox.support import (
    ACCOUNT_APP_ID,
    APPOINTMENT,
    MINIPROGRAM_APP_ID,
    SECRET,
    Heard,
    Product,
    act,
    call,
    fetch,
    sealed_reply,
    stable_token,
    text_reply,
)

TEMPLATE = "/cgi-bin/message/template/send"
BIZ = "/cgi-bin/message/subscribe/bizsend"
CUSTOM = "/cgi-bin/message/custom/send"
ASKING = {"grant_type": "client_credential", "appid": ACCOUNT_APP_ID, "secret": SECRET}


@dataclass
class Bench:
    """A sandbox, the product beside it, and short ways to misbehave."""

    make: Callable[..., Flask]
    config: Config
    product: Product

    def __post_init__(self) -> None:
        self.use()

    def use(self, **changes: Any) -> None:
        """Another sandbox, with the account changed."""
        account = replace(self.config.account, **changes)
        self.client = self.make(account=account, data_dir=self.config.data_dir / "-".join(changes)).test_client()
        self.account: AppConfig = account
        self.user = self.client.get("/sandbox/users").json["items"][0]
        self.openid = self.user["account_openid"]
        self.token = stable_token(self.client, ACCOUNT_APP_ID)
        self.mini = stable_token(self.client, MINIPROGRAM_APP_ID)

    def answers(self, body: bytes, status: int = 200) -> None:
        """What the product says to a text from now on, and a text that makes it."""
        self.product.answer = lambda heard: (status, body)
        act(self.client, self.user, "messages", text="你好")

    def replies(self, **changes: str) -> None:
        """A text reply with elements changed."""
        self.answers(text_reply(self.account, self.openid, "好", **changes))

    def xml(self, kind: str, inner: str) -> None:
        """A reply of another type."""
        head = text_reply(self.account, self.openid, "x", MsgType=kind).decode()
        self.answers(head.replace("<Content><![CDATA[x]]></Content>", inner).encode())

    def post(self, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """One POST with the account's token."""
        return call(self.client, path, self.token if token is None else token, body)

    def notice(self, **changes: Any) -> dict[str, Any]:
        """The body of a good template message."""
        return {
            "touser": self.openid,
            "template_id": "TPL_ACCOUNT_APPOINTMENT_REMINDER",
            "data": APPOINTMENT,
        } | changes

    def biz(self, **changes: Any) -> dict[str, Any]:
        """The body of a subscription notice without a credit."""
        return self.notice(template_id="BIZ_APPOINTMENT_BOOKED", **changes)

    def service(self, **changes: Any) -> dict[str, Any]:
        """The body of a customer-service text."""
        return {"touser": self.openid, "msgtype": "text", "text": {"content": "好"}} | changes

    def seen(self, at: float = 0.0, **changes: Any) -> None:
        """A call at another time than now, since nobody waits in tests."""
        known = {
            "path": "/cgi-bin/user/info",
            "method": "GET",
            "args": {"access_token": "T"},
            "body": {},
            "raw": b"",
            "product": "account",
            "errcode": 0,
            "answered": 0,
            "journal_id": 0,
            "at": 1_700_000_000 + at,
            "monotonic": 1000 + at,
        }
        self.client.application.extensions["sandbox"].conformance.call(CallSeen(**(known | changes)))

    def authorize(self, **changes: str) -> None:
        """A web login by somebody."""
        self.client.set_cookie("sandbox_phone", changes.pop("who", "u1"))
        wanted = {
            "appid": ACCOUNT_APP_ID,
            "redirect_uri": f"{self.product.url}/h5/",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "s1",
        }
        self.client.get("/connect/oauth2/authorize?" + urlencode(wanted | changes))

    def raw(self, status: int, query: dict[str, str] | None = None) -> None:
        """A push sent as it is, which the product answers with `status`."""
        self.product.answer = lambda heard: (status, b"")
        wanted: dict[str, Any] = {"raw": True, "body": "<xml>"} | ({"query": query} if query is not None else {})
        assert self.client.post("/sandbox/push", json=wanted).status_code == 200


def echoes(bench: Bench, echo: Callable[[Heard], bytes]) -> None:
    bench.product.answer = lambda heard: (200, echo(heard))
    bench.client.post("/sandbox/verification", json={"product": "account"})


def late(bench: Bench) -> None:
    world = bench.client.application.extensions["sandbox"]
    world.config = replace(world.config, push_timeout_seconds=0.1)
    answered = threading.Event()
    bench.product.answer = lambda heard: (200, b"success" if answered.wait(5) else b"")
    act(bench.client, bench.user, "messages", text="你好")
    answered.set()


def sealed_wrongly(bench: Bench, how: str) -> None:
    bench.use(mode="security")
    plain = text_reply(bench.account, bench.openid, "好")
    if how == "signature":
        bench.answers(sealed_reply(replace(bench.account, token="CCCCC"), plain))
    elif how == "app":
        bench.answers(sealed_reply(replace(bench.account, app_id=MINIPROGRAM_APP_ID), plain))
    else:
        bench.answers(plain)


def answers_event(bench: Bench, name: str) -> None:
    bench.product.answer = lambda heard: (200, text_reply(bench.account, bench.openid, "好"))
    act(bench.client, bench.user, "pushes", kind=name, values={})


def answers_twice(bench: Bench) -> None:
    texts = iter(["一", "二"])
    bench.product.answer = lambda heard: (200, text_reply(bench.account, bench.openid, next(texts)))
    act(bench.client, bench.user, "messages", text="你好", copies=2)


def answers_mini_program(bench: Bench) -> None:
    app = bench.config.miniprogram
    body = {
        "ToUserName": bench.user["miniprogram_openid"],
        "FromUserName": app.original_id,
        "CreateTime": 1714112446,
        "MsgType": "text",
        "Content": "好",
    }
    bench.product.answer = lambda heard: (200, json.dumps(body).encode())
    act(bench.client, bench.user, "messages", text="你好", product="miniprogram")


def raw_call(bench: Bench, path: str, data: bytes | None = None, token: str | None = None) -> None:
    query = {"access_token": bench.token if token is None else token}
    if data is None:
        bench.client.get(path, query_string=query)
    else:
        bench.client.post(path, query_string=query, data=data)


def refused_tokens(bench: Bench) -> None:
    bench.client.post("/sandbox/faults", json={"endpoint": "/cgi-bin/user/info", "errcode": 40001, "times": 3})
    for _ in range(3):
        fetch(bench.client, "/cgi-bin/user/info", bench.token, openid=bench.openid)


def forced_tokens(bench: Bench) -> None:
    for _ in range(2):
        stable_token(bench.client, ACCOUNT_APP_ID, force_refresh=True)


def classic_tokens(bench: Bench) -> None:
    for _ in range(2):
        bench.client.get("/cgi-bin/token", query_string=ASKING)


def ignored_quota(bench: Bench) -> None:
    bench.seen(errcode=45009, answered=45009)
    bench.seen(at=60.0)


def used_code(bench: Bench) -> None:
    code = act(bench.client, bench.user, "login_code")["code"]
    query = {
        "appid": MINIPROGRAM_APP_ID,
        "secret": SECRET,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    for _ in range(2):
        bench.client.get("/sns/jscode2session", query_string=query)


def limited(bench: Bench) -> None:
    bench.client.post("/sandbox/quotas", json={"path": "/cgi-bin/getcallbackip", "daily": 0})
    fetch(bench.client, "/cgi-bin/getcallbackip", bench.token)


def sent_to_a_leaver(bench: Bench) -> None:
    act(bench.client, bench.user, "events", event="unsubscribe")
    bench.seen(path=CUSTOM, method="POST", body=bench.service(), monotonic=time.monotonic() + 3)


def overlapping(bench: Bench) -> None:
    bench.seen(path=BIZ, method="POST", errcode=43108, answered=43108)


def checked(bench: Bench, **changes: Any) -> None:
    body = {"version": 2, "openid": bench.user["miniprogram_openid"], "scene": 2, "content": "好"} | changes
    bench.post("/wxa/msg_sec_check", body, bench.mini)


def js_config(bench: Bench) -> None:
    given = {"appId": ACCOUNT_APP_ID, "timestamp": "1", "nonceStr": "n", "signature": "x", "url": bench.product.url}
    bench.client.post("/sandbox/js_config", json=given)


NEWS = "<ArticleCount>{}</ArticleCount><Articles><item><Title>{}</Title></item></Articles>"
TWO = "<ArticleCount>2</ArticleCount><Articles>" + "<item><Title>题</Title></item>" * 2 + "</Articles>"
FORGED = {"timestamp": "1", "nonce": "2", "signature": "0" * 40}

BREAKERS: dict[str, Callable[[Bench], Any]] = {
    "verify.echo": lambda b: echoes(b, lambda heard: heard.query["echostr"].encode() + b"\n"),
    "verify.refuse": lambda b: echoes(b, lambda heard: heard.query["echostr"].encode()),
    "push.forged": lambda b: b.raw(200, FORGED),
    "push.no_5xx": lambda b: b.raw(500),
    "reply.in_time": late,
    "reply.status": lambda b: b.answers(b"success", 500),
    "reply.success": lambda b: b.answers(b'"success"\n'),
    "reply.well_formed": lambda b: b.answers(b"<xml><a></xml>"),
    "reply.encrypted": lambda b: sealed_wrongly(b, "not at all"),
    "reply.plain": lambda b: b.answers(sealed_reply(b.account, text_reply(b.account, b.openid, "好"))),
    "reply.signature": lambda b: sealed_wrongly(b, "signature"),
    "reply.decryptable": lambda b: sealed_wrongly(b, "app"),
    "reply.to": lambda b: b.replies(ToUserName=b.account.original_id),
    "reply.from": lambda b: b.replies(FromUserName=b.openid),
    "reply.create_time": lambda b: b.replies(CreateTime="1714112446.5"),
    "reply.msg_type": lambda b: b.replies(MsgType="poem"),
    "reply.elements": lambda b: b.replies(Content="]]></Content><Injected>x</Injected><Content><![CDATA["),
    "reply.text_empty": lambda b: b.replies(Content=" "),
    "reply.text_length": lambda b: b.replies(Content="字" * 683),
    "reply.articles": lambda b: b.xml("news", NEWS.format(2, "题")),
    "reply.article_limit": lambda b: b.xml("news", TWO),
    "reply.media": lambda b: b.xml("image", "<Image><MediaId>nonsense</MediaId></Image>"),
    "reply.unsubscribe": lambda b: answers_event(b, "unsubscribe"),
    "reply.server_event": lambda b: answers_event(b, "TEMPLATESENDJOBFINISH"),
    "reply.miniprogram": answers_mini_program,
    "reply.same_again": answers_twice,
    "reply.content_type": lambda b: b.replies(),
    "call.address": lambda b: raw_call(b, "/cgi-bin/poem"),
    "call.method": lambda b: raw_call(b, TEMPLATE),
    "call.json": lambda b: raw_call(b, TEMPLATE, b'{"touser": "\\u4f60"}'),
    "call.token_given": lambda b: raw_call(b, "/cgi-bin/getcallbackip", token=""),
    "call.token_formed": lambda b: raw_call(b, "/cgi-bin/getcallbackip", token="short"),
    "call.credentials": lambda b: b.client.get("/cgi-bin/token", query_string=ASKING | {"secret": "wrong"}),
    "call.product": lambda b: raw_call(b, "/cgi-bin/menu/get", token=b.mini),
    "call.openid": lambda b: b.post(TEMPLATE, b.notice(touser=b.user["miniprogram_openid"])),
    "call.secret_place": lambda b: b.post(TEMPLATE, b.notice(session_key="x")),
    "call.token_retry": refused_tokens,
    "call.force_refresh": forced_tokens,
    "call.one_refresher": classic_tokens,
    "call.stop_at_quota": ignored_quota,
    "call.quota": limited,
    "call.final": lambda b: [b.post(BIZ, b.biz()) for _ in range(2)],
    "call.template": lambda b: b.post(TEMPLATE, b.notice(template_id="T")),
    "call.fields": lambda b: b.post(TEMPLATE, b.notice(data={})),
    "call.first_remark": lambda b: b.post(TEMPLATE, b.notice(data=APPOINTMENT | {"first": {"value": "您好"}})),
    "call.credit": lambda b: b.post(BIZ, b.biz()),
    "call.follower": lambda b: b.post(
        TEMPLATE, b.notice(touser=b.client.get("/sandbox/users").json["items"][3]["account_openid"])
    ),
    "call.gone": sent_to_a_leaver,
    "call.window": lambda b: b.post(CUSTOM, b.service()),
    "call.one_at_a_time": overlapping,
    "call.code": used_code,
    "call.arguments": lambda b: b.post(CUSTOM, b.service(msgtype="poem")),
    "call.menu": lambda b: b.post("/cgi-bin/menu/create", {"button": []}),
    "call.miniprogram_page": lambda b: b.post("/wxa/generate_urllink", {"path": "/a"}, b.mini),
    "call.media": lambda b: fetch(b.client, "/cgi-bin/media/get", b.token, media_id="nonsense"),
    "call.check_version": lambda b: checked(b, version=1),
    "call.check_active": checked,
    "page.oauth_order": lambda b: b.authorize(response_type="token"),
    "page.oauth_domain": lambda b: b.authorize(redirect_uri="https://evil.example/"),
    "page.oauth_state": lambda b: b.authorize(state=""),
    "page.js_signature": js_config,
}
