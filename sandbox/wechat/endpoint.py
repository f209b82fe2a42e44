"""The frame around every API endpoint: method, body, token, quota, faults, journal. An area only writes the deed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from sandbox.config import AppConfig, Product
from sandbox.conformance.evidence import CallSeen
from sandbox.faults import Fault
from sandbox.tokens import product_of_token
from sandbox.wechat.errors import MESSAGES, WeChatError, error_answer, message_of
from sandbox.wechat.quota import count_use
from sandbox.world import World, current_world

UNICODE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
OK = {"errcode": 0, "errmsg": "ok"}
JSON_TYPE = "application/json; encoding=utf-8"


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

    def file(self, name: str) -> FileStorage | None:
        """A file of a multipart body."""
        return request.files.get(name)


@dataclass(frozen=True)
class Binary:
    """An answer that is no JSON, such as a picture."""

    data: bytes
    content_type: str
    name: str = ""


Payload = dict[str, Any] | Binary


@dataclass(frozen=True)
class Endpoint:
    """What the frame has to know. `only` limits it to one product's token (48001); `daily` and `minute` are quotas.

    `form` endpoints take a multipart body in place of JSON.
    """

    path: str
    method: Literal["GET", "POST"]
    handler: Callable[[Call], Payload]
    needs_token: bool = True
    only: Product | None = None
    daily: int | None = None
    minute: int | None = None
    one_at_a_time: bool = False
    form: bool = False


@dataclass
class Served:
    """What an endpoint answered: status, bytes, their type, and the errcode it gave of its own accord."""

    status: int
    data: bytes
    content_type: str = JSON_TYPE
    errcode: int | None = 0
    name: str = ""


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
    served = Served(200, b"")
    try:
        overlapping = bool(mark) and not _enter_flight(world, mark)
        served = _answer(endpoint, call, raw, fault, overlapping)
        if overlapping:
            mark = ""
        latency = max(fault.delay_seconds if fault else 0.0, world.state.switches["latency_seconds"])
        if latency:
            world.stopping.wait(latency)
    finally:
        if mark:
            with world.lock:
                world.in_flight.discard(mark)
    entry = _enter(endpoint, call, raw, served, started, "故障注入" if fault else "")
    world.conformance.call(_seen(endpoint, call, raw, served, fault, entry))
    headers = {"Content-Disposition": f'attachment; filename="{served.name}"'} if served.name else {}
    return Response(served.data, served.status, headers, content_type=served.content_type)


def _answer(endpoint: Endpoint, call: Call, raw: bytes, fault: Fault | None, overlapping: bool) -> Served:
    errcode = 0
    try:
        _prepare(endpoint, call, raw)
        if overlapping:
            raise WeChatError(43108)
        if fault and fault.refuses and not fault.after_effect:
            return _refusal(fault, call.world.now())
        payload = endpoint.handler(call)
    except WeChatError as error:
        errcode = error.errcode
        payload = error_answer(error.errcode, message_of(error.errcode, error.detail), call.world.now())
    if fault and fault.refuses and fault.after_effect:
        return _refusal(fault, call.world.now())
    if isinstance(payload, Binary):
        served = Served(200, payload.data, payload.content_type, name=payload.name)
    else:
        served = Served(200, json.dumps(payload, ensure_ascii=False).encode(), errcode=errcode)
    if fault and fault.truncate:
        served.data = served.data[: len(served.data) // 2]
    return served


def _refusal(fault: Fault, now: float) -> Served:
    """The answer that somebody asked for; no errcode of it is earned, so no rule is broken by it."""
    if fault.status is not None and fault.errcode is None:
        page = f"<html><body><h1>{fault.status}</h1></body></html>".encode()
        return Served(fault.status, page, errcode=None)
    errcode = fault.errcode or 0
    errmsg = fault.errmsg or MESSAGES.get(errcode, "unknown error")
    answer = json.dumps(error_answer(errcode, errmsg, now), ensure_ascii=False).encode()
    return Served(fault.status or 200, answer, errcode=None)


def _prepare(endpoint: Endpoint, call: Call, raw: bytes) -> None:
    if request.method != endpoint.method:
        raise WeChatError(43001 if endpoint.method == "GET" else 43002)
    if endpoint.needs_token:
        call.product = product_of_token(call.world, call.args.get("access_token", ""))
        if endpoint.only not in (None, call.product):
            raise WeChatError(48001)
    if endpoint.method == "POST" and not endpoint.form:
        call.body = _json_body(raw)
    if endpoint.daily is not None or endpoint.minute is not None or endpoint.path in call.world.state.limits:
        who = call.product or product_named(call)
        count_use(call.world, who, endpoint.path, endpoint.daily, endpoint.minute)


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


def _enter(endpoint: Endpoint, call: Call, raw: bytes, served: Served, started: float, note: str) -> int:
    sent = {name: f"{file.filename}（{file.content_type}）" for name, file in request.files.items()}
    shown = readable(served.data) if served.content_type == JSON_TYPE else _described(served)
    return call.world.journal.add(
        at=call.world.now_text(),
        direction="call",
        method=request.method,
        path=endpoint.path,
        app=call.product or product_named(call),
        request={"query": call.args, "body": sent if endpoint.form else readable(raw)},
        response={"body": shown},
        status=served.status,
        duration_ms=round((time.monotonic() - started) * 1000),
        note=note,
    )


def _seen(endpoint: Endpoint, call: Call, raw: bytes, served: Served, fault: Fault | None, entry: int) -> CallSeen:
    return CallSeen(
        path=endpoint.path,
        method=request.method,
        args=call.args,
        body=call.body,
        raw=b"" if endpoint.form else raw,
        product=call.product or product_named(call),
        errcode=served.errcode,
        answered=_errcode_shown(served) if fault else served.errcode or 0,
        journal_id=entry,
        at=call.world.now(),
        monotonic=time.monotonic(),
    )


def _errcode_shown(served: Served) -> int:
    shown = readable(served.data)
    code = shown.get("errcode", 0) if isinstance(shown, dict) else 0
    return code if isinstance(code, int) else 0


def product_named(call: Call) -> str:
    """The product whose app id stands in the call; "" where none does."""
    named = call.world.config.by_app_id(call.args.get("appid") or call.text("appid"))
    return named.product if named else ""


def readable(raw: bytes) -> Any:
    """JSON as a value, anything else as text."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode("utf-8", "replace")[:8000]


def _described(served: Served) -> dict[str, Any]:
    return {"content_type": served.content_type, "bytes": len(served.data)}
