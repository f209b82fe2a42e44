"""/sns/jscode2session: the mini-program's login (wechat-protocol.md §3.1)."""

from __future__ import annotations

import base64
import os
import secrets
from typing import Any

from sandbox.state import Resident
from sandbox.wechat.endpoint import Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.token import app_with_secret
from sandbox.world import LoginCode, World

CODE_LIFE_SECONDS = 300


def issue_code(world: World, resident: Resident) -> str:
    """What `wx.login` hands to the mini-program on this resident's phone."""
    code = "0" + secrets.token_hex(15) + "w1"
    with world.lock:
        now = world.now()
        world.codes = {key: one for key, one in world.codes.items() if one.expires_at > now - CODE_LIFE_SECONDS}
        world.codes[code] = LoginCode(resident.id, now + CODE_LIFE_SECONDS)
    return code


def _session(call: Call) -> dict[str, Any]:
    world, args = call.world, call.args
    if args.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    app = app_with_secret(world, args.get("appid", ""), args.get("secret", ""))
    if not args.get("js_code"):
        raise WeChatError(41008)
    with world.lock:
        code = world.codes.get(args["js_code"])
        # A code belongs to the mini-program that asked for it; the account's app id cannot redeem it.
        if code is None or app.product != "miniprogram" or code.expires_at <= world.now():
            raise WeChatError(40029)
        if code.used:
            raise WeChatError(40163)
        code.used = True
        resident = world.state.residents[code.resident_id]
    return {
        "session_key": base64.b64encode(os.urandom(16)).decode(),
        "openid": resident.miniprogram_openid,
        "unionid": resident.unionid,
    }


ENDPOINTS = (Endpoint("/sns/jscode2session", "GET", _session, needs_token=False),)
