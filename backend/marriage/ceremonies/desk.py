"""The desk of ceremonies: the list, one ceremony with its steps, the weather of the coming days."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import console_blueprint, current_account, current_nodes, is_htmx, read_cursor, say
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.marriage.blessings import texts as blessing_texts
from backend.marriage.blessings.queries import blessings_of_ceremony
from backend.marriage.ceremonies import desk_queries, texts
from backend.marriage.ceremonies.arrange import assign_officiant, place_ceremony
from backend.marriage.ceremonies.book import call_off
from backend.marriage.ceremonies.cloud import enter_link, note_erased
from backend.marriage.ceremonies.desk_queries import CeremonyRow, Tab
from backend.marriage.ceremonies.notices import SUBJECT_KIND
from backend.marriage.ceremonies.queries import clouds_of
from backend.marriage.ceremonies.rules import CeremonyState
from backend.marriage.ceremonies.weather import lift_switch, switch_indoors
from backend.marriage.covers import texts as cover_texts
from backend.marriage.covers.queries import covers_of
from backend.marriage.resources.free import free_between, resources_of
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

ceremony_desk = console_blueprint("ceremony_desk", "backend.marriage.ceremonies", "/console/marriage")

PAGE_SIZE = 30
_FIELDS = ("name", "last4", "state")
_AHEAD = timedelta(days=7)


@ceremony_desk.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith(("/console/marriage/ceremonies", "/console/marriage/group-events")):
        return {}
    return {
        "CEREMONY_STATES": texts.STATE_NAMES,
        "CEREMONY_EVENTS": texts.EVENT_NAMES,
        "CLOUD_STATES": texts.CLOUD_STATES,
        "BLESSING_STATES": blessing_texts.STATE_NAMES,
        "BLESSING_FINDINGS": blessing_texts.FINDINGS,
        "COVER_STATES": cover_texts.STATE_NAMES,
        "ENTRY_STATES": texts.ENTRY_STATES,
        "EVENT_KINDS": texts.KIND_NAMES,
        "EVENT_MODES": texts.MODE_NAMES,
        "EVENT_STATES": texts.EVENT_STATES,
    }


@ceremony_desk.get("/ceremonies")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def ceremonies() -> str:
    """A page of the list; for htmx only the list itself."""
    tab, office_id = _tab(), read_id(request.args.get("office"))
    cursor, nodes = read_cursor(request.args.get("cursor")), current_nodes(Permission.READ_APPOINTMENTS)
    with transaction():
        page = desk_queries.ceremony_list(nodes, tab, office_id, cursor, PAGE_SIZE)
        ids = [row.ceremony.id for row in page.rows]
        record_look("ceremony.list_viewed", SUBJECT_KIND, ids, fields=_FIELDS, tab=tab.value)
        offices = desk_queries.offices_of(nodes)
    arguments = {"tab": tab.value} | ({"office": str(office_id)} if office_id else {})
    return render_template(
        "ceremonies/list_part.html" if is_htmx() else "ceremonies/list.html",
        page=page,
        tab=tab,
        tabs=list(Tab),
        offices=offices,
        office_id=office_id,
        arguments=arguments,
        later_page=cursor is not None,
    )


@ceremony_desk.get("/ceremonies/<uuid:ceremony_id>")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def ceremony(ceremony_id: uuid.UUID) -> str:
    """One ceremony."""
    return _render(ceremony_id)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/place")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def place(ceremony_id: uuid.UUID) -> AnyResponse:
    """Another venue or time."""
    venue_id, _, starts_at = request.form.get("session", "").partition(" ")

    def act() -> None:
        venue, moment = read_id(venue_id), _moment(starts_at)
        if venue is None or moment is None:
            raise AppError("invalid", texts.FALSE_CHOICE, 422)
        place_ceremony(ceremony_id, venue, moment, current_account().id)

    return act_on(ceremony_id, act, "ceremony.placed", texts.PLACED)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/officiant")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def officiant(ceremony_id: uuid.UUID) -> AnyResponse:
    """Who holds it."""
    chosen = read_id(request.form.get("officiant"))

    def act() -> None:
        assign_officiant(ceremony_id, chosen, current_account().id)

    return act_on(ceremony_id, act, "ceremony.officiant_set", texts.OFFICIANT_SET)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/call-off")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def called_off(ceremony_id: uuid.UUID) -> AnyResponse:
    """Call it off, with a reason that both read."""

    def act() -> None:
        call_off(ceremony_id, request.form.get("reason", ""), current_account().id)

    return act_on(ceremony_id, act, "ceremony.called_off", texts.CALLED_OFF)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/link")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def link(ceremony_id: uuid.UUID) -> AnyResponse:
    """Where the video is."""

    def act() -> None:
        enter_link(_cloud_id(ceremony_id), request.form.get("link", ""))

    return act_on(ceremony_id, act, "ceremony.link_entered", texts.LINK_SAVED)


@ceremony_desk.post("/ceremonies/<uuid:ceremony_id>/erased")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def erased(ceremony_id: uuid.UUID) -> AnyResponse:
    """The video has been deleted where it was stored."""

    def act() -> None:
        note_erased(_cloud_id(ceremony_id), current_account().id)

    return act_on(ceremony_id, act, "ceremony.video_erased", texts.ERASED)


@ceremony_desk.get("/ceremonies/weather")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def weather() -> str:
    """Outdoor ceremonies of the coming days, day by day."""
    return _render_weather()


@ceremony_desk.post("/ceremonies/weather")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def switch() -> AnyResponse:
    """Have a venue's day indoors, or usable again."""
    form, venue_id = request.form, read_id(request.form.get("venue"))
    try:
        day = date.fromisoformat(form.get("day", ""))
        with transaction():
            days = desk_queries.outdoor_days(current_nodes(Permission.DECIDE_APPOINTMENTS), day, day)
            if venue_id is None or venue_id not in {one.venue.id for one in days}:
                abort(404)
            told = _switch(venue_id, day)
    except ValueError:
        abort(404)
    except AppError as refusal:
        return make_response(_render_weather(refusal), refusal.status)
    say(told)
    return redirect(url_for("ceremony_desk.weather"), 303)


def _switch(venue_id: uuid.UUID, day: date) -> str:
    if "lift" in request.form:
        lift_switch(venue_id, day)
        record("ceremony.weather_lifted", "marriage_resource", venue_id, day=day.isoformat())
        return texts.LIFTED
    done = switch_indoors(venue_id, day, request.form.get("reason", ""), current_account().id)
    record("ceremony.weather_switched", "marriage_resource", venue_id, day=day.isoformat(), moved=done.moved)
    return texts.SWITCHED.format(moved=done.moved, other=done.at_another_time, without=done.without_place)


def read_id(text: str | None) -> uuid.UUID | None:
    """An id of a form or a query string; None where nothing was chosen. Raises `AppError` invalid."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise AppError("invalid", texts.FALSE_CHOICE, 422) from None


def _tab() -> Tab:
    text = request.args.get("tab") or Tab.COMING.value
    if text not in set(Tab):
        raise AppError("invalid", texts.FALSE_CHOICE, 422)
    return Tab(text)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(BEIJING)
    except ValueError:
        return None


def _cloud_id(ceremony_id: uuid.UUID) -> uuid.UUID:
    cloud = clouds_of([ceremony_id]).get(ceremony_id)
    if cloud is None:
        raise AppError("state_conflict", texts.CLOUD_NOT_AGREED, 409)
    return cloud.id


def _found(ceremony_id: uuid.UUID, permission: Permission) -> tuple[CeremonyRow, list[bytes]]:
    """A ceremony of one's places, with the question for a reason where it is one's own or a relative's."""
    found = desk_queries.ceremony_row(current_nodes(permission), ceremony_id)
    if found is None:
        abort(404)
    indexes = desk_queries.watch_indexes(found.ceremony.appointment_id)
    address = url_for("ceremony_desk.ceremony", ceremony_id=ceremony_id)
    require_reason(SUBJECT_KIND, ceremony_id, indexes, address)
    return found, indexes


def _task(found: CeremonyRow) -> str | None:
    open_ = found.ceremony.state is CeremonyState.BOOKED
    return f"{SUBJECT_KIND}:{found.ceremony.id}" if open_ else None


def act_on(ceremony_id: uuid.UUID, act: Callable[[], object], action: str, told: str) -> AnyResponse:
    """Carry out one step on a ceremony of one's places, write it into the trail, and show its page again."""
    with transaction():
        found, indexes = _found(ceremony_id, Permission.DECIDE_APPOINTMENTS)
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, ceremony_id, task=_task(found), fields=("state",), number_indexes=indexes)
    except AppError as refusal:
        return make_response(_render(ceremony_id, refusal), refusal.status)
    say(told)
    return redirect(url_for("ceremony_desk.ceremony", ceremony_id=ceremony_id), 303)


def look_closer(ceremony_id: uuid.UUID, action: str, fields: Sequence[str]) -> None:
    """Write down that whoever decides about a ceremony looks at a part of it; 404 for one of another place."""
    with transaction():
        found, indexes = _found(ceremony_id, Permission.DECIDE_APPOINTMENTS)
        record_look(
            action, SUBJECT_KIND, [ceremony_id], number_indexes=indexes, task=_task(found), fields=tuple(fields)
        )


def _render(ceremony_id: uuid.UUID, refusal: AppError | None = None) -> str:
    with transaction():
        found, indexes = _found(ceremony_id, Permission.READ_APPOINTMENTS)
        record_look(
            "ceremony.viewed",
            SUBJECT_KIND,
            [ceremony_id],
            number_indexes=indexes,
            task=_task(found),
            fields=(*_FIELDS, "history"),
        )
        row = found.ceremony
        cloud = clouds_of([row.id]).get(row.id)
        return render_template(
            "ceremonies/ceremony.html",
            found=found,
            row=row,
            cloud=cloud,
            cover=covers_of([cloud.id]).get(cloud.id) if cloud else None,
            blessings=blessings_of_ceremony(row.id),
            events=desk_queries.history(row.id),
            sessions=_sessions(row.office_id, row.starts_at.date()) if row.state is CeremonyState.BOOKED else [],
            officiants=resources_of(row.office_id, ResourceKind.OFFICIANT),
            problem=refusal.user_text if refusal else None,
        )


def _sessions(office_id: uuid.UUID, day: date) -> list[tuple[Resource, list[datetime]]]:
    """Free sessions of all venues on the ceremony's day and the day after."""
    venues = resources_of(office_id, ResourceKind.VENUE)
    first = max(day, today())
    free = free_between(venues, first, first + timedelta(days=1))
    return [(venue, [one.starts_at for one in free[venue.id]]) for venue in venues if free[venue.id]]


def _render_weather(refusal: AppError | None = None) -> str:
    nodes = current_nodes(Permission.DECIDE_APPOINTMENTS)
    days = desk_queries.outdoor_days(nodes, today(), today() + _AHEAD)
    problem = refusal.user_text if refusal else None
    return render_template("ceremonies/weather.html", days=days, problem=problem, today=today(), moment=now())
