"""/cgi-bin/token, /cgi-bin/stable_token and /cgi-bin/getcallbackip (wechat-protocol.md §2, §0)."""

from __future__ import annotations

from typing import Any

from flask import request

from sandbox.config import AppConfig
from sandbox.push_crypto import same
from sandbox.tokens import classic_token, stable_token
from sandbox.wechat.endpoint import Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

CLASSIC_PER_DAY = 2000
STABLE_PER_DAY, STABLE_PER_MINUTE = 500_000, 10_000


def app_with_secret(world: World, app_id: str, secret: str) -> AppConfig:
    """The product that these credentials name. Raises 41002, 40013, 41004 or 40125."""
    if not app_id:
        raise WeChatError(41002)
    app = world.config.by_app_id(app_id)
    if app is None:
        raise WeChatError(40013)
    if not secret:
        raise WeChatError(41004)
    if not same(secret, app.secret):
        raise WeChatError(40125)
    return app


def _classic(call: Call) -> dict[str, Any]:
    if call.args.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    app = app_with_secret(call.world, call.args.get("appid", ""), call.args.get("secret", ""))
    _check_address(call)
    token, expires_in = classic_token(call.world, app)
    return {"access_token": token, "expires_in": expires_in}


def _stable(call: Call) -> dict[str, Any]:
    if call.text("grant_type") != "client_credential":
        raise WeChatError(40002)
    app = app_with_secret(call.world, call.text("appid"), call.text("secret"))
    _check_address(call)
    token, expires_in = stable_token(call.world, app, call.body.get("force_refresh") is True)
    return {"access_token": token, "expires_in": expires_in}


def _check_address(call: Call) -> None:
    """Tokens are given to listed addresses only, where a list was made (§0)."""
    listed, caller = call.world.state.switches["ip_whitelist"], request.remote_addr or ""
    if listed and caller not in listed:
        raise WeChatError(40164, f"ip {caller}, not in whitelist")


def _callback_addresses(call: Call) -> dict[str, Any]:
    return {"ip_list": [call.world.config.host]}


ENDPOINTS = (
    Endpoint("/cgi-bin/token", "GET", _classic, needs_token=False, daily=CLASSIC_PER_DAY),
    Endpoint(
        "/cgi-bin/stable_token", "POST", _stable, needs_token=False, daily=STABLE_PER_DAY, minute=STABLE_PER_MINUTE
    ),
    Endpoint("/cgi-bin/getcallbackip", "GET", _callback_addresses),
)
