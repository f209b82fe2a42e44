"""Customer-service messages and the typing sign (wechat-protocol.md §5.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.allowances import last_seen, take_send
from sandbox.config import Product
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.media import living
from sandbox.wechat.recipients import recipient

TEXT_LIMIT_BYTES = 2048
TYPING_SECONDS, TYPING_AFTER_SECONDS = 15, 30
KINDS: dict[Product, frozenset[str]] = {
    "account": frozenset({"text", "image", "voice", "video", "music", "news", "msgmenu", "miniprogrampage"}),
    "miniprogram": frozenset({"text", "image", "link", "miniprogrampage"}),
}

Shown = tuple[str, dict[str, Any]]


def _send(call: Call) -> dict[str, Any]:
    world, product = call.world, call.app.product
    with world.lock:
        resident = recipient(call)
        kind = call.text("msgtype")
        content = call.body.get(kind)
        if kind not in KINDS[product]:
            raise WeChatError(40008)
        if not isinstance(content, dict):
            raise WeChatError(47003, f"{kind} invalid")
        text, more = READERS[kind](call, content)
        if resident.refuses_messages and product == "account":
            raise WeChatError(48002)
        taken = take_send(resident, product, world.now())
        if taken != "ok":
            raise WeChatError(45015 if taken == "closed" else 45047)
        world.state.typing.pop(call.text("touser"), None)
        world.show(resident, "account", kind, text, product, **more)
    return dict(OK)


def _text(_call: Call, content: dict[str, Any]) -> Shown:
    return _limited(content.get("content"), "text.content"), {}


def _menu(_call: Call, content: dict[str, Any]) -> Shown:
    items = content.get("list")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise WeChatError(47003, "msgmenu.list invalid")
    choices = [{"id": str(item.get("id", "")), "content": _limited(item.get("content"), "content")} for item in items]
    parts = (str(content.get(name) or "") for name in ("head_content", "tail_content"))
    head, tail = parts
    return head, {"choices": choices, "tail": tail}


def _news(_call: Call, content: dict[str, Any]) -> Shown:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise WeChatError(47003, "news.articles invalid")
    if len(articles) > 1:
        raise WeChatError(45008)
    names = {"title": "title", "description": "description", "url": "url", "picture": "picurl"}
    shown = {key: str(articles[0].get(name) or "") for key, name in names.items()}
    return shown["title"], {"articles": [shown]}


def _link(_call: Call, content: dict[str, Any]) -> Shown:
    title = _limited(content.get("title"), "link.title")
    article = {"title": title, "url": _limited(content.get("url"), "link.url")}
    return title, {"articles": [article | {"description": str(content.get("description") or ""), "picture": ""}]}


def _media(wording: str) -> Callable[[Call, dict[str, Any]], Shown]:
    def read(call: Call, content: dict[str, Any]) -> Shown:
        media_id = _uploaded(call, content.get("media_id"))
        return str(content.get("title") or wording), {"media_id": media_id}

    return read


def _music(call: Call, content: dict[str, Any]) -> Shown:
    _uploaded(call, content.get("thumb_media_id"))
    return _limited(content.get("title") or "[音乐]", "music.title"), {}


def _page(call: Call, content: dict[str, Any]) -> Shown:
    title, path = _limited(content.get("title"), "title"), _limited(content.get("pagepath"), "pagepath")
    _uploaded(call, content.get("thumb_media_id"))
    if call.app.product == "account" and content.get("appid") != call.world.config.miniprogram.app_id:
        raise WeChatError(40013)
    return title, {"miniprogram_path": path}


def _uploaded(call: Call, media_id: Any) -> str:
    found = living(call.world, media_id) if isinstance(media_id, str) else None
    if found is None or found[0]["product"] != call.app.product:
        raise WeChatError(40007)
    return found[0]["media_id"]


def _limited(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise WeChatError(47003, f"{name} invalid")
    if len(value.encode()) > TEXT_LIMIT_BYTES:
        raise WeChatError(45002)
    return value


def _typing(call: Call) -> dict[str, Any]:
    world, command = call.world, call.text("command")
    with world.lock:
        resident = recipient(call)
        if command not in ("Typing", "CancelTyping"):
            raise WeChatError(45072)
        now, touser = world.now(), call.text("touser")
        if last_seen(resident, call.app.product) <= now - TYPING_AFTER_SECONDS:
            raise WeChatError(45080)
        if command == "Typing" and world.state.typing.get(touser, 0.0) > now - TYPING_SECONDS:
            raise WeChatError(45081)
        if command == "Typing":
            world.state.typing[touser] = now
        else:
            world.state.typing.pop(touser, None)
        world.changed()
    return dict(OK)


READERS: dict[str, Callable[[Call, dict[str, Any]], Shown]] = {
    "text": _text,
    "msgmenu": _menu,
    "news": _news,
    "link": _link,
    "image": _media("[图片]"),
    "voice": _media("[语音]"),
    "video": _media("[视频]"),
    "music": _music,
    "miniprogrampage": _page,
}

ENDPOINTS = (
    Endpoint("/cgi-bin/message/custom/send", "POST", _send, daily=500_000),
    Endpoint("/cgi-bin/message/custom/typing", "POST", _typing),
)
