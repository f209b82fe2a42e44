"""The frame around every API endpoint: method, body, token, quota, faults, journal. An area only writes the deed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flask import Blueprint, Response, request

from sandbox.config import BEIJING, AppConfig, Product
from sandbox.faults import Fault
from sandbox.tokens import product_of_token
from sandbox.wechat.errors import MESSAGES, WeChatError, error_answer, message_of
from sandbox.world import World, current_world

UNICODE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Call:
    """One API call as its endpoint sees it. Read `app` only in endpoints that ask for a token."""

    world: World
    args: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    product: Product | None = None

    @property
    def app(self) -> AppConfig:
        """The product whose token came with the call."""
        if self.product is None:
            raise WeChatError(41001)
        return self.world.config.product(self.product)

    def text(self, name: str) -> str:
        """A text member of the body; empty where it is missing or something else."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Endpoint:
    """What the frame has to know. `only` limits it to one product's token (48001); `daily` is the quota (45009)."""

    path: str
    method: Literal["GET", "POST"]
    handler: Callable[[Call], dict[str, Any]]
    needs_token: bool = True
    only: Product | None = None
    daily: int | None = None
    one_at_a_time: bool = False


def add_endpoint(blueprint: Blueprint, endpoint: Endpoint) -> None:
    """Put an endpoint on the wire. Both methods arrive, since WeChat answers the wrong one with JSON."""
    blueprint.add_url_rule(
        endpoint.path, endpoint.path.replace("/", "_"), lambda: serve(endpoint), methods=["GET", "POST"]
    )


def serve(endpoint: Endpoint) -> Response:
    """Answer one call and enter it in the journal, with whatever fault was asked for."""
    world, started = current_world(), time.monotonic()
    call = Call(world, dict(request.args))
    raw = request.get_data(cache=True)
    fault = world.faults.take(endpoint.path)
    mark = f"{endpoint.path} {_touser(raw)}" if endpoint.one_at_a_time else ""
    status, answer = 200, b""
    try:
        overlapping = bool(mark) and not _enter_flight(world, mark)
        status, answer = _answer(endpoint, call, raw, fault, overlapping)
        if overlapping:
            mark = ""
        if fault and fault.delay_seconds:
            world.stopping.wait(fault.delay_seconds)
    finally:
        if mark:
            with world.lock:
                world.in_flight.discard(mark)
    _enter(endpoint.path, call, raw, status, answer, started, "故障注入" if fault else "")
    return Response(answer, status, content_type="application/json; encoding=utf-8")


def _answer(endpoint: Endpoint, call: Call, raw: bytes, fault: Fault | None, overlapping: bool) -> tuple[int, bytes]:
    try:
        _prepare(endpoint, call, raw)
        if overlapping:
            raise WeChatError(43108)
        if fault and fault.refuses and not fault.after_effect:
            return _refusal(fault, call.world.now())
        payload = endpoint.handler(call)
    except WeChatError as error:
        payload = error_answer(error.errcode, message_of(error.errcode, error.detail), call.world.now())
    if fault and fault.refuses and fault.after_effect:
        return _refusal(fault, call.world.now())
    answer = json.dumps(payload, ensure_ascii=False).encode()
    return 200, answer[: len(answer) // 2] if fault and fault.truncate else answer


def _refusal(fault: Fault, now: float) -> tuple[int, bytes]:
    if fault.status is not None and fault.errcode is None:
        return fault.status, f"<html><body><h1>{fault.status}</h1></body></html>".encode()
    errcode = fault.errcode or 0
    errmsg = fault.errmsg or MESSAGES.get(errcode, "unknown error")
    return fault.status or 200, json.dumps(error_answer(errcode, errmsg, now), ensure_ascii=False).encode()


def _prepare(endpoint: Endpoint, call: Call, raw: bytes) -> None:
    if request.method != endpoint.method:
        raise WeChatError(43001 if endpoint.method == "GET" else 43002)
    if endpoint.needs_token:
        call.product = product_of_token(call.world, call.args.get("access_token", ""))
        if endpoint.only not in (None, call.product):
            raise WeChatError(48001)
    if endpoint.method == "POST":
        call.body = _json_body(raw)
    if endpoint.daily is not None:
        count_use(call.world, f"{call.product or call.args.get('appid', '')} {endpoint.path}", endpoint.daily)


def count_use(world: World, name: str, limit: int) -> None:
    """Count one use today. Raises 45009 over the limit; the day changes at midnight in Beijing."""
    today = datetime.fromtimestamp(world.now(), BEIJING).date().isoformat()
    key = f"{today} {name}"
    with world.lock:
        used = world.state.quotas.get(key, 0)
        if used >= limit:
            raise WeChatError(45009)
        world.state.quotas = {k: v for k, v in world.state.quotas.items() if k.startswith(today)} | {key: used + 1}
        world.changed()


def _json_body(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise WeChatError(44002)
    if UNICODE_ESCAPE.search(raw):
        raise WeChatError(40033)
    try:
        body = json.loads(raw)
    except ValueError:
        raise WeChatError(47001) from None
    if not isinstance(body, dict):
        raise WeChatError(47001)
    return body


def _touser(raw: bytes) -> str:
    try:
        return str(json.loads(raw).get("touser"))
    except (ValueError, AttributeError):
        return ""


def _enter_flight(world: World, mark: str) -> bool:
    with world.lock:
        if mark in world.in_flight:
            return False
        world.in_flight.add(mark)
        return True


def _enter(path: str, call: Call, raw: bytes, status: int, answer: bytes, started: float, note: str) -> None:
    app = call.product or _product_of(call)
    call.world.journal.add(
        at=call.world.now_text(),
        direction="call",
        method=request.method,
        path=path,
        app=app,
        request={"query": call.args, "body": _readable(raw)},
        response={"body": _readable(answer)},
        status=status,
        duration_ms=round((time.monotonic() - started) * 1000),
        note=note,
    )


def _product_of(call: Call) -> str:
    named = call.world.config.by_app_id(call.args.get("appid") or call.text("appid"))
    return named.product if named else ""


def _readable(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode("utf-8", "replace")[:8000]
