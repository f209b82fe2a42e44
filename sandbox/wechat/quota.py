"""Counting calls: a day's quota (45009) that changes at midnight in Beijing, a minute's (45011). §0.1, §5.6."""

from __future__ import annotations

from datetime import datetime

from sandbox.config import BEIJING
from sandbox.wechat.errors import WeChatError
from sandbox.world import World

CLEARS_PER_MONTH = 10


def count_use(world: World, who: str, path: str, daily: int | None, minute: int | None = None) -> None:
    """Count one use of `path` by a product. Raises 45011 or 45009; a refused call is not counted.

    `world.state.limits` may hold other numbers for a path, so that tests need not call a hundred thousand times.
    """
    name = f"{who} {path}"
    with world.lock:
        state, today, this_minute = world.state, _today(world), _minute(world)
        limits = state.limits.get(path, {})
        daily, minute = limits.get("daily", daily), limits.get("minute", minute)
        used, used_now = state.quotas.get(f"{today} {name}", 0), state.minutes.get(f"{this_minute} {name}", 0)
        if minute is not None and used_now >= minute:
            raise WeChatError(45011)
        if daily is not None and used >= daily:
            raise WeChatError(45009)
        if daily is not None:
            state.quotas = _only(state.quotas, today) | {f"{today} {name}": used + 1}
        if minute is not None:
            state.minutes = _only(state.minutes, this_minute) | {f"{this_minute} {name}": used_now + 1}
        world.changed()


def used_today(world: World, who: str, path: str) -> int:
    """How often `path` was used today."""
    with world.lock:
        return world.state.quotas.get(f"{_today(world)} {who} {path}", 0)


def clear_quotas(world: World, who: str) -> None:
    """Set a product's counters back to nought. Raises 48006 when this month's ten are gone (§5.6)."""
    with world.lock:
        state, month = world.state, f"{_today(world)[:7]} {who}"
        if state.quota_clears.get(month, 0) >= CLEARS_PER_MONTH:
            raise WeChatError(48006)
        state.quota_clears[month] = state.quota_clears.get(month, 0) + 1
        state.quotas = {key: used for key, used in state.quotas.items() if key.split(" ")[1] != who}
        state.minutes = {key: used for key, used in state.minutes.items() if key.split(" ")[1] != who}
        world.changed()


def _only(counts: dict[str, int], start: str) -> dict[str, int]:
    return {key: used for key, used in counts.items() if key.startswith(start + " ")}


def _today(world: World) -> str:
    return datetime.fromtimestamp(world.now(), BEIJING).date().isoformat()


def _minute(world: World) -> str:
    return datetime.fromtimestamp(world.now(), BEIJING).strftime("%Y-%m-%dT%H:%M")
