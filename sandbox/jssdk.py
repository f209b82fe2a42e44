"""WeChat's JS-SDK for web pages: the script, what wx.config answers, and the sheet of <wx-open-subscribe> (§2.4, §5.2).

The script runs on pages of the product, so it asks here across origins; only the product's origin is let in, and whose
phone it is says the cookie of the web login.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, send_from_directory

from sandbox import residents
from sandbox.consent import HOLDER_COOKIE
from sandbox.control.kit import Refused, body, member
from sandbox.control.settings import judged_config
from sandbox.notices import NoticeTemplate
from sandbox.page.views import page
from sandbox.popup import answers, popup_pushes
from sandbox.state import Resident
from sandbox.template_store import known_templates
from sandbox.world import World, current_world

jssdk = Blueprint("jssdk", __name__)

MOST_TEMPLATES = 3

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@jssdk.get("/open/js/jweixin-1.6.0.js")
def script() -> Response:
    """The stand-in of WeChat's script; it does what ours needs of it."""
    return send_from_directory(str(page.static_folder), "jweixin.js", mimetype="text/javascript")


@jssdk.route("/jssdk/config", methods=["POST"])
def config() -> Answer:
    """What wx.config says, with the templates a button may ask for by id and title."""
    world, wanted = current_world(), body()
    return {"errMsg": judged_config(world, wanted), "holder": _holder(world).name}


@jssdk.route("/jssdk/sheet", methods=["POST"])
def sheet() -> Answer:
    """What the sheet asks about. Raises 20001, 20002, 20003 and 20004 as the button's error event has them."""
    world = current_world()
    resident = _holder(world)
    templates = _templates(world, resident, member(body(), "template_ids", list, []))
    return {
        "holder": resident.name,
        "items": [{"id": one.id, "title": one.title, "kept": resident.kept_choices.get(one.id)} for one in templates],
    }


@jssdk.route("/jssdk/answers", methods=["POST"])
def answer() -> Answer:
    """The resident's answers, template id to accept or reject; the product hears of them by a push."""
    world = current_world()
    resident, given = _holder(world), member(body(), "answers", dict, {})
    if not set(given.values()) <= {"accept", "reject"}:
        raise Refused(400, "answers 的值请填 accept 或 reject")
    templates = _templates(world, resident, list(given))
    results = answers(world, resident, {one: given[one.id] for one in templates})
    for push in popup_pushes(world, resident, "account", results):
        residents.carry_out(world, resident, push)
    return {"results": results}


@jssdk.after_request
def let_product_in(response: Response) -> Response:
    """Cross-origin headers for the product alone."""
    ours = urlsplit(current_world().config.public_base_url)
    response.headers["Access-Control-Allow-Origin"] = f"{ours.scheme}://{ours.netloc}"
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Vary"] = "Origin"
    return response


def _holder(world: World) -> Resident:
    resident = world.state.residents.get(request.cookies.get(HOLDER_COOKIE, ""))
    if resident is None:
        raise Refused(403, "不知道是谁的手机，请从链接重新进入")
    return resident


def _templates(world: World, resident: Resident, ids: list[Any]) -> list[NoticeTemplate]:
    known = known_templates(world)
    found = [known.get(str(template_id)) for template_id in ids]
    templates = [one for one in found if one and one.product == "account" and one.channel == "subscribe"]
    if not ids or len(templates) != len(found):
        raise Refused(400, "20001：没有这个订阅模板")
    if len(templates) > MOST_TEMPLATES:
        raise Refused(400, "20003：一次最多请求 3 个模板")
    if len({one.long_term for one in templates}) > 1:
        raise Refused(400, "20002：一次性和长期模板不能一起请求")
    if "account" in resident.subscriptions_off:
        raise Refused(409, f"20004：{resident.name}关掉了订阅消息的总开关")
    return templates
