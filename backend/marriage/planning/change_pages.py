"""A change of the calendar: first a look at what it does, then one button."""

from __future__ import annotations

import uuid
from datetime import date

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.change import Changed, change_days
from backend.marriage.capacity.preview import Preview, preview
from backend.marriage.capacity.queries import office_of
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.offices import OfficeView
from backend.marriage.planning.blueprint import capacity, own_office
from backend.marriage.planning.month_pages import render_day
from backend.marriage.planning.wish_form import read_wish, typed
from backend.staff import Permission, record
from backend.storage import transaction

# So many of the appointments hit are listed; all are counted, and all are moved.
SHOWN_HITS = 100
# So many days are drawn slot by slot.
SHOWN_DAYS = 7

_DONE = {
    Action.CLOSE: texts.DONE_CLOSED,
    Action.HALF: texts.DONE_HALVED,
    Action.REOPEN: texts.DONE_REOPENED,
    Action.PEAK: texts.DONE_PEAK,
    Action.ORDINARY: texts.DONE_ORDINARY,
    Action.RELAY: texts.DONE_RELAID,
}


@capacity.post("/<uuid:office_id>/preview")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def look(office_id: uuid.UUID) -> AnyResponse:
    """What a change will do; nothing is changed yet."""
    place = own_office(office_id)
    try:
        return make_response(_render(place, preview(place, read_wish(request.form, place, now()))))
    except AppError as refusal:
        return _ask_again(place, refusal)


@capacity.post("/<uuid:office_id>/changes")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def change(office_id: uuid.UUID) -> AnyResponse:
    """Make the change that was shown; shown again where anything has moved since."""
    place = own_office(office_id)
    try:
        wish = read_wish(request.form, place, now())
    except AppError as refusal:
        return _ask_again(place, refusal)
    if request.form.get("back"):
        return make_response(render_day(place, wish.first, request.form, kinds=request.form.getlist("kinds")))
    try:
        with transaction():
            done = change_days(place, wish, request.form.get("base", ""), current_account().id)
            _record(place, wish, done)
    except AppError as refusal:
        if refusal.code == "state_conflict":
            return make_response(_render(place, preview(place, wish), refusal), 409)
        return _ask_again(place, refusal)
    say(_DONE[wish.action])
    movable = current_nodes(Permission.DECIDE_APPOINTMENTS)
    if done.move_id is not None and office_of(movable, place.id) is not None:
        return redirect(url_for("marriage_capacity.move", move_id=done.move_id), 303)
    return redirect(_month_of(place, wish.first), 303)


def _record(place: OfficeView, wish: Wish, done: Changed) -> None:
    record(
        f"marriage.capacity.{wish.action.value}",
        "marriage_office",
        place.id,
        purpose=wish.reason or None,
        first=wish.first.isoformat(),
        last=wish.last.isoformat(),
        area=wish.area.value if wish.area else None,
        hits=done.hits,
    )


def _month_of(place: OfficeView, day: date) -> str:
    return url_for("marriage_capacity.calendar", office=place.code, month=f"{day:%Y-%m}")


def _ask_again(place: OfficeView, refusal: AppError) -> AnyResponse:
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = today()
    page = render_day(place, day, request.form, refusal, request.form.getlist("kinds"))
    return make_response(page, refusal.status)


def _render(place: OfficeView, shown: Preview, refusal: AppError | None = None) -> str:
    return render_template(
        "marriage/capacity/preview.html",
        place=place,
        shown=shown,
        wish=shown.wish,
        problem=refusal.user_text if refusal else None,
        typed=typed(request.form),
        chosen_kinds=request.form.getlist("kinds"),
        day=request.form.get("day", shown.wish.first.isoformat()),
        drawn=list(shown.changed_days)[:SHOWN_DAYS],
        hits=list(shown.hits)[:SHOWN_HITS],
    )
