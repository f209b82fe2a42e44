"""Web login of the account: user tokens and profiles (wechat-protocol.md §4.1). The page itself is in `consent`."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.codes import redeem_code
from sandbox.push_crypto import same
from sandbox.state import UserToken
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.token import app_with_secret
from sandbox.world import World

LIFE_SECONDS = 7200
REFRESH_LIFE_SECONDS = 30 * 86400
PER_MINUTE = 50_000
REMEMBERED = 1000
SNAPSHOT_NICKNAME = "微信用户"


def snapshot_openid(openid: str) -> str:
    """The virtual user of a snapshot page: nobody's openid, the same each time for one user (§4.1)."""
    return "oSNAP" + openid[5:]


def _exchange(call: Call) -> dict[str, Any]:
    world, args = call.world, call.args
    if args.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    app = app_with_secret(world, args.get("appid", ""), args.get("secret", ""))
    if not args.get("code"):
        raise WeChatError(41008)
    code, resident = redeem_code(world, app.product, "oauth", args["code"])
    now, snapshot = world.now(), code.get("snapshot", False)
    issued = UserToken(
        token=_new_token(),
        refresh_token=_new_token(),
        openid=snapshot_openid(resident.account_openid) if snapshot else resident.account_openid,
        resident_id=resident.id,
        scope=code.get("scope", "snsapi_base"),
        snapshot=snapshot,
        expires_at=now + LIFE_SECONDS,
        refresh_expires_at=now + REFRESH_LIFE_SECONDS,
        issued_at=now,
    )
    with world.lock:
        world.state.user_tokens = [*world.state.user_tokens, issued][-REMEMBERED:]
        world.changed()
    return _told(world, issued) | ({"is_snapshotuser": 1} if snapshot else {})


def _told(world: World, issued: UserToken) -> dict[str, Any]:
    told: dict[str, Any] = {
        "access_token": issued["token"],
        "expires_in": LIFE_SECONDS,
        "refresh_token": issued["refresh_token"],
        "openid": issued["openid"],
        "scope": issued["scope"],
    }
    return told | _unionid(world, issued)


def _unionid(world: World, issued: UserToken) -> dict[str, str]:
    """unionid comes with snsapi_userinfo only, and only where both products are bound."""
    bound = world.state.switches["unionid_bound"] and issued["scope"] == "snsapi_userinfo"
    if not bound:
        return {}
    unionid = world.state.residents[issued["resident_id"]].unionid
    return {"unionid": "oUSNAP" + unionid[6:] if issued["snapshot"] else unionid}


def _refresh(call: Call) -> dict[str, Any]:
    world, wanted = call.world, call.args.get("refresh_token", "")
    if call.args.get("grant_type") != "refresh_token":
        raise WeChatError(40002)
    if world.config.by_app_id(call.args.get("appid", "")) is not world.config.account:
        raise WeChatError(40013)
    if not wanted:
        raise WeChatError(41003)
    with world.lock:
        found = next((one for one in world.state.user_tokens if same(one["refresh_token"], wanted)), None)
        if found is None:
            raise WeChatError(40030)
        if found["refresh_expires_at"] <= world.now():
            raise WeChatError(42002)
        # A token that still lives is only given more time; a dead one is replaced.
        if found["expires_at"] <= world.now():
            found["token"] = _new_token()
        found["expires_at"] = world.now() + LIFE_SECONDS
        world.changed()
        return _told(world, found)


def _owner(call: Call) -> UserToken:
    world, wanted = call.world, call.args.get("access_token", "")
    if not wanted:
        raise WeChatError(41001)
    found = next((one for one in world.state.user_tokens if same(one["token"], wanted)), None)
    if found is None:
        raise WeChatError(40001)
    if found["expires_at"] <= world.now():
        raise WeChatError(42001)
    if call.args.get("openid", "") != found["openid"]:
        raise WeChatError(40003)
    return found


def _profile(call: Call) -> dict[str, Any]:
    with call.world.lock:
        issued = _owner(call)
        if issued["scope"] != "snsapi_userinfo":
            raise WeChatError(48001)
        resident = call.world.state.residents[issued["resident_id"]]
        # sex, province, city and country are blank since October 2021.
        return {
            "openid": issued["openid"],
            "nickname": SNAPSHOT_NICKNAME if issued["snapshot"] else resident.name,
            "sex": 0,
            "language": "",
            "city": "",
            "province": "",
            "country": "",
            "headimgurl": "",
            "privilege": [],
            **_unionid(call.world, issued),
        }


def _check(call: Call) -> dict[str, Any]:
    with call.world.lock:
        _owner(call)
    return dict(OK)


def _new_token() -> str:
    return f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(64)}"


ENDPOINTS = (
    Endpoint("/sns/oauth2/access_token", "GET", _exchange, needs_token=False, minute=PER_MINUTE),
    Endpoint("/sns/oauth2/refresh_token", "GET", _refresh, needs_token=False, minute=PER_MINUTE),
    Endpoint("/sns/userinfo", "GET", _profile, needs_token=False, minute=PER_MINUTE),
    Endpoint("/sns/auth", "GET", _check, needs_token=False, minute=PER_MINUTE),
)
