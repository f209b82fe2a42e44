"""State, journal, clock, faults, reset and the raw push."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request

from sandbox import clock_moves
from sandbox.config import BEIJING, Product
from sandbox.control.kit import Refused, body, chat_json, member, product_of, query_number, resident_json, resident_of
from sandbox.push import Push, deliver, verify_address
from sandbox.push_crypto import same, sign
from sandbox.push_format import signed_query
from sandbox.state import State, fresh_residents
from sandbox.template_store import known_templates
from sandbox.wechat.menu import DEFAULT_MENU
from sandbox.wechat.qrcode import living_codes
from sandbox.world import World, current_world

tools = Blueprint("tools", __name__, url_prefix="/sandbox")

JOURNAL_PAGE = 2000
# What the product had made, and would miss after a reset of the residents.
OF_THE_PRODUCT = (
    *("menu", "conditional_menus", "tags", "tokens", "tickets", "qr_codes"),
    *("media", "links", "templates_added", "templates_removed"),
)
HEADERS_NOT_OURS = {"host", "content-length", "connection", "transfer-encoding"}

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@tools.get("/state")
def state() -> Answer:
    """Everything the page draws; with `user` only that resident's chat, after item `after`."""
    world, after = current_world(), query_number("after", 0)
    user = request.args.get("user", "")
    with world.lock:
        wanted = [resident_of(world, user)] if user else list(world.state.residents.values())
        return {
            "users": [resident_json(world, resident) for resident in world.state.residents.values()],
            "chats": {r.id: [chat_json(item) for item in r.chat if item["id"] > after] for r in wanted},
            "clock": _clock(world),
            "menu": {"published": world.state.menu is not None, "button": world.state.menu or DEFAULT_MENU},
            "faults": world.faults.items(),
            "switches": world.state.switches,
            "banned": world.state.templates_banned,
            "qr_codes": living_codes(world),
            "templates": [
                {"id": t.id, "title": t.title, "product": t.product, "channel": t.channel, "long_term": t.long_term}
                for t in known_templates(world).values()
            ],
        }


@tools.get("/journal")
def journal() -> Answer:
    """Calls in both directions, oldest first."""
    world = current_world()
    return {"items": world.journal.after(query_number("after", 0), query_number("limit", JOURNAL_PAGE))}


@tools.get("/clock")
def clock() -> Answer:
    """The sandbox's time."""
    return _clock(current_world())


@tools.post("/clock")
def move() -> Answer:
    """Move forward, or with `offset_seconds` 0 back to the machine's time. 502 when the product was not told."""
    world, wanted = current_world(), body()
    if len(wanted.keys() & {"advance_seconds", "to", "offset_seconds"}) != 1:
        raise Refused(400, "请给出 advance_seconds、to 或 offset_seconds 之一")
    if member(wanted, "offset_seconds", int, 0) != 0:
        raise Refused(400, "offset_seconds 只能填 0，表示回到现在")
    advance, to = member(wanted, "advance_seconds", int, None), member(wanted, "to", str, None)
    offset = clock_moves.wanted_offset(world, advance, to, reset="offset_seconds" in wanted)
    clock_moves.move_clock(world, offset)
    return _clock(world)


@tools.get("/faults")
def list_faults() -> Answer:
    """Faults still waiting to happen."""
    return {"items": current_world().faults.items()}


@tools.post("/faults")
def add_fault() -> Answer:
    """Queue a fault for the next `times` uses of an endpoint or of pushes."""
    world = current_world()
    try:
        fault = world.faults.add(body())
    except ValueError as error:
        raise Refused(400, str(error)) from None
    return {"id": fault.id, "items": world.faults.items()}, 201


@tools.delete("/faults")
def clear_faults() -> Answer:
    """Drop all faults."""
    return {"removed": current_world().faults.remove(None)}


@tools.delete("/faults/<int:fault_id>")
def remove_fault(fault_id: int) -> Answer:
    """Drop one fault."""
    return {"removed": current_world().faults.remove(fault_id)}


@tools.post("/reset")
def reset() -> Answer:
    """Back to the demonstration residents and the machine's time.

    The menu, the tokens and the QR codes stay, because they are the product's; `{"everything": true}` drops these too.
    """
    world, everything = current_world(), member(body(), "everything", bool, False)
    if world.state.offset_seconds:
        clock_moves.move_clock(world, 0)
    with world.lock:
        old = world.state
        world.state = State(last_number=old.last_number)
        if not everything:
            for name in OF_THE_PRODUCT:
                setattr(world.state, name, getattr(old, name))
        fresh_residents(world.config, world.state, int(world.now()))
        world.oauth_states.clear()
        world.conformance.clear()
        world.waiting.clear()
        world.faults.remove(None)
        world.journal.clear()
        world.changed()
    return {"users": [resident_json(world, resident) for resident in world.state.residents.values()]}


@tools.post("/verification")
def verification() -> Answer:
    """What saving the server address in WeChat's console does: one signed GET."""
    passed, problem = verify_address(current_world(), product_of(body()))
    return {"passed": passed, "problem": problem}


@tools.post("/push")
def raw_push() -> Answer:
    """Deliver any body fields; with `raw` true send `body` and `query` as they are, for tests of hostile input."""
    world, wanted = current_world(), body()
    product = product_of(wanted)
    if member(wanted, "raw", bool, False):
        return _send_raw(world, product, wanted)
    fields, openid = member(wanted, "fields", dict, {}), member(wanted, "openid", str, "")
    if "MsgType" not in fields or not openid:
        raise Refused(400, "请给出 openid 和带 MsgType 的 fields")
    return deliver(world, Push(product, openid, fields, is_event=fields["MsgType"] == "event")).to_json()


def _send_raw(world: World, product: Product, wanted: dict[str, Any]) -> Answer:
    query = member(wanted, "query", dict, None)
    if query is None:
        query = signed_query(world.config.product(product), world.now())
    headers = {
        name: str(value)
        for name, value in member(wanted, "headers", dict, {}).items()
        if name.lower() not in HEADERS_NOT_OURS
    }
    text = member(wanted, "body", str, "")
    answer = world.http.post(
        world.config.push_url(product),
        params=query,
        content=text.encode(),
        headers=headers,
        timeout=world.config.push_timeout_seconds,
    )
    _judge_raw(world, product, query, answer.status_code)
    return {"status": answer.status_code, "body": answer.text}


def _judge_raw(world: World, product: Product, query: dict[str, Any], status: int) -> None:
    """Whatever is sent, the product must not fail; and what is not signed with its token it must refuse."""
    problem = f"回答了 {status}" if status >= 500 else None
    world.conformance.found("push.no_5xx", problem, "原样送出的推送", world.now())
    token = world.config.product(product).token
    parts = [str(query.get(name, "")) for name in ("timestamp", "nonce", "signature")]
    if not same(sign(token, *parts[:2]), parts[2]):
        taken = f"签名不对，却回答了 {status}" if not 400 <= status < 500 else None
        world.conformance.found("push.forged", taken, "原样送出的推送", world.now())


def _clock(world: World) -> dict[str, Any]:
    now = datetime.fromtimestamp(world.now(), BEIJING).isoformat(timespec="seconds")
    return {"now": now, "offset_seconds": world.state.offset_seconds}
