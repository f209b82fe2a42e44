"""Codes and links that lead to us (wechat-protocol §6.2-6.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from backend.settings import WeChatApp
from backend.wechat.client import WeChatClient
from backend.wechat.errors import BadContent, Misconfigured, OutcomeUnknown, TokenRejected
from tests.wechat.stand_in import Reply, StandIn, refusal, success

pytestmark = pytest.mark.usefixtures("clock")

QR, CODE = "/cgi-bin/qrcode/create", "/wxa/getwxacodeunlimit"
LINK, SCHEME = "/wxa/generate_urllink", "/wxa/generatescheme"
PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def client(app: WeChatApp, wechat: StandIn, redis: Redis) -> Iterator[WeChatClient]:
    made = WeChatClient(app, wechat.url, redis)
    yield made
    made.close()


def body(wechat: StandIn, path: str) -> Any:
    return json.loads(wechat.calls_to(path)[-1].body)


def test_a_permanent_code(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[QR] = lambda _call: success(ticket="gQ1", url="http://weixin.qq.com/q/x")
    made = client.create_permanent_qr_code("checkin-registry-1")
    assert (made.url, made.expires_in) == ("http://weixin.qq.com/q/x", None)
    assert body(wechat, QR) == {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "checkin-registry-1"}},
    }
    for scene in ("", "x" * 65):
        with pytest.raises(ValueError, match="scene"):
            client.create_permanent_qr_code(scene)


def test_a_miniprogram_code_is_a_picture(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[CODE] = lambda _call: Reply(body=PNG, content_type="image/png")
    picture = client.miniprogram_code("task=1", "pages/tasks/index")
    assert (picture.content, picture.content_type) == (PNG, "image/png")
    assert "PNG" not in repr(picture)
    assert body(wechat, CODE) == {
        "scene": "task=1",
        "page": "pages/tasks/index",
        "check_path": True,
        "env_version": "release",
        "width": 430,
    }
    client.miniprogram_code("a", "pages/a", version="trial")
    assert body(wechat, CODE)["check_path"] is False, "a page that is not released is refused otherwise (41030)"


@pytest.mark.parametrize(
    ("scene", "page", "width"),
    [
        ("", "pages/a", 430),
        ("x" * 33, "pages/a", 430),
        ("a%20", "pages/a", 430),
        ("场景", "pages/a", 430),
        ("a\n", "pages/a", 430),
        ("a", "/pages/a", 430),
        ("a", "pages/a?b=1", 430),
        ("a", "pages/a", 279),
        ("a", "pages/a", 1281),
    ],
)
def test_what_cannot_be_a_code_is_not_asked_for(
    client: WeChatClient, wechat: StandIn, scene: str, page: str, width: int
) -> None:
    with pytest.raises(ValueError, match="scene, page or width"):
        client.miniprogram_code(scene, page, width=width)
    assert wechat.calls == []


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/json; encoding=utf-8", ""])
@pytest.mark.parametrize(
    ("errcode", "kind"), [(41030, Misconfigured), (40097, Misconfigured), (40169, BadContent), (-1, None)]
)
def test_a_refusal_is_no_picture_whatever_its_content_type(
    client: WeChatClient, wechat: StandIn, errcode: int, kind: Any, content_type: str
) -> None:
    answer = refusal(errcode)
    answer.content_type = content_type
    wechat.answers[CODE] = lambda _call: answer
    with pytest.raises(kind or Exception) as caught:
        client.miniprogram_code("a", "pages/a")
    assert caught.value.errcode == errcode
    assert caught.value.rid == "662b4bbd-1a2b3c4d-0f1e2d3c"


@pytest.mark.parametrize("answer", [Reply(body=b""), Reply(body=b'{"errcode":0}'), Reply(status=502, body=PNG)])
def test_neither_picture_nor_refusal_is_no_answer(client: WeChatClient, wechat: StandIn, answer: Reply) -> None:
    wechat.answers[CODE] = lambda _call: answer
    with pytest.raises(OutcomeUnknown):
        client.miniprogram_code("a", "pages/a")


def test_a_picture_also_gets_a_new_token_once(client: WeChatClient, wechat: StandIn) -> None:
    replies = [refusal(40001), Reply(body=PNG)]
    wechat.answers[CODE] = lambda _call: replies.pop(0)
    assert client.miniprogram_code("a", "pages/a").content == PNG
    wechat.answers[CODE] = lambda _call: refusal(42001)
    before = len(wechat.calls_to(CODE))
    with pytest.raises(TokenRejected):
        client.miniprogram_code("a", "pages/a")
    assert len(wechat.calls_to(CODE)) - before == 2


def test_links(client: WeChatClient, wechat: StandIn) -> None:
    wechat.answers[LINK] = lambda _call: success(errcode=0, errmsg="ok", url_link="https://wxaurl.cn/xxxx")
    assert client.url_link("pages/a", "id=1", days=7) == "https://wxaurl.cn/xxxx"
    assert body(wechat, LINK) == {
        "path": "pages/a",
        "query": "id=1",
        "expire_type": 1,
        "expire_interval": 7,
        "env_version": "release",
    }
    wechat.answers[SCHEME] = lambda _call: success(errcode=0, openlink="weixin://dl/business/?t=x")
    assert client.url_scheme("pages/a") == "weixin://dl/business/?t=x"
    assert body(wechat, SCHEME) == {
        "jump_wxa": {"path": "pages/a", "query": "", "env_version": "release"},
        "is_expire": True,
        "expire_type": 1,
        "expire_interval": 30,
    }


@pytest.mark.parametrize(("query", "days"), [("", 0), ("", 31), ("q" * 1025, 30), ("问" * 342, 30)])
def test_what_cannot_be_a_link_is_not_asked_for(client: WeChatClient, wechat: StandIn, query: str, days: int) -> None:
    for make in (client.url_link, client.url_scheme):
        with pytest.raises(ValueError, match="link"):
            make("pages/a", query, days)
    assert wechat.calls == []


@pytest.mark.parametrize("errcode", [85400, 85401, 40165, 40212])
def test_refused_links_have_their_class(client: WeChatClient, wechat: StandIn, errcode: int) -> None:
    wechat.answers[LINK] = lambda _call: refusal(errcode)
    with pytest.raises(BadContent):
        client.url_link("pages/a")
