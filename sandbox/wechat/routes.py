"""The blueprint with every endpoint. A new area is a module with `ENDPOINTS` and a line here."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, request

from sandbox.wechat import (
    codes_and_links,
    content_safety,
    customer_service,
    diagnosis,
    jsapi,
    login,
    media,
    menu,
    oauth,
    qrcode,
    subscribe_message,
    tags,
    template_message,
    templates,
    token,
    user,
)
from sandbox.wechat.endpoint import Call, Endpoint, add_endpoint, serve
from sandbox.wechat.errors import WeChatError

AREAS = (
    token,
    login,
    oauth,
    jsapi,
    template_message,
    subscribe_message,
    templates,
    customer_service,
    menu,
    tags,
    qrcode,
    codes_and_links,
    media,
    content_safety,
    user,
    diagnosis,
)
PREFIXES = ("cgi-bin", "wxa", "wxaapi", "sns")


def wechat_blueprint() -> Blueprint:
    """All endpoints, and 40066 for an address below WeChat's prefixes that is none of them."""
    blueprint = Blueprint("wechat", __name__)
    for area in AREAS:
        for endpoint in area.ENDPOINTS:
            add_endpoint(blueprint, endpoint)
            if endpoint.daily is not None:
                diagnosis.DAILY[endpoint.path] = endpoint.daily
    blueprint.add_url_rule("/cgi-bin/showqrcode", "showqrcode", qrcode.show)
    blueprint.add_url_rule("/mmbiz/<media_id>", "picture", media.picture)
    for prefix in PREFIXES:
        blueprint.add_url_rule(f"/{prefix}/<path:rest>", f"unknown_{prefix}", _unknown, methods=["GET", "POST"])
    return blueprint


def _unknown(**_path: str) -> Response:
    method: Literal["GET", "POST"] = "POST" if request.method == "POST" else "GET"
    return serve(Endpoint(request.path, method, _refuse, needs_token=False))


def _refuse(_call: Call) -> dict[str, Any]:
    raise WeChatError(40066)
