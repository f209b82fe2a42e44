"""Mini-program codes, URL links and schemes (wechat-protocol.md §6.3, §6.4)."""

from __future__ import annotations

import io
import re
import secrets
from typing import Any

import segno

from sandbox.state import Link
from sandbox.wechat.endpoint import OK, Binary, Call, Endpoint
from sandbox.wechat.errors import WeChatError

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
VERSIONS = ("release", "trial", "develop")
WIDTHS = range(280, 1281)
LONGEST_DAYS, DAY = 30, 86400
QUERY_LIMIT = 1024
REMEMBERED = 500


def _code(call: Call) -> Binary:
    body, scene = call.body, call.text("scene")
    if not SCENE.fullmatch(scene):
        raise WeChatError(40169)
    width = body.get("width", 430)
    if not isinstance(width, int) or isinstance(width, bool) or width not in WIDTHS:
        raise WeChatError(40097, "width")
    if body.get("env_version", "release") not in VERSIONS:
        raise WeChatError(40097, "env_version")
    page = body.get("page", "")
    checked = body.get("check_path", True) is not False and body.get("env_version", "release") == "release"
    if not isinstance(page, str) or page.startswith("/") or "?" in page or (checked and not _released(call, page)):
        raise WeChatError(41030)
    address = f"https://sandbox.invalid/miniprogram/{secrets.token_urlsafe(12)}"
    _remember(call, "code", address, page, scene, None)
    drawn, picture = io.BytesIO(), segno.make(address, error="m", micro=False)
    side = picture.symbol_size(border=4)[0]
    picture.save(drawn, kind="png", scale=max(1, width // side), border=4)
    return Binary(drawn.getvalue(), "image/png")


def _released(call: Call, page: str) -> bool:
    released = call.world.state.switches["released_pages"]
    return not released or not page or page in released


def _url_link(call: Call) -> dict[str, Any]:
    path = _path(call, call.text("path"))
    expires = _expiry(call)
    address = f"https://wxaurl.cn/{secrets.token_urlsafe(8)}"
    _remember(call, "url_link", address, path, _query(call.body), expires)
    return {**OK, "url_link": address}


def _scheme(call: Call) -> dict[str, Any]:
    jump = call.body.get("jump_wxa", {})
    if not isinstance(jump, dict):
        raise WeChatError(47003, "jump_wxa invalid")
    path = _path(call, str(jump.get("path", "")))
    expires = _expiry(call) if call.body.get("is_expire", True) else call.world.now() + LONGEST_DAYS * DAY
    address = f"weixin://dl/business/?t={secrets.token_urlsafe(8)}"
    _remember(call, "scheme", address, path, _query(jump), expires)
    return {**OK, "openlink": address}


def _path(call: Call, path: str) -> str:
    if path.startswith("/") or "?" in path or not _released(call, path):
        raise WeChatError(40165)
    return path


def _query(part: dict[str, Any]) -> str:
    query = part.get("query", "")
    if not isinstance(query, str) or len(query) > QUERY_LIMIT or not query.isascii():
        raise WeChatError(40212)
    return query


def _expiry(call: Call) -> float:
    """When the link dies. Thirty days at most, by time or by days (85401)."""
    now, kind = call.world.now(), call.body.get("expire_type", 0)
    days, moment = call.body.get("expire_interval"), call.body.get("expire_time")
    if kind == 1 and isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_DAYS:
        return now + days * DAY
    if (
        kind == 0
        and isinstance(moment, int)
        and not isinstance(moment, bool)
        and now < moment <= now + LONGEST_DAYS * DAY
    ):
        return float(moment)
    if kind == 0 and moment is None and days is None:
        return now + LONGEST_DAYS * DAY
    raise WeChatError(85401)


def _remember(call: Call, kind: str, address: str, page: str, query: str, expires_at: float | None) -> None:
    with call.world.lock:
        made_at = call.world.now()
        link = Link(kind=kind, address=address, page=page, query=query, made_at=made_at, expires_at=expires_at)
        call.world.state.links = [*call.world.state.links, link][-REMEMBERED:]
        call.world.changed()


ENDPOINTS = (
    Endpoint("/wxa/getwxacodeunlimit", "POST", _code, only="miniprogram", minute=5000),
    Endpoint("/wxa/generate_urllink", "POST", _url_link, only="miniprogram", daily=500_000),
    Endpoint("/wxa/generatescheme", "POST", _scheme, only="miniprogram", daily=500_000),
)
