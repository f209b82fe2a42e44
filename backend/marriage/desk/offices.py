"""The pages of registries as residents see them: what they read, and what is set for each place."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage import texts
from backend.marriage.desk.blueprint import desk
from backend.marriage.keep_offices import (
    OfficeFacts,
    add_office,
    change_office,
    nodes_without_office,
    office_of,
    offices_of,
)
from backend.marriage.models import Office
from backend.marriage.parameters import BOOKING, FOREIGN_RELATED, HOURS, WINDOWS
from backend.parameters.kinds import in_words, shape_of
from backend.parameters.values import Parameter, json_value_at
from backend.staff import Permission

# What residents ask for most; the rest is on the page of settings.
_SHOWN = (HOURS, WINDOWS, FOREIGN_RELATED)
_TEXT_FIELDS = ("name", "address", "phone", "position")


@desk.get("/offices")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def offices() -> str:
    """The registries of one's places."""
    nodes, moment = _nodes(), now()
    lines = [
        (office, [(_label(one), one.key, _told(one, office.code, moment)) for one in _SHOWN])
        for office in offices_of(nodes)
    ]
    return render_template("marriage/offices.html", lines=lines, missing=nodes_without_office(nodes))


@desk.get("/offices/new")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def office_new() -> str:
    """The form for one more."""
    return _render(None, {"position": str(len(offices_of(_nodes())))})


@desk.post("/offices/new")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def office_add() -> AnyResponse:
    """Show residents one more registry."""
    try:
        office = add_office(_node_id(), _facts(), _nodes())
    except AppError as refusal:
        return make_response(_render(None, request.form, refusal), refusal.status)
    say(texts.OFFICE_ADDED.format(name=office.name))
    return redirect(url_for("marriage_desk.offices"), 303)


@desk.get("/offices/<uuid:office_id>")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def office_page(office_id: uuid.UUID) -> str:
    """One registry."""
    found = _found(office_id)
    return _render(found, {name: str(getattr(found, name)) for name in _TEXT_FIELDS})


@desk.post("/offices/<uuid:office_id>")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def office_change(office_id: uuid.UUID) -> AnyResponse:
    """Change what residents read of it."""
    found = _found(office_id)
    try:
        say(texts.OFFICE_SAVED if change_office(office_id, _facts(), _nodes()) else texts.OFFICE_UNCHANGED)
    except AppError as refusal:
        return make_response(_render(found, request.form, refusal), refusal.status)
    return redirect(url_for("marriage_desk.offices"), 303)


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.MANAGE_SETTINGS)


def _found(office_id: uuid.UUID) -> Office:
    found = office_of(_nodes(), office_id)
    if found is None:
        abort(404)
    return found


def _node_id() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("node", ""))
    except ValueError:
        raise AppError("invalid", texts.OFFICE_REFUSED, 422, errors={"node": [texts.OFFICE_NODE_FORM]}) from None


def _facts() -> OfficeFacts:
    form, position = request.form, request.form.get("position", "").strip()
    whole = int(position) if position.isascii() and position.isdigit() and len(position) < 4 else -1
    return OfficeFacts(form.get("name", ""), form.get("address", ""), form.get("phone", ""), whole)


def _label(parameter: Parameter) -> str:
    return BOOKING.words[parameter.key].label


def _told(parameter: Parameter, code: str, moment: Any) -> str:
    words = BOOKING.words[parameter.key]
    return in_words(shape_of(parameter), json_value_at(parameter, code, moment), words.unit, words.choices)


def _render(office: Office | None, values: Mapping[str, str], refusal: AppError | None = None) -> str:
    moment = now()
    settings = [(_label(one), one.key, _told(one, office.code, moment)) for one in BOOKING.parameters] if office else []
    return render_template(
        "marriage/office.html",
        office=office,
        values={name: values.get(name, "") for name in (*_TEXT_FIELDS, "node")},
        places=() if office else nodes_without_office(_nodes()),
        settings=settings,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )
