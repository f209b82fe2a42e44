"""/cgi-bin/qrcode/create and /cgi-bin/showqrcode: QR codes with a scene (wechat-protocol.md §6.2)."""

from __future__ import annotations

import io
import secrets
from typing import Any

import segno
from flask import Response, request

from sandbox.state import QrCode
from sandbox.wechat.endpoint import Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.world import World, current_world

DEFAULT_SECONDS, LONGEST_SECONDS = 30, 2_592_000
PERMANENT_NUMBERS = 100_000
SCENE_CHARACTERS = 64
REMEMBERED = 1000


def living_codes(world: World) -> list[QrCode]:
    """The codes that can still be scanned, the newest first."""
    with world.lock:
        now = world.now()
        return [
            code for code in reversed(world.state.qr_codes) if code["expires_at"] is None or code["expires_at"] > now
        ]


def code_saying(world: World, url: str) -> QrCode | None:
    """The living code whose picture says this."""
    return next((code for code in living_codes(world) if code["url"] == url), None)


def show() -> Response:
    """The picture of a ticket. No token is asked for; a ticket that is none, or has run out, is answered 404."""
    wanted = request.args.get("ticket", "")
    code = next((code for code in living_codes(current_world()) if code["ticket"] == wanted), None)
    if code is None:
        return Response("404 Not Found", 404, mimetype="text/plain")
    drawn = io.BytesIO()
    segno.make(code["url"], error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    return Response(drawn.getvalue(), mimetype="image/png")


def _create(call: Call) -> dict[str, Any]:
    world, scene, permanent = call.world, _scene(call), call.text("action_name").startswith("QR_LIMIT_")
    seconds = None if permanent else _seconds(call)
    with world.lock:
        code = QrCode(
            scene=scene,
            ticket="gQ" + secrets.token_urlsafe(72),
            url=f"http://weixin.qq.com/q/{secrets.token_urlsafe(24)}",
            made_at=world.now_text(),
            expires_at=None if seconds is None else world.now() + seconds,
        )
        world.state.qr_codes = [*reversed(living_codes(world)), code][-REMEMBERED:]
        world.changed()
    lasting = {} if seconds is None else {"expire_seconds": seconds}
    return {"ticket": code["ticket"], **lasting, "url": code["url"]}


def _seconds(call: Call) -> int:
    seconds = call.body.get("expire_seconds", DEFAULT_SECONDS)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= LONGEST_SECONDS:
        raise WeChatError(47003, "expire_seconds invalid")
    return seconds


def _scene(call: Call) -> str:
    """The scene as pushes will name it: a number or a text, by the action."""
    action, info = call.text("action_name"), call.body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        raise WeChatError(40053)
    if action in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
        text = scene.get("scene_str")
        if isinstance(text, str) and 1 <= len(text) <= SCENE_CHARACTERS:
            return text
    elif action in ("QR_SCENE", "QR_LIMIT_SCENE"):
        number, most = scene.get("scene_id"), PERMANENT_NUMBERS if action == "QR_LIMIT_SCENE" else 2**32 - 1
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most:
            return str(number)
    raise WeChatError(40053)


ENDPOINTS = (Endpoint("/cgi-bin/qrcode/create", "POST", _create, only="account", daily=100_000),)
