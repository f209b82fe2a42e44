"""Which approved WeChat template carries which notice: the list with what is missing, and entering one (§5.3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_nodes, say
from backend.console.settings_pages import texts
from backend.console.settings_pages.blueprint import settings
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission, district_id, record
from backend.storage import transaction
from backend.wechat.fields import kind_of_key
from messages.kinds import can_carry
from messages.models import Channel, MessageTemplate, Product
from messages.notices import Notice, all_notices, find_notice
from messages.templates import clear_template, map_template, mapped_templates

SUBJECT = "message_template"
_MOST_ID, _MOST_LINK = 80, 500


@dataclass(frozen=True)
class Way:
    """One way by template: in which product of WeChat, and which kind of message."""

    product: str
    channel: Channel

    @property
    def name(self) -> str:
        """What it is called."""
        return texts.PRODUCTS[self.product] + texts.CHANNELS[self.channel]

    @property
    def app_id(self) -> str:
        """The app whose templates these are."""
        settings_here = current_app.extensions["settings"]
        app = settings_here.account if self.product == Product.ACCOUNT.value else settings_here.miniprogram
        return str(app.app_id)


# Mini-programs have no template messages any more (wechat-protocol §5).
WAYS = (
    Way(Product.ACCOUNT.value, Channel.TEMPLATE),
    Way(Product.ACCOUNT.value, Channel.SUBSCRIBE),
    Way(Product.MINIPROGRAM.value, Channel.SUBSCRIBE),
)
_ADDRESS = "/templates/<product>/<channel>/<notice_key>"


@dataclass(frozen=True)
class TemplateLine:
    """A notice with what carries it by each way."""

    notice: Notice
    name: str
    templates: Sequence[tuple[Way, MessageTemplate | None]]


@settings.get("/templates")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def templates() -> str:
    """Every notice that can leave by a template."""
    _require_district()
    known = {way: _known(way) for way in WAYS}
    lines = [
        TemplateLine(notice, notice.title, [(way, known[way].get(notice.key)) for way in WAYS])
        for notice in all_notices()
        if any(way.channel in notice.channels for way in WAYS)
    ]
    missing = sum(
        template is None and way.channel in line.notice.channels for line in lines for way, template in line.templates
    )
    return render_template("console/settings/templates.html", lines=lines, ways=WAYS, missing=missing)


@settings.get(_ADDRESS)
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def template(product: str, channel: str, notice_key: str) -> str:
    """One notice by one way."""
    way, notice = _found(product, channel, notice_key)
    return _render(way, notice)


@settings.post(_ADDRESS)
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def template_set(product: str, channel: str, notice_key: str) -> AnyResponse:
    """Enter or replace its template."""
    way, notice = _found(product, channel, notice_key)
    typed = _typed(notice)
    try:
        fields = _check(typed)
        with transaction():
            map_template(
                way.app_id,
                way.channel,
                notice.key,
                typed["template_id"],
                fields,
                link=typed["link"] or None,
                long_term=typed["long_term"] and way.channel is Channel.SUBSCRIBE,
                choices=_choices(way, notice, fields),
            )
            record("settings.template_mapped", SUBJECT, notice.key, product=product, channel=channel, fields=fields)
    except AppError as refusal:
        return make_response(_render(way, notice, typed, refusal), refusal.status)
    say(texts.MAPPED.format(notice=notice.title))
    return redirect(url_for("settings.templates"), 303)


@settings.post(_ADDRESS + "/clear")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def template_clear(product: str, channel: str, notice_key: str) -> AnyResponse:
    """Take its template away; the notice then leaves by its other ways, if it has any."""
    way, notice = _found(product, channel, notice_key)
    with transaction():
        if clear_template(way.app_id, way.channel, notice.key):
            record("settings.template_cleared", SUBJECT, notice.key, product=product, channel=channel)
    say(texts.UNMAPPED.format(notice=notice.title))
    return redirect(url_for("settings.templates"), 303)


def _require_district() -> None:
    """Templates are the whole bureau's."""
    if district_id() not in current_nodes(Permission.MANAGE_SETTINGS):
        abort(404)


def _found(product: str, channel: str, notice_key: str) -> tuple[Way, Notice]:
    _require_district()
    way = next((way for way in WAYS if (way.product, way.channel.value) == (product, channel)), None)
    notice = find_notice(notice_key)
    if way is None or notice is None or way.channel not in notice.channels:
        abort(404)
    return way, notice


def _known(way: Way) -> dict[str, MessageTemplate]:
    """What is entered for a way, by notice."""
    return {row.notice: row for row in mapped_templates(way.app_id) if row.channel is way.channel}


def _choices(way: Way, notice: Notice, keys: Collection[str]) -> dict[str, list[str]]:
    """What WeChat lists as values of a key stays with the key."""
    known = _known(way).get(notice.key)
    return {} if known is None else {key: listed for key, listed in known.choices.items() if key in keys}


def _typed(notice: Notice) -> dict[str, Any]:
    form = request.form
    fields = {name: form.get(f"field_{name}", "").strip() for name in notice.fields}
    return {
        "template_id": form.get("template_id", "").strip(),
        "fields": {name: key for name, key in fields.items() if key},
        "link": form.get("link", "").strip(),
        "long_term": form.get("long_term") == "yes",
    }


def _check(typed: Mapping[str, Any]) -> dict[str, str]:
    """Keys of the template to fields of the notice; raises `AppError` invalid with what is wrong by field."""
    errors: dict[str, list[str]] = {}
    template_id = typed["template_id"]
    if len(template_id) > _MOST_ID or not re.fullmatch(r"[\w.-]+", template_id, re.ASCII):
        errors["template_id"] = [texts.TEMPLATE_MISSING]
    keys = list(typed["fields"].values())
    told = [fault for field, key in typed["fields"].items() if (fault := _key_fault(field, key))]
    told += [texts.KEY_TWICE.format(key=key) for key in sorted({key for key in keys if keys.count(key) > 1})]
    if told or not keys:
        errors["fields"] = told or [texts.FIELDS_MISSING]
    if len(typed["link"]) > _MOST_LINK:
        errors["link"] = [texts.TOO_LONG]
    elif set(re.findall(r"[{}][^{}]*[{}]?", typed["link"])) - {"{subject_id}"}:
        errors["link"] = [texts.BAD_LINK]
    if errors:
        raise AppError("invalid", "\n".join(one for given in errors.values() for one in given), 422, errors=errors)
    return {key: field for field, key in typed["fields"].items()}


def _key_fault(field: str, key: str) -> str | None:
    kind = kind_of_key(key)
    if kind is None:
        return texts.BAD_KEY.format(key=key)
    return None if can_carry(kind, field) else texts.KEY_TOO_NARROW.format(key=key, field=texts.NOTICE_FIELDS[field])


def _render(way: Way, notice: Notice, typed: Mapping[str, Any] | None = None, refusal: AppError | None = None) -> str:
    known = _known(way).get(notice.key)
    if typed is None:
        typed = {
            "template_id": known.template_id if known else "",
            "fields": {field: key for key, field in known.fields.items()} if known else {},
            "link": (known.link or "") if known else "",
            "long_term": known is not None and known.long_term,
        }
    return render_template(
        "console/settings/template.html",
        way=way,
        notice=notice,
        name=notice.title,
        known=known,
        typed=typed,
        field_names=texts.NOTICE_FIELDS,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )
