"""What else a resident can do on the phone: any push of the forms, codes, refusals, credits that run out."""

from __future__ import annotations

from flask import Blueprint, url_for

from sandbox.codes import issue_code
from sandbox.compose import BY_KIND, FORMS, compose
from sandbox.compose_parts import Incomplete
from sandbox.config import PRODUCTS
from sandbox.consent import SCOPES
from sandbox.control.kit import Refused, body, member, product_of, resident_json, resident_of
from sandbox.control.people import COPIES_LIMIT, Answer, carry_out
from sandbox.template_store import known_templates
from sandbox.wechat.login import sealed_phone
from sandbox.world import current_world

phone = Blueprint("phone_control", __name__, url_prefix="/sandbox")


@phone.get("/forms")
def forms() -> Answer:
    """Every kind of push with its inputs, for the page to draw."""
    return {"items": [form.to_json() for form in FORMS]}


@phone.post("/users/<resident_id>/pushes")
def send_push(resident_id: str) -> Answer:
    """Any push: `kind` of /sandbox/forms, `product`, `values`; `copies`, `concurrent` and `wait` as for messages."""
    world, wanted = current_world(), body()
    resident, kind = resident_of(world, resident_id), member(wanted, "kind", str, "")
    if kind not in BY_KIND:
        raise Refused(400, f"没有这种推送：{kind or '（空）'}")
    copies = member(wanted, "copies", int, 1)
    if not 1 <= copies <= COPIES_LIMIT:
        raise Refused(400, f"copies 请填 1 到 {COPIES_LIMIT}")
    values = member(wanted, "values", dict, {})
    if "picture_address" in values:
        raise Refused(400, "不认识的参数：picture_address")
    try:
        push = compose(world, resident, product_of(wanted), kind, {**values, "picture_address": _pictures()})
    except Incomplete as error:
        raise Refused(400, str(error)) from None
    concurrent = member(wanted, "concurrent", bool, False)
    return carry_out(world, resident, push, copies, concurrent, member(wanted, "wait", bool, True))


def _pictures() -> str:
    """Where PicUrl points: this sandbox, as the caller reached it."""
    return url_for("wechat.picture", media_id="x", _external=True).removesuffix("x")


@phone.post("/users/<resident_id>/phone_code")
def phone_code(resident_id: str) -> Answer:
    """A code of the button that gives the phone number away (§3.4)."""
    world = current_world()
    resident = resident_of(world, resident_id)
    return {"code": issue_code(world, resident, "phone"), "phone": resident.phone}, 201


@phone.post("/users/<resident_id>/phone_data")
def phone_data(resident_id: str) -> Answer:
    """The same from an older WeChat: `encryptedData` and `iv` under the session_key of the latest login (§3.3)."""
    world = current_world()
    resident = resident_of(world, resident_id)
    if resident.session is None:
        raise Refused(409, f"{resident.name}还没有登录小程序，没有 session_key")
    encrypted, vector = sealed_phone(world, resident, resident.session["key"])
    return {"encryptedData": encrypted, "iv": vector, "phone": resident.phone}, 201


@phone.post("/users/<resident_id>/oauth_code")
def oauth_code(resident_id: str) -> Answer:
    """A code of a web login without the page: `scope`, and `snapshot` for the virtual user (§4.1)."""
    world, wanted = current_world(), body()
    scope = member(wanted, "scope", str, "snsapi_base")
    if scope not in SCOPES:
        raise Refused(400, f"scope 请填 {'、'.join(SCOPES)} 之一")
    snapshot = member(wanted, "snapshot", bool, world.state.switches["snapshot_user"])
    return {"code": issue_code(world, resident_of(world, resident_id), "oauth", scope, snapshot)}, 201


@phone.post("/users/<resident_id>/refusals")
def refuse(resident_id: str) -> Answer:
    """What the resident turned off, or the account did: only the members given change."""
    world, wanted = current_world(), body()
    resident = resident_of(world, resident_id)
    off = member(wanted, "subscriptions_off", list, None)
    if off is not None and any(product not in PRODUCTS for product in off):
        raise Refused(400, "subscriptions_off 请填 account、miniprogram 的数组")
    messages, blacklisted = member(wanted, "messages", bool, None), member(wanted, "blacklisted", bool, None)
    kept = member(wanted, "kept_choices", dict, None)
    if kept is not None and any(choice not in ("accept", "reject") for choice in kept.values()):
        raise Refused(400, "kept_choices 的值请填 accept 或 reject")
    with world.lock:
        resident.subscriptions_off = resident.subscriptions_off if off is None else off
        resident.refuses_messages = resident.refuses_messages if messages is None else messages
        resident.blacklisted = resident.blacklisted if blacklisted is None else blacklisted
        resident.kept_choices = resident.kept_choices if kept is None else kept
        world.changed()
        return resident_json(world, resident)


@phone.post("/users/<resident_id>/credits")
def set_credits(resident_id: str) -> Answer:
    """Set acceptances without any push, as when WeChat lets them expire: `template_id` and `count`."""
    world, wanted = current_world(), body()
    resident, count = resident_of(world, resident_id), member(wanted, "count", int, 0)
    template = known_templates(world).get(member(wanted, "template_id", str, ""))
    if template is None or template.channel != "subscribe" or not 0 <= count <= 1000:
        raise Refused(400, "请给出订阅模板的 template_id 和 0 到 1000 的 count")
    with world.lock:
        resident.credits[template.id] = count
        world.changed()
        return {"credits": dict(resident.credits)}


@phone.delete("/users/<resident_id>/session")
def end_session(resident_id: str) -> Answer:
    """The mini-program's session_key runs out, as it does unannounced (§3.2)."""
    world = current_world()
    resident = resident_of(world, resident_id)
    with world.lock:
        ended, resident.session = resident.session is not None, None
        world.changed()
    return {"ended": ended}
