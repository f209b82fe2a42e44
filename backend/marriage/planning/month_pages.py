"""The calendar of a month, and one day of it with all that can be changed about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request

from backend.console import current_nodes, may_here
from backend.kernel.access import Caller, access
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.preview import preview
from backend.marriage.capacity.queries import DayCell, month_cells, offices_of
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.kinds import BOOKABLE_KINDS, Area, Kind
from backend.marriage.offices import OfficeView
from backend.marriage.parameters import (
    BOOKING,
    CLOSED_WEEKDAYS,
    HOURS,
    ONLINE_SHARE,
    OPEN_365,
    SATURDAY_HOURS,
    SATURDAY_KINDS,
    WEEKDAY_HOURS,
    WINDOWS,
    booking_rules,
)
from backend.marriage.planning.blueprint import capacity, chosen_office, own_office
from backend.parameters.kinds import in_words, shape_of
from backend.parameters.values import json_value_at
from backend.staff import Permission

WEEK = 7
# What the days of a week look like; the rest of what may be set is on the page of settings.
WEEKLY = (
    HOURS,
    *WEEKDAY_HOURS.values(),
    CLOSED_WEEKDAYS,
    SATURDAY_HOURS,
    SATURDAY_KINDS,
    OPEN_365,
    WINDOWS,
    ONLINE_SHARE,
)


@capacity.get("")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def calendar() -> str:
    """A month of one registry."""
    place = chosen_office(request.args.get("office"))
    month = _month()
    before = (month - timedelta(days=1)).replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    days = [month + timedelta(days=ahead) for ahead in range((after - month).days)]
    cells: list[DayCell | None] = [None] * month.weekday()
    cells += month_cells(place, days)
    cells += [None] * (-len(cells) % WEEK)
    return render_template(
        "marriage/capacity/month.html",
        place=place,
        offices=offices_of(current_nodes(Permission.PLAN_CAPACITY)),
        today=today(),
        month=month,
        before=before,
        after=after,
        weeks=[cells[start : start + WEEK] for start in range(0, len(cells), WEEK)],
        weekly=weekly(place),
    )


@capacity.get("/<uuid:office_id>/days/<day>")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def day(office_id: uuid.UUID, day: str) -> str:
    """One day: what residents see of it now, and the forms to change it."""
    place = own_office(office_id)
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        abort(404)
    return render_day(place, chosen, {})


def render_day(
    place: OfficeView, day: date, values: Mapping[str, Any], refusal: AppError | None = None, kinds: Sequence[str] = ()
) -> str:
    """The page of a day, with what was typed and what is wrong with it."""
    cell = month_cells(place, [day])[0]
    shown = preview(place, Wish(Action.RELAY, day, day))
    return render_template(
        "marriage/capacity/day.html",
        place=place,
        cell=cell,
        shown=shown,
        today=today(),
        day=day,
        values=values,
        chosen_kinds=kinds,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        areas=list(Area),
        kinds=[kind for kind in Kind if kind in BOOKABLE_KINDS],
        rules=booking_rules(place.code, now()),
    )


def weekly(place: OfficeView) -> Sequence[tuple[str, str, str]]:
    """Label, key and value in words of what a week looks like at a registry."""
    moment = now()
    lines = []
    for parameter in WEEKLY:
        words = BOOKING.words[parameter.key]
        value = json_value_at(parameter, place.code, moment)
        if not value and not may_here(Permission.MANAGE_SETTINGS):
            continue  # nothing differs from the ordinary hours, and nobody here could set it
        lines.append((words.label, parameter.key, in_words(shape_of(parameter), value, words.unit, words.choices)))
    return lines


@capacity.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith("/console/marriage/capacity"):
        return {}
    return {
        "LINE_NAMES": texts.LINE_NAMES,
        "CALL_RESULTS": texts.CALL_NAMES,
        "may_set": may_here(Permission.MANAGE_SETTINGS),
        "may_move": may_here(Permission.DECIDE_APPOINTMENTS),
    }


def _month() -> date:
    text = request.args.get("month", "")
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today().replace(day=1)
