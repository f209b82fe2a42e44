"""Residents and what they do: messages, events, subscriptions, login codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox import residents
from sandbox.codes import issue_code
from sandbox.control.kit import Refused, body, chat_json, member, product_of, query_number, resident_json, resident_of
from sandbox.notices import NoticeTemplate
from sandbox.popup import answers, popup_pushes
from sandbox.push import Push
from sandbox.state import Resident, new_resident
from sandbox.template_store import known_templates
from sandbox.wechat.qrcode import code_saying
from sandbox.world import World, current_world

people = Blueprint("people", __name__, url_prefix="/sandbox/users")

EVENTS = ("subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW")
COPIES_LIMIT = 50
MINIPROGRAM_TEMPLATES_LIMIT = 3

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@people.get("")
def list_users() -> Answer:
    """All residents."""
    world = current_world()
    with world.lock:
        return {"items": [resident_json(world, resident) for resident in world.state.residents.values()]}


@people.post("")
def add_user() -> Answer:
    """A new resident; follows the account unless told otherwise, without a subscribe event."""
    world, wanted = current_world(), body()
    name = member(wanted, "name", str, "").strip()
    if not 1 <= len(name) <= 20:
        raise Refused(400, "请填写姓名，最多 20 个字")
    with world.lock:
        following = member(wanted, "following", bool, True)
        resident = new_resident(world.config, world.state, name, following, int(world.now()))
        world.changed()
        return resident_json(world, resident), 201


@people.get("/<resident_id>/chat")
def chat(resident_id: str) -> Answer:
    """What is on this resident's phone, after item `after`."""
    world, after = current_world(), query_number("after", 0)
    with world.lock:
        resident = resident_of(world, resident_id)
        return {"items": [chat_json(item) for item in resident.chat if item["id"] > after]}


@people.post("/<resident_id>/messages")
def send_message(resident_id: str) -> Answer:
    """The resident sends a text; answers when the product has, or with `wait` false at once."""
    world, wanted = current_world(), body()
    text = member(wanted, "text", str, "")
    if not text.strip():
        raise Refused(400, "请输入内容")
    copies = member(wanted, "copies", int, 1)
    if not 1 <= copies <= COPIES_LIMIT:
        raise Refused(400, f"copies 请填 1 到 {COPIES_LIMIT}")
    resident = resident_of(world, resident_id)
    menu_id = member(wanted, "menu_id", str, None)
    push = residents.text_message(world, resident, product_of(wanted), text, menu_id)
    concurrent = member(wanted, "concurrent", bool, False)
    return carry_out(world, resident, push, copies, concurrent, member(wanted, "wait", bool, True))


@people.post("/<resident_id>/events")
def send_event(resident_id: str) -> Answer:
    """The resident follows, leaves, scans, or taps the menu."""
    world, wanted = current_world(), body()
    name = wanted.get("event")
    if name not in EVENTS:
        raise Refused(400, f"event 请填 {'、'.join(EVENTS)} 之一")
    key = member(wanted, "key", str, "")
    if name in ("SCAN", "CLICK", "VIEW") and not key:
        raise Refused(400, f"{name} 需要 key")
    resident = resident_of(world, resident_id)
    push = residents.event(world, resident, name, key)
    return carry_out(world, resident, push, 1, False, member(wanted, "wait", bool, True))


@people.post("/<resident_id>/scans")
def scan(resident_id: str) -> Answer:
    """The resident scans a QR code of the account; `url` is what the code says."""
    world, wanted = current_world(), body()
    resident, code = resident_of(world, resident_id), code_saying(world, member(wanted, "url", str, ""))
    if code is None:
        raise Refused(409, "这个二维码已经过期，或者不是这个公众号的")
    push = residents.scan(world, resident, code)
    return carry_out(world, resident, push, 1, False, member(wanted, "wait", bool, True))


@people.post("/<resident_id>/subscriptions")
def choose_subscriptions(resident_id: str) -> Answer:
    """The resident answers the consent popup, or with `withdraw` switches notices off in the settings."""
    world, wanted = current_world(), body()
    resident, product = resident_of(world, resident_id), product_of(wanted)
    templates = [_template(world, product, template_id) for template_id in member(wanted, "template_ids", list, [])]
    if not templates:
        raise Refused(400, "请选择至少一个通知")
    if product == "miniprogram" and len(templates) > MINIPROGRAM_TEMPLATES_LIMIT:
        raise Refused(400, "20003：小程序一次最多请求 3 个模板")
    accept = member(wanted, "accept", bool, True)
    status = "withdraw" if member(wanted, "withdraw", bool, False) else ("accept" if accept else "reject")
    results = answers(world, resident, dict.fromkeys(templates, status))
    if member(wanted, "keep", bool, False):
        with world.lock:
            resident.kept_choices |= {key: choice for key, choice in results.items() if choice != "ban"}
            world.changed()
    answer: dict[str, Any] = {}
    for push in popup_pushes(world, resident, product, results):
        done = carry_out(world, resident, push, 1, False, member(wanted, "wait", bool, True))
        answer = done if isinstance(done, dict) else done[0]
    with world.lock:
        return {**answer, "results": results, "credits": dict(resident.credits)}


@people.post("/<resident_id>/login_code")
def login_code(resident_id: str) -> Answer:
    """A fresh `wx.login` code of the mini-program."""
    world = current_world()
    return {"code": issue_code(world, resident_of(world, resident_id), "login")}, 201


def _template(world: World, product: str, template_id: Any) -> NoticeTemplate:
    template = known_templates(world).get(str(template_id))
    if template is None or template.product != product or template.channel != "subscribe":
        raise Refused(400, f"20001：没有这个订阅模板 {template_id}")
    return template


def carry_out(world: World, resident: Resident, push: Push, copies: int, concurrent: bool, wait: bool) -> Answer:
    """Deliver what the resident did and tell what came of it; with `wait` false only that it is under way."""
    message_id = {"msg_id": str(push.fields["MsgId"])} if "MsgId" in push.fields else {}
    if not wait:
        world.in_background(lambda: residents.carry_out(world, resident, push, copies, concurrent))
        return {**message_id, "outcome": "pending", "reply": None, "attempts": 0, "replies": []}, 202
    deliveries = residents.carry_out(world, resident, push, copies, concurrent)
    replies = [delivery.to_json() for delivery in deliveries]
    return {**message_id, **replies[0], "replies": replies}
