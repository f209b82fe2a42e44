"""Content checks, at once for text and later for media (wechat-protocol.md §6.6)."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.push import Push, deliver
from sandbox.state import Resident
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

ACTIVE_SECONDS = 2 * 3600
CONTENT_LIMIT = 2500
SCENES = (1, 2, 3, 4)
MEDIA_TYPES = (1, 2)  # audio, image
MEDIA_LIMIT_BYTES = 10 << 20
CLEAN, ADS, OTHER = 100, 10001, 21000
NOT_FETCHED = -1008


def _text_check(call: Call) -> dict[str, Any]:
    world = call.world
    if call.body.get("version") != 2:
        raise WeChatError(47003, "version invalid")
    content = call.text("content")
    if not content or len(content) > CONTENT_LIMIT:
        raise WeChatError(47003, "content invalid")
    _active_user(call)
    words, found = world.state.switches["words"], ""
    parts = [content, *(call.text(name) for name in ("title", "nickname", "signature"))]
    found = next((word for word in words if any(word in part for part in parts)), "")
    label = words[found] if found else CLEAN
    suggest = _suggestion(label)
    keyword: dict[str, Any] = {"strategy": "keyword", "errcode": 0, "suggest": suggest, "label": label, "level": 20}
    if found:
        keyword |= {"level": 90, "keyword": found}
    model = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
    # errcode 0 says that the check ran, not that the text is clean.
    return {**OK, "result": {"suggest": suggest, "label": label}, "detail": [model, keyword], "trace_id": _trace(world)}


def _suggestion(label: int) -> str:
    return {CLEAN: "pass", ADS: "review"}.get(label, "risky")


def _active_user(call: Call) -> Resident:
    """Who wrote it. Raises 40003, 47003 for a bad scene, 61010 for two hours without the mini-program."""
    if call.body.get("scene") not in SCENES:
        raise WeChatError(47003, "scene invalid")
    resident = call.world.state.by_openid("miniprogram", call.text("openid"))
    if resident is None:
        raise WeChatError(40003)
    if resident.miniprogram_seen_at <= call.world.now() - ACTIVE_SECONDS:
        raise WeChatError(61010)
    return resident


def _trace(world: World) -> str:
    return f"{int(world.now()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def _media_check(call: Call) -> dict[str, Any]:
    world, address = call.world, call.text("media_url")
    if call.body.get("version") != 2:
        raise WeChatError(47003, "version invalid")
    if call.body.get("media_type") not in MEDIA_TYPES:
        raise WeChatError(47003, "media_type invalid")
    if urlsplit(address).scheme not in ("http", "https"):
        raise WeChatError(47003, "media_url invalid")
    resident, trace = _active_user(call), _trace(world)
    openid = resident.miniprogram_openid
    world.in_background(lambda: _told_later(world, openid, address, trace), world.config.event_delay_seconds)
    return {**OK, "trace_id": trace}


def _told_later(world: World, openid: str, address: str, trace: str) -> None:
    suggest = world.state.switches["media_verdict"]
    fetched = _fetchable(world, address)
    label = CLEAN if suggest == "pass" else OTHER
    errcode, errmsg = (0, "ok") if fetched else (NOT_FETCHED, "download failed")
    detail = {"strategy": "content_model", "errcode": errcode, "suggest": suggest, "label": label, "prob": 90}
    fields = {
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": world.config.miniprogram.app_id,
        "trace_id": trace,
        "version": 2,
        "detail": [detail],
        "errcode": errcode,
        "errmsg": errmsg,
        "result": {"suggest": suggest, "label": label} if fetched else {"suggest": "review", "label": OTHER},
    }
    deliver(world, Push("miniprogram", openid, fields, is_event=True))


def _fetchable(world: World, address: str) -> bool:
    """Whether the file can be had. Only this machine is asked: the sandbox never reaches out into the network."""
    host = urlsplit(address).hostname or ""
    if host != urlsplit(world.config.public_base_url).hostname and not _loopback(host):
        return False
    try:
        with world.http.stream("GET", address, timeout=world.config.push_timeout_seconds) as answer:
            size = 0
            for chunk in answer.iter_bytes():
                size += len(chunk)
                if size > MEDIA_LIMIT_BYTES:
                    return False
            return answer.status_code == 200 and size > 0
    except httpx.HTTPError:
        return False


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


ENDPOINTS = (
    Endpoint("/wxa/msg_sec_check", "POST", _text_check, only="miniprogram", daily=2_000_000, minute=4000),
    Endpoint("/wxa/media_check_async", "POST", _media_check, only="miniprogram", daily=200_000, minute=2000),
)
