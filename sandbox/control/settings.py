"""Switches of the stand-in, quotas, fault scripts, the report of rules, and what the product had made."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.control.kit import Refused, body, member
from sandbox.switches import turned
from sandbox.template_store import known_templates
from sandbox.wechat.jsapi import config_answer
from sandbox.world import World, current_world

settings = Blueprint("settings", __name__, url_prefix="/sandbox")

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@settings.get("/settings")
def look() -> Answer:
    """How the stand-in behaves at present; the members are explained in sandbox.switches."""
    return dict(current_world().state.switches)


@settings.post("/settings")
def turn() -> Answer:
    """Change the members that are given."""
    world = current_world()
    with world.lock:
        try:
            world.state.switches = turned(world.state.switches, body())
        except ValueError as error:
            raise Refused(400, str(error)) from None
        world.changed()
        return dict(world.state.switches)


@settings.get("/quotas")
def quotas() -> Answer:
    """Uses of today and this minute, and limits that differ from WeChat's."""
    state = current_world().state
    return {"used": dict(state.quotas), "used_this_minute": dict(state.minutes), "limits": dict(state.limits)}


@settings.post("/quotas")
def limit() -> Answer:
    """Give a path other limits: `path` with `daily`, `minute` or both. 0 means that every call is one too many."""
    world, wanted = current_world(), body()
    path = member(wanted, "path", str, "")
    given: dict[str, int] = {name: member(wanted, name, int, -1) for name in ("daily", "minute") if name in wanted}
    if not path.startswith("/") or not given or min(given.values()) < 0:
        raise Refused(400, "请给出 path，和 daily、minute 里至少一个")
    with world.lock:
        world.state.limits[path] = {**world.state.limits.get(path, {}), **given}
        world.changed()
    return quotas()


@settings.delete("/quotas")
def unlimited() -> Answer:
    """Back to WeChat's limits, with nothing used."""
    world = current_world()
    with world.lock:
        world.state.limits, world.state.quotas, world.state.minutes, world.state.quota_clears = {}, {}, {}, {}
        world.changed()
    return quotas()


@settings.post("/fault_script")
def fault_script() -> Answer:
    """Queue a row of faults: `steps` of {"endpoint", "call": n, "fault": {…}}, for the n-th use from now on."""
    world, steps = current_world(), member(body(), "steps", list, [])
    if not steps:
        raise Refused(400, "请给出 steps")
    try:
        made = world.faults.add_script(steps)
    except ValueError as error:
        raise Refused(400, str(error)) from None
    return {"ids": [fault.id for fault in made], "items": world.faults.items()}, 201


@settings.get("/conformance")
def conformance() -> Answer:
    """Every rule with how often it was checked and broken, and the latest examples."""
    return current_world().conformance.to_json()


@settings.delete("/conformance")
def forget() -> Answer:
    """Begin a new report."""
    world = current_world()
    world.conformance.clear()
    return world.conformance.to_json()


@settings.get("/links")
def links() -> Answer:
    """Mini-program codes, URL links and schemes the product had made, newest first."""
    world = current_world()
    with world.lock:
        return {"items": list(reversed(world.state.links))}


@settings.post("/js_config")
def js_config() -> Answer:
    """What wx.config would say to appId, timestamp, nonceStr and signature on the page `url` (§2.4)."""
    return {"errMsg": judged_config(current_world(), body())}


def judged_config(world: World, wanted: dict[str, Any]) -> str:
    """The answer of wx.config, which the conformance report notes."""
    names = ("appId", "timestamp", "nonceStr", "signature", "url")
    given = {name: str(member(wanted, name, (str, int), "")) for name in names}
    answer = config_answer(world, given)
    problem = None if answer == "config:ok" else answer
    world.conformance.found("page.js_signature", problem, given["url"][:200], world.now())
    return answer


@settings.post("/banned_templates")
def ban() -> Answer:
    """Templates that WeChat has banned (43107; the popup gives "ban"): `template_ids` replaces the list."""
    world, wanted = current_world(), member(body(), "template_ids", list, [])
    if any(template_id not in known_templates(world) for template_id in wanted):
        raise Refused(400, "没有这个模板")
    with world.lock:
        world.state.templates_banned = list(wanted)
        world.changed()
    return {"banned": list(wanted)}
