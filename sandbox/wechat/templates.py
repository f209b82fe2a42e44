"""Listing, adding and deleting templates: message templates (§5.1), subscription templates (§5.2, §5.3)."""

from __future__ import annotations

from typing import Any

from sandbox.config import Product
from sandbox.notices import Channel, NoticeField, NoticeTemplate
from sandbox.template_store import (
    MOST_TEMPLATES,
    add_template,
    known_templates,
    library,
    remove_template,
    templates_of,
)
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError

ONE_TIME, LONG_TERM = 2, 3
LEAST_KEYWORDS, MOST_KEYWORDS = 2, 5
SCENE_CHARACTERS = 15


def _list_messages(call: Call) -> dict[str, Any]:
    found = [
        {
            "template_id": template.id,
            "title": template.title,
            "primary_industry": "政务",
            "deputy_industry": "民政",
            "content": template.content,
            "example": template.example,
        }
        for template in templates_of(call.world, "account", "template")
    ]
    return {"template_list": found}


def _add_message(call: Call) -> dict[str, Any]:
    base = _from_library("account", "template", call.text("template_id_short"))
    labels = call.body.get("keyword_name_list", [field.label for field in base.fields])
    if not isinstance(labels, list) or not labels:
        raise WeChatError(47003, "keyword_name_list invalid")
    fields = [field for label in labels for field in base.fields if field.label == label]
    if len(fields) != len(labels):
        raise WeChatError(47003, "keyword_name_list invalid")
    return {**OK, "template_id": _added(call, base, fields)}


def _delete_message(call: Call) -> dict[str, Any]:
    return _deleted(call, call.text("template_id"), "account", "template")


def _list_subscriptions(call: Call) -> dict[str, Any]:
    found = [
        {
            "priTmplId": template.id,
            "title": template.title,
            "content": template.content,
            "example": template.example,
            "type": LONG_TERM if template.long_term else ONE_TIME,
        }
        for template in templates_of(call.world, call.app.product, "subscribe")
    ]
    return {**OK, "data": found}


def _add_subscription(call: Call) -> dict[str, Any]:
    base, numbers = (
        _from_library(call.app.product, "subscribe", str(call.body.get("tid", ""))),
        call.body.get("kidList"),
    )
    good = isinstance(numbers, list) and LEAST_KEYWORDS <= len(numbers) <= MOST_KEYWORDS
    if not good or any(not isinstance(n, int) or not 1 <= n <= len(base.fields) for n in numbers or []):
        raise WeChatError(47003, "kidList invalid")
    if len(call.text("sceneDesc")) > SCENE_CHARACTERS:
        raise WeChatError(47003, "sceneDesc invalid")
    return {**OK, "priTmplId": _added(call, base, [base.fields[number - 1] for number in numbers or []])}


def _delete_subscription(call: Call) -> dict[str, Any]:
    return _deleted(call, call.text("priTmplId"), call.app.product, "subscribe")


def _from_library(product: Product, channel: Channel, number: str) -> NoticeTemplate:
    found = library(product, channel).get(number)
    if found is None:
        raise WeChatError(40037)
    return found


def _added(call: Call, base: NoticeTemplate, fields: list[NoticeField]) -> str:
    if len(templates_of(call.world, base.product, base.channel)) >= MOST_TEMPLATES:
        raise WeChatError(45026)
    return add_template(call.world, base, fields)


def _deleted(call: Call, template_id: str, product: Product, channel: Channel) -> dict[str, Any]:
    template = known_templates(call.world).get(template_id)
    if template is None or (template.product, template.channel) != (product, channel):
        raise WeChatError(40037)
    remove_template(call.world, template_id)
    return dict(OK)


ENDPOINTS = (
    Endpoint("/cgi-bin/template/get_all_private_template", "GET", _list_messages, only="account"),
    Endpoint("/cgi-bin/template/api_add_template", "POST", _add_message, only="account"),
    Endpoint("/cgi-bin/template/del_private_template", "POST", _delete_message, only="account"),
    Endpoint("/wxaapi/newtmpl/gettemplate", "GET", _list_subscriptions),
    Endpoint("/wxaapi/newtmpl/addtemplate", "POST", _add_subscription),
    Endpoint("/wxaapi/newtmpl/deltemplate", "POST", _delete_subscription),
)
