"""The blueprint with every endpoint. A new area is a module with `ENDPOINTS` and a line here."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, request

from sandbox.wechat import customer_service, login, menu, qrcode, subscribe_message, template_message, token, user
from sandbox.wechat.endpoint import Call, Endpoint, add_endpoint, serve
from sandbox.wechat.errors import WeChatError

AREAS = (token, login, template_message, subscribe_message, customer_service, menu, qrcode, user)
PREFIXES = ("cgi-bin", "wxa", "wxaapi", "sns")


def wechat_blueprint() -> Blueprint:
    """All endpoints, and 40066 for an address below WeChat's prefixes that is none of them."""
    blueprint = Blueprint("wechat", __name__)
    for area in AREAS:
        for endpoint in area.ENDPOINTS:
            add_endpoint(blueprint, endpoint)
    blueprint.add_url_rule("/cgi-bin/showqrcode", "showqrcode", qrcode.show)
    for prefix in PREFIXES:
        blueprint.add_url_rule(f"/{prefix}/<path:rest>", f"unknown_{prefix}", _unknown, methods=["GET", "POST"])
    return blueprint


def _unknown(**_path: str) -> Response:
    method: Literal["GET", "POST"] = "POST" if request.method == "POST" else "GET"
    return serve(Endpoint(request.path, method, _refuse, needs_token=False))


def _refuse(_call: Call) -> dict[str, Any]:
    raise WeChatError(40066)
