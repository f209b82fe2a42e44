"""Moving the clock: the product is told first and must agree, so both sides always live in the same time."""

from __future__ import annotations

import json
import time
from datetime import datetime

import httpx

from sandbox.push_format import signed_query
from sandbox.world import World

CLOCK_PATH = "/demonstration/clock"
FARTHEST_SECONDS = 5 * 366 * 86400
PATIENCE_SECONDS = 10.0


class ClockRefused(ValueError):
    """The move is not allowed; the text says why."""


class ClockNotMoved(RuntimeError):
    """The product could not be told, so nothing moved; the text says what happened."""


def wanted_offset(world: World, advance_seconds: int | None, to: str | None, reset: bool) -> int:
    """The total offset in seconds that a request asks for. Raises `ClockRefused` for backwards and for nonsense."""
    current = world.state.offset_seconds
    if reset:
        return 0
    if advance_seconds is not None:
        step = advance_seconds
    else:
        step = round(_moment(to or "") - world.now())
    if step < 0:
        raise ClockRefused("时间只能往前走；想回到真实时间，请用“回到现在”")
    if current + step > FARTHEST_SECONDS:
        raise ClockRefused("最远只能走到五年以后")
    return current + step


def move_clock(world: World, offset_seconds: int) -> None:
    """Tell the product, then move. Raises `ClockNotMoved` when it does not answer 2xx."""
    with world.clock_moving:
        _tell_product(world, offset_seconds)
        with world.lock:
            backwards = offset_seconds < world.state.offset_seconds
            world.state.offset_seconds = offset_seconds
            if backwards:
                _forget_the_future(world)
            world.changed()


def _tell_product(world: World, offset_seconds: int) -> None:
    query = signed_query(world.config.account, world.now())
    started, status, answer = time.monotonic(), None, ""
    try:
        response = world.http.post(
            world.config.public_base_url + CLOCK_PATH,
            params=query,
            json={"offset_seconds": offset_seconds},
            timeout=PATIENCE_SECONDS,
        )
        status, answer = response.status_code, response.text[:2000]
        problem = "" if response.is_success else f"业务系统回答了 {status}"
    except httpx.HTTPError as error:
        problem = f"没有连上业务系统（{type(error).__name__}）"
    world.journal.add(
        at=world.now_text(),
        direction="push",
        method="POST",
        path=CLOCK_PATH,
        app="account",
        request={"query": query, "body": json.dumps({"offset_seconds": offset_seconds})},
        response={"body": answer},
        status=status,
        duration_ms=round((time.monotonic() - started) * 1000),
        note=problem or "拨动时钟",
    )
    if problem:
        raise ClockNotMoved(f"时钟没有动：{problem}")


def _forget_the_future(world: World) -> None:
    """After a step back nothing may stand that was issued later than now; the product fetches new tokens."""
    now = world.now()
    world.state.codes.clear()
    world.state.user_tokens.clear()
    world.state.tickets = [ticket for ticket in world.state.tickets if ticket["issued_at"] <= now]
    world.state.media = {key: item for key, item in world.state.media.items() if item["created_at"] <= now}
    world.state.links = [link for link in world.state.links if link["made_at"] <= now]
    world.state.typing.clear()
    world.state.tokens = [token for token in world.state.tokens if token["issued_at"] <= now]
    world.state.forced.clear()
    world.state.qr_codes = [code for code in world.state.qr_codes if _moment(code["made_at"]) <= now]
    world.state.sent_once = {key: sent for key, sent in world.state.sent_once.items() if sent["at"] <= now}
    for resident in world.state.residents.values():
        resident.windows = [window for window in resident.windows if window["opened_at"] <= now]
        resident.miniprogram_seen_at = min(resident.miniprogram_seen_at, now)
        if resident.session is not None and resident.session["issued_at"] > now:
            resident.session = None


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ClockRefused("时间写法不对，请写成 2027-05-18T10:00:00+08:00") from None
    if moment.tzinfo is None:
        raise ClockRefused("时间要带时区，如 +08:00")
    return moment.timestamp()
