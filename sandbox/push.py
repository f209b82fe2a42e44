"""Delivering pushes to the product: 5 seconds, up to three tries, and what came of it (wechat-protocol.md §1.6)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.config import AppConfig, Product
from sandbox.conformance.evidence import ReplySeen
from sandbox.push_format import Envelope, Fields, envelope, signed_query
from sandbox.replies import Outcome, judge
from sandbox.world import World

TRIES = 3
REPLY_LIMIT_BYTES = 1 << 20
MEDIA_LIFE_SECONDS = 3 * 86400  # temporary material (§6.5)


class NoAnswer(Exception):
    """The product did not answer within the limit, or the connection broke; WeChat tries again."""


@dataclass(frozen=True)
class Push:
    """One thing WeChat has to say. `fields` is the body without addresses and time."""

    product: Product
    openid: str
    fields: Fields
    is_event: bool

    @property
    def name(self) -> str:
        """What a fault may be aimed at: the event, or the type of message."""
        return str(self.fields.get("Event") if self.is_event else self.fields.get("MsgType"))

    @property
    def key(self) -> str:
        """By what WeChat's documents tell repeated pushes apart (§1.6), without the time."""
        if not self.is_event:
            return f"{self.product} {self.fields.get('MsgId')}"
        return f"{self.openid} {self.name} {self.fields.get('EventKey')} {self.fields.get('MsgID')}"


@dataclass(frozen=True)
class Delivery:
    """What came of one push after `attempts` tries (0 when a fault swallowed it)."""

    outcome: Outcome
    attempts: int

    def to_json(self) -> dict[str, Any]:
        """For the control API."""
        outcome = self.outcome
        return {"outcome": outcome.kind, "reply": outcome.reply, "attempts": self.attempts, "reason": outcome.reason}


@dataclass
class Try:
    """One HTTP exchange of a delivery; status and body stay None where no answer came."""

    query: dict[str, str]
    started: float
    status: int | None = None
    body: bytes | None = None
    content_type: str = ""


def seal(world: World, push: Push) -> Envelope:
    """Fix the body once: repeated deliveries of a push are the same bytes."""
    app = world.config.product(push.product)
    head = {"ToUserName": app.original_id, "FromUserName": push.openid, "CreateTime": int(world.now())}
    return envelope(app, {**head, **push.fields})


def deliver(world: World, push: Push, sealed: Envelope | None = None) -> Delivery:
    """Deliver with WeChat's patience, after any push fault that was asked for. Blocks; call it without the lock."""
    sealed = sealed or seal(world, push)
    fault = world.faults.take(f"push:{push.name}")
    if fault and fault.effect == "drop":
        note = "故障注入：这次推送没有送出"
        outcome = Outcome("silent", reason=note)
        _enter(world, push, sealed, Try({}, time.monotonic()), outcome, note)
        return Delivery(outcome, 0)
    if fault and fault.effect == "delay":
        world.stopping.wait(fault.delay_seconds)
    if fault and fault.effect == "duplicate":
        world.in_background(lambda: _try_thrice(world, push, sealed, "故障注入：同时送两次 · "))
    return _try_thrice(world, push, sealed, "")


def verify_address(world: World, product: Product) -> tuple[bool, str]:
    """The GET that saving the server address triggers (§1.1). Whether it passed, and what was wrong if not."""
    app, echo = world.config.product(product), str(time.time_ns())
    query = {**signed_query(app, world.now()), "echostr": echo}
    url = world.config.push_url(product)
    started, status, text = time.monotonic(), None, ""
    try:
        answer = world.http.get(url, params=query, timeout=world.config.push_timeout_seconds)
        status, text = answer.status_code, answer.text
        problem = "" if status == 200 and text == echo else f"应原样返回 echostr，实际是 {status}"
    except httpx.HTTPError as error:
        problem = f"没有连上：{type(error).__name__}"
    entry = world.journal.add(
        at=world.now_text(),
        direction="push",
        method="GET",
        path=f"/wechat/{product}",
        app=product,
        request={"query": query, "body": None},
        response={"body": text[:2000]},
        status=status,
        duration_ms=_milliseconds(started),
        note=problem or "服务器地址验证通过",
    )
    world.conformance.found("verify.echo", problem or None, f"验证 {url}", world.now(), entry)
    _verify_forged(world, product, url)
    return not problem, problem


def _verify_forged(world: World, product: Product, url: str) -> None:
    """The same with a wrong signature: the product must not echo."""
    echo = str(time.time_ns())
    query = {**signed_query(world.config.product(product), world.now()), "signature": "0" * 40, "echostr": echo}
    try:
        answer = world.http.get(url, params=query, timeout=world.config.push_timeout_seconds)
    except httpx.HTTPError:
        return  # the honest try has already told that nobody answers
    refused = 400 <= answer.status_code < 500 and echo not in answer.text
    problem = None if refused else f"签名不对也回答了 {answer.status_code}"
    world.conformance.found("verify.refuse", problem, f"验证 {url}", world.now())


def _try_thrice(world: World, push: Push, sealed: Envelope, prefix: str) -> Delivery:
    app, limit = world.config.product(push.product), world.config.push_timeout_seconds
    begun = time.monotonic()
    outcome = Outcome("fault", reason=f"{limit:g} 秒内没有收到回复")
    for attempt in range(1, TRIES + 1):
        one = Try(signed_query(app, world.now(), push.openid, sealed.sealed), time.monotonic())
        label = f"{prefix}第 {attempt} 次投递"
        try:
            _post(world, app, sealed, one, limit)
        except NoAnswer as silence:
            entry = _enter(world, push, sealed, one, outcome, f"{label}：{silence}")
            _report(world, push, sealed, one, Outcome("fault", verdicts={"reply.in_time": str(silence)}), entry)
            # A connection refused at once still waits for its slot: WeChat tries at 0, 5 and 10 seconds.
            if attempt < TRIES and world.stopping.wait(max(0.0, begun + attempt * limit - time.monotonic())):
                break
            continue
        media = _living_media(world, push.product)
        outcome = judge(app, push.openid, push.is_event, one.status or 0, one.body or b"", media)
        outcome.verdicts["reply.in_time"] = None
        shown = [label] if attempt > 1 or prefix else []
        entry = _enter(world, push, sealed, one, outcome, "：".join([*shown, *filter(None, [outcome.reason])]))
        _report(world, push, sealed, one, outcome, entry)
        break
    return Delivery(outcome, attempt)


def _post(world: World, app: AppConfig, sealed: Envelope, one: Try, limit: float) -> None:
    deadline = time.monotonic() + limit
    headers = {"Content-Type": sealed.content_type, "User-Agent": "Mozilla/4.0"}
    url = world.config.push_url(app.product)
    try:
        with world.http.stream(
            "POST", url, params=one.query, content=sealed.body, headers=headers, timeout=limit
        ) as answer:
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                # httpx limits each read; a product that drips its answer must not escape the limit on the whole.
                if time.monotonic() > deadline:
                    raise NoAnswer(f"超过 {limit:g} 秒没有答完")
                if len(body) > REPLY_LIMIT_BYTES:
                    break
            one.status, one.body = answer.status_code, body
            one.content_type = answer.headers.get("Content-Type", "")
    except httpx.TimeoutException:
        raise NoAnswer(f"超过 {limit:g} 秒没有回复") from None
    except httpx.HTTPError as error:
        raise NoAnswer(f"连接失败（{type(error).__name__}）") from None


def _report(world: World, push: Push, sealed: Envelope, one: Try, outcome: Outcome, entry: int) -> None:
    seen = ReplySeen(
        product=push.product,
        key=f"{push.key} {sealed.made_at}",
        event=push.name if push.is_event else None,
        outcome=outcome.kind,
        reply=outcome.reply,
        content_type=one.content_type,
        journal_id=entry,
        at=world.now(),
        verdicts=outcome.verdicts,
    )
    world.conformance.reply(seen)


def _living_media(world: World, product: Product) -> set[str]:
    with world.lock:
        born_after = world.now() - MEDIA_LIFE_SECONDS
        items = world.state.media.values()
        return {one["media_id"] for one in items if one["product"] == product and one["created_at"] > born_after}


def _enter(world: World, push: Push, sealed: Envelope, one: Try, outcome: Outcome, note: str) -> int:
    answer = None if one.body is None else one.body.decode("utf-8", "replace")[:8000]
    return world.journal.add(
        at=world.now_text(),
        direction="push",
        method="POST",
        path=f"/wechat/{push.product}",
        app=push.product,
        request={"query": one.query, "body": sealed.readable, "encrypted": sealed.sealed is not None},
        response={"body": answer, "outcome": outcome.kind, "reply": outcome.reply},
        status=one.status,
        duration_ms=_milliseconds(one.started),
        note=note,
    )


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
