"""Quotas and request ids: clear_quota, quota/get, rid/get (wechat-protocol.md §5.6)."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.config import Product
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.quota import clear_quotas, used_today
from sandbox.wechat.token import app_with_secret

RID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")
# What an endpoint allows a day is known to the areas; they are joined in routes, which hands the table over.
DAILY: dict[str, int] = {}


def _clear(call: Call) -> dict[str, Any]:
    if call.text("appid") != call.app.app_id:
        raise WeChatError(40013)
    clear_quotas(call.world, call.app.product)
    return dict(OK)


def _clear_by_secret(call: Call) -> dict[str, Any]:
    app = app_with_secret(call.world, call.text("appid"), call.text("appsecret"))
    clear_quotas(call.world, app.product)
    return dict(OK)


def _quota(call: Call) -> dict[str, Any]:
    path = call.text("cgi_path")
    limit = call.world.state.limits.get(path, {}).get("daily", DAILY.get(path))
    if limit is None:
        raise WeChatError(76021)
    used = used_today(call.world, call.app.product, path)
    return {**OK, "quota": {"daily_limit": limit, "used": used, "remain": limit - used}}


def _request(call: Call) -> dict[str, Any]:
    rid = call.text("rid")
    if not RID.fullmatch(rid):
        raise WeChatError(76002)
    for entry in call.world.journal.after(0, 10_000):
        if entry["direction"] == "call" and f"rid: {rid}" in json.dumps(entry["response"], ensure_ascii=False):
            return _told(entry, call.app.product)
    raise WeChatError(76001)


def _told(entry: dict[str, Any], product: Product) -> dict[str, Any]:
    if entry["app"] != product:
        raise WeChatError(76003)
    told = {
        "invoke_time": entry["at"],
        "cost_in_ms": entry["duration_ms"],
        "request_url": entry["path"],
        "request_body": json.dumps(entry["request"]["body"], ensure_ascii=False),
        "response_body": json.dumps(entry["response"]["body"], ensure_ascii=False),
        "client_ip": "127.0.0.1",
    }
    return {**OK, "request": told}


ENDPOINTS = (
    Endpoint("/cgi-bin/clear_quota", "POST", _clear),
    Endpoint("/cgi-bin/clear_quota/v2", "POST", _clear_by_secret, needs_token=False),
    Endpoint("/cgi-bin/openapi/quota/get", "POST", _quota),
    Endpoint("/cgi-bin/openapi/rid/get", "POST", _request),
)
