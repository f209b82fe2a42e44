"""Customer-service messages (wechat-protocol.md §5.4): text, msgmenu and a single article."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.allowances import take_send
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.recipients import recipient

TEXT_LIMIT_BYTES = 2048


def _send(call: Call) -> dict[str, Any]:
    world, product = call.world, call.app.product
    with world.lock:
        resident = recipient(call)
        kind = call.text("msgtype")
        read = CONTENTS.get(kind)
        content = call.body.get(kind)
        if read is None:
            raise WeChatError(40008)
        if not isinstance(content, dict):
            raise WeChatError(47003, f"{kind} invalid")
        text, more = read(content)
        taken = take_send(resident, product, world.now())
        if taken != "ok":
            raise WeChatError(45015 if taken == "closed" else 45047)
        world.show(resident, "account", kind, text, product, **more)
    return dict(OK)


def _text(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return _limited(content.get("content"), "text.content"), {}


def _menu(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    items = content.get("list")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise WeChatError(47003, "msgmenu.list invalid")
    choices = [{"id": str(item.get("id", "")), "content": _limited(item.get("content"), "content")} for item in items]
    parts = (str(content.get(name) or "") for name in ("head_content", "tail_content"))
    head, tail = parts
    return head, {"choices": choices, "tail": tail}


def _news(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise WeChatError(47003, "news.articles invalid")
    if len(articles) > 1:
        raise WeChatError(45008)
    names = {"title": "title", "description": "description", "url": "url", "picture": "picurl"}
    shown = {key: str(articles[0].get(name) or "") for key, name in names.items()}
    return shown["title"], {"articles": [shown]}


def _limited(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise WeChatError(47003, f"{name} invalid")
    if len(value.encode()) > TEXT_LIMIT_BYTES:
        raise WeChatError(45002)
    return value


CONTENTS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "text": _text,
    "msgmenu": _menu,
    "news": _news,
}

ENDPOINTS = (Endpoint("/cgi-bin/message/custom/send", "POST", _send, daily=500_000),)
