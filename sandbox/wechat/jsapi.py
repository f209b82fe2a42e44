"""/cgi-bin/ticket/getticket, and what a web page's wx.config would say to a signature (wechat-protocol.md §2.4)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import urlsplit

from sandbox.consent import own_host
from sandbox.push_crypto import same
from sandbox.state import Ticket
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

LIFE_SECONDS = 7200
KINDS = ("jsapi", "wx_card")
REMEMBERED = 50


def _ticket(call: Call) -> dict[str, Any]:
    world, kind = call.world, call.args.get("type", "")
    if kind not in KINDS:
        raise WeChatError(40097)
    with world.lock:
        now = world.now()
        alive = _alive(world, kind)
        if not alive:
            fresh = Ticket(
                product="account",
                kind=kind,
                ticket="k" + secrets.token_urlsafe(64),
                issued_at=now,
                expires_at=now + LIFE_SECONDS,
            )
            world.state.tickets = [*world.state.tickets, fresh][-REMEMBERED:]
            world.changed()
            alive = [fresh]
        return {**OK, "ticket": alive[-1]["ticket"], "expires_in": int(alive[-1]["expires_at"] - now)}


def _alive(world: World, kind: str) -> list[Ticket]:
    return [one for one in world.state.tickets if one["kind"] == kind and one["expires_at"] > world.now()]


def page_signature(ticket: str, noncestr: str, timestamp: str, url: str) -> str:
    """sha1 over the four, in this order and raw; `url` without its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def config_answer(world: World, given: dict[str, str]) -> str:
    """`config:ok`, or what wx.config says instead. `given` is appId, timestamp, nonceStr, signature and url."""
    if given["appId"] != world.config.account.app_id:
        return "config:invalid appid"
    if urlsplit(given["url"]).hostname != own_host(world):
        return "config:invalid url domain"
    with world.lock:
        tickets = [one["ticket"] for one in _alive(world, "jsapi")]
    right = [page_signature(ticket, given["nonceStr"], given["timestamp"], given["url"]) for ticket in tickets]
    return "config:ok" if any(same(given["signature"], one) for one in right) else "config:invalid signature"


ENDPOINTS = (Endpoint("/cgi-bin/ticket/getticket", "GET", _ticket, only="account", daily=1_000_000),)
