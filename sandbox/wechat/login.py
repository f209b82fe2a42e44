"""The mini-program's login: /sns/jscode2session, session keys and phone numbers (wechat-protocol.md §3)."""

from __future__ import annotations

import base64
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from sandbox.codes import redeem_code
from sandbox.push_crypto import same
from sandbox.state import Resident, SessionKey
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.token import app_with_secret
from sandbox.world import World


def _session(call: Call) -> dict[str, Any]:
    world, args = call.world, call.args
    if args.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    app = app_with_secret(world, args.get("appid", ""), args.get("secret", ""))
    if not args.get("js_code"):
        raise WeChatError(41008)
    _, resident = redeem_code(world, app.product, "login", args["js_code"])
    with world.lock:
        resident.miniprogram_seen_at = world.now()
        answer = {"session_key": _renewed(call, resident)["key"], "openid": resident.miniprogram_openid}
        if world.state.switches["unionid_bound"]:
            answer["unionid"] = resident.unionid
    return answer


def _renewed(call: Call, resident: Resident) -> SessionKey:
    resident.session = SessionKey(key=base64.b64encode(os.urandom(16)).decode(), issued_at=call.world.now())
    call.world.changed()
    return resident.session


def session_signature(session_key: str, data: str = "") -> str:
    """How a caller shows that it knows the key: HMAC-SHA256 over `data`, keyed by the base64 text (§3.2)."""
    return hmac.new(session_key.encode(), data.encode(), "sha256").hexdigest()


def _signed(call: Call) -> Resident:
    """Whose session this is. Raises 87009 for a wrong signature or where there is no session."""
    resident = call.world.state.by_openid("miniprogram", call.args.get("openid", ""))
    if resident is None:
        raise WeChatError(40003)
    if call.args.get("sig_method") != "hmac_sha256":
        raise WeChatError(47003, "sig_method invalid")
    session = resident.session
    if session is None or not same(call.args.get("signature", ""), session_signature(session["key"])):
        raise WeChatError(87009)
    return resident


def _check(call: Call) -> dict[str, Any]:
    with call.world.lock:
        _signed(call)
    return dict(OK)


def _reset(call: Call) -> dict[str, Any]:
    with call.world.lock:
        resident = _signed(call)
        key = _renewed(call, resident)["key"]
    return {**OK, "openid": resident.miniprogram_openid, "session_key": key}


def _phone(call: Call) -> dict[str, Any]:
    world, code = call.world, call.text("code")
    if not code:
        raise WeChatError(40029)
    _, resident = redeem_code(world, call.app.product, "phone", code, call.text("openid"))
    return {**OK, "phone_info": _phone_info(world, resident)}


def _phone_info(world: World, resident: Resident) -> dict[str, Any]:
    number = resident.phone
    watermark = {"timestamp": int(world.now()), "appid": world.config.miniprogram.app_id}
    # countryCode is a string by the documents and a number in their sample (§3.4); we send what they say.
    return {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": watermark}


def sealed_phone(world: World, resident: Resident, session_key: str) -> tuple[str, str]:
    """`encryptedData` and `iv` of the number: AES-128-CBC, PKCS#7 with block 16, all in base64 (§3.3)."""
    vector = os.urandom(16)
    padder = PKCS7(128).padder()
    plain = padder.update(json.dumps(_phone_info(world, resident)).encode()) + padder.finalize()
    cipher = Cipher(AES(base64.b64decode(session_key)), CBC(vector)).encryptor()
    sealed = cipher.update(plain) + cipher.finalize()
    return base64.b64encode(sealed).decode(), base64.b64encode(vector).decode()


ENDPOINTS = (
    Endpoint("/sns/jscode2session", "GET", _session, needs_token=False),
    Endpoint("/wxa/checksession", "GET", _check, only="miniprogram"),
    Endpoint("/wxa/resetusersessionkey", "GET", _reset, only="miniprogram", minute=60_000),
    Endpoint("/wxa/business/getuserphonenumber", "POST", _phone),
)
