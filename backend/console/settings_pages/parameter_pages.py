"""The list of what the bureau may set, one setting with its history, and changing it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.settings_pages import texts
from backend.console.settings_pages.blueprint import settings
from backend.console.settings_pages.changes import SUBJECT, Change, check, make
from backend.console.settings_pages.groups import (
    EVERYWHERE,
    Declared,
    Place,
    declared_or_404,
    parameter_groups,
    place_names,
    places_for,
)
from backend.console.staff_pages.blueprint import day_in
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import now, start_of_day, today
from backend.kernel.errors import AppError
from backend.parameters.kinds import from_typed, in_words, limits_in_words, shape_of, typed_again
from backend.parameters.values import SetValue, history_of, json_value_at, withdraw_value
from backend.staff import Permission, district_id, record
from backend.staff.names import account_names
from backend.storage import transaction


@dataclass(frozen=True)
class Line:
    """A parameter on the list: its value in force, and how many values of places and of times to come there are."""

    declared: Declared
    value: str
    limits: str
    default: bool
    places: int
    coming: Sequence[SetValue]


@settings.get("")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def parameters() -> str:
    """Every parameter by group."""
    groups = [(group, [_line(Declared(one, group)) for one in group.parameters]) for group in parameter_groups()]
    return render_template("console/settings/parameters.html", groups=groups)


@settings.get("/<key>")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def parameter(key: str) -> str:
    """One parameter."""
    place = request.args.get("place")  # whoever comes from a place's own page sets it for that place
    return _render(declared_or_404(key), {"place": place} if place else {})


@settings.post("/<key>/check")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def parameter_check(key: str) -> AnyResponse:
    """What changing it will do; nothing is changed yet."""
    declared = declared_or_404(key)
    try:
        change = _change(declared)
        check(change)
    except AppError as refusal:
        return _ask_again(declared, refusal)
    page = render_template(
        "console/settings/check.html",
        declared=declared,
        change=change,
        typed=_typed(),
        place=place_names()[change.scope],
        before=change.told(change.before),
        after=change.told(change.value),
    )
    return make_response(page)


@settings.post("/<key>")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def parameter_set(key: str) -> AnyResponse:
    """Change it, or ask for a second person's yes."""
    declared = declared_or_404(key)
    if request.form.get("back"):
        return make_response(_render(declared, _typed()))
    try:
        change = _change(declared)
        done = make(change, current_account())
    except AppError as refusal:
        return _ask_again(declared, refusal)
    if not done:
        say(texts.ASKED)
    elif change.effective_from is None:
        say(texts.SET_NOW.format(label=declared.words.label))
    else:
        say(texts.SET.format(label=declared.words.label, when=spoken_date(change.effective_from)))
    return redirect(url_for("settings.parameter", key=key), 303)


@settings.post("/<key>/<uuid:value_id>/withdraw")
@access(Caller.STAFF, Permission.MANAGE_SETTINGS)
def parameter_withdraw(key: str, value_id: uuid.UUID) -> AnyResponse:
    """Take back a value that does not hold yet."""
    declared = declared_or_404(key)
    own = {place.code for place in places_for(declared.group)}
    if not any(row.id == value_id and row.scope in own for row in history_of(declared.parameter)):
        abort(404)
    try:
        with transaction():
            gone = withdraw_value(declared.parameter, value_id)
            effective_from = gone.effective_from.isoformat()
            record("settings.withdrawn", SUBJECT, key, place=gone.scope or None, effective_from=effective_from)
        say(texts.WITHDRAWN)
    except AppError as refusal:
        say(refusal.user_text, "problem")
    return redirect(url_for("settings.parameter", key=key), 303)


def _line(declared: Declared) -> Line:
    rows, moment = history_of(declared.parameter), now()
    set_before = [row for row in rows if row.effective_from <= moment]
    return Line(
        declared,
        _told(declared, json_value_at(declared.parameter, EVERYWHERE, moment)),
        limits_in_words(shape_of(declared.parameter)),
        not any(row.scope == EVERYWHERE for row in set_before),
        len({row.scope for row in set_before if row.scope != EVERYWHERE}),
        [row for row in reversed(rows) if row.effective_from > moment],
    )


def _told(declared: Declared, value: Any) -> str:
    return in_words(shape_of(declared.parameter), value, declared.words.unit, declared.words.choices)


def _typed() -> dict[str, Any]:
    """What the form holds, to be shown again; `value` is a list, for boxes may be ticked."""
    names = ("place", "first", "reason")
    return {name: request.form.get(name, "") for name in names} | {"value": request.form.getlist("value")}


def _change(declared: Declared) -> Change:
    form, places = request.form, places_for(declared.group)
    scope = form.get("place", EVERYWHERE)
    if scope not in {place.code for place in places}:
        raise AppError("invalid", texts.BAD_PLACE, 422, errors={"place": [texts.BAD_PLACE]})
    first = day_in("first")
    value = from_typed(shape_of(declared.parameter), form.getlist("value"))
    reason = " ".join(form.get("reason", "").split())
    return Change(declared, scope, value, start_of_day(first) if first else None, reason)


def _ask_again(declared: Declared, refusal: AppError) -> AnyResponse:
    return make_response(_render(declared, _typed(), refusal.errors, refusal.user_text), refusal.status)


def _render(
    declared: Declared,
    typed: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]] | None = None,
    problem: str | None = None,
) -> str:
    shape, moment, names = shape_of(declared.parameter), now(), place_names()
    rows, places = history_of(declared.parameter), places_for(declared.group)
    current = [(place, json_value_at(declared.parameter, place.code, moment)) for place in _shown(places, names)]
    return render_template(
        "console/settings/parameter.html",
        declared=declared,
        shape=shape,
        limits=limits_in_words(shape),
        current=current,
        own={row.scope for row in rows if row.effective_from <= moment},
        coming=[row for row in reversed(rows) if row.effective_from > moment],
        past=[row for row in rows if row.effective_from <= moment],
        told=lambda value: _told(declared, value),
        again=lambda value: typed_again(shape, value),
        places=places,
        place_names=names,
        who=_names(rows),
        typed=typed,
        errors=errors or {},
        problem=problem,
        tomorrow=today().isoformat(),
        whole_district=district_id() in current_nodes(Permission.MANAGE_SETTINGS),
    )


def _shown(places: Sequence[Place], names: Mapping[str, str]) -> Sequence[Place]:
    """The whole district's value is shown to everybody, for it holds where a place has none of its own."""
    if any(place.code == EVERYWHERE for place in places):
        return places
    return [Place(EVERYWHERE, names[EVERYWHERE]), *places]


def _names(rows: Sequence[SetValue]) -> Mapping[str, str]:
    """Who set the values, by what was noted; the system where it was no account."""
    ids = {}
    for row in rows:
        try:
            ids[row.set_by] = uuid.UUID(row.set_by)
        except ValueError:
            continue
    names = account_names(list(ids.values()))
    return {noted: names.get(ids[noted], texts.SYSTEM) for noted in ids}
