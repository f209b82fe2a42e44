"""Subscription notices of the account (bizsend) and the mini-program (send), wechat-protocol.md §5.2, §5.3."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.allowances import take_credit
from sandbox.config import Product
from sandbox.notice_fields import first_bad_field, shown_fields
from sandbox.notices import NoticeTemplate
from sandbox.push import Push, deliver
from sandbox.template_store import known_templates
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.recipients import recipient
from sandbox.world import World

LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")
MINIPROGRAM_STATES = ("developer", "trial", "formal")


def _send(call: Call) -> dict[str, Any]:
    world, product = call.world, call.app.product
    with world.lock:
        resident = recipient(call)
        template = known_templates(world).get(call.text("template_id"))
        if template is None or (template.product, template.channel) != (product, "subscribe"):
            raise WeChatError(40037)
        if template.id in world.state.templates_banned:
            raise WeChatError(43107)
        _check_options(call)
        bad = first_bad_field(template, call.body.get("data"))
        if bad:
            raise WeChatError(47003, f"data.{bad}.value invalid")
        if not take_credit(resident, template):
            raise WeChatError(43101)
        fields = shown_fields(template, call.body["data"])
        text = "\n".join(f"{row['label']}：{row['value']}" for row in fields)
        page = call.text("page")
        more = {"url": page} if page.startswith(("http://", "https://")) else {}
        world.show(resident, "notice", "subscribe", text, product, title=template.title, fields=fields, **more)
        openid = resident.openid(product)
    world.in_background(lambda: _sent(world, product, openid, template), world.config.event_delay_seconds)
    return dict(OK)


def _check_options(call: Call) -> None:
    for name, allowed in (("lang", LANGUAGES), ("miniprogram_state", MINIPROGRAM_STATES)):
        if name in call.body and call.body[name] not in allowed:
            raise WeChatError(47003, f"{name} invalid")
    released, page = call.world.state.switches["released_pages"], call.text("page").partition("?")[0]
    if call.app.product == "miniprogram" and released and page and page not in released:
        raise WeChatError(41030)


def _sent(world: World, product: Product, openid: str, template: NoticeTemplate) -> None:
    detail = {
        "TemplateId": template.id,
        "MsgID": str(1_700_000_000_000_000_000 + secrets.randbelow(10**17)),
        "ErrorCode": 0,
        "ErrorStatus": "success",
    }
    fields = {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": [detail]}}
    deliver(world, Push(product, openid, fields, is_event=True))


ENDPOINTS = (
    Endpoint("/cgi-bin/message/subscribe/bizsend", "POST", _send, only="account", one_at_a_time=True),
    Endpoint("/cgi-bin/message/subscribe/send", "POST", _send, only="miniprogram", one_at_a_time=True),
)
