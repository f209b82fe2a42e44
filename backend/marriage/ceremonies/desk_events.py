"""The desk of events of many couples: the list, a new one, one event with its entries and the proof of its draw."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, read_cursor, say
from backend.kernel.access import Caller, access
from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.marriage.ceremonies import desk_queries, texts
from backend.marriage.ceremonies.announce import EventFacts, announce_event, cancel_event
from backend.marriage.ceremonies.desk import PAGE_SIZE, ceremony_desk, read_id
from backend.marriage.ceremonies.draw import proof_of
from backend.marriage.ceremonies.models import GroupEvent
from backend.marriage.ceremonies.rules import EventKind, EventMode
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

SUBJECT = "marriage_group_event"


@ceremony_desk.get("/group-events")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def group_events() -> str:
    """A page of events."""
    cursor = read_cursor(request.args.get("cursor"))
    page = desk_queries.event_list(current_nodes(Permission.READ_APPOINTMENTS), cursor, PAGE_SIZE)
    return render_template("ceremonies/events.html", page=page, later_page=cursor is not None)


@ceremony_desk.get("/group-events/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def event_form() -> str:
    """The form of a new one."""
    return _render_form({})


@ceremony_desk.post("/group-events/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def event_add() -> AnyResponse:
    """Announce it."""
    form = request.form
    try:
        with transaction():
            office_id = read_id(form.get("office"))
            offices = desk_queries.offices_of(current_nodes(Permission.DECIDE_APPOINTMENTS))
            if office_id is None or office_id not in {office.id for office in offices}:
                raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"office": [texts.FALSE_CHOICE]})
            event = announce_event(office_id, _facts(form))
            record("ceremony.event_announced", SUBJECT, event.id)
    except AppError as refusal:
        return make_response(_render_form(form, refusal), refusal.status)
    say(texts.EVENT_SAVED)
    return redirect(url_for("ceremony_desk.group_event", event_id=event.id), 303)


@ceremony_desk.get("/group-events/<uuid:event_id>")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def group_event(event_id: uuid.UUID) -> str:
    """One event."""
    return _render(_event(event_id, Permission.READ_APPOINTMENTS))


@ceremony_desk.post("/group-events/<uuid:event_id>/cancel")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def event_cancel(event_id: uuid.UUID) -> AnyResponse:
    """Call it off."""
    event = _event(event_id, Permission.DECIDE_APPOINTMENTS)
    try:
        with transaction():
            cancel_event(event_id, current_account().id)
            record("ceremony.event_cancelled", SUBJECT, event_id)
    except AppError as refusal:
        return make_response(_render(event, refusal), refusal.status)
    say(texts.EVENT_CANCELLED)
    return redirect(url_for("ceremony_desk.group_event", event_id=event_id), 303)


def _event(event_id: uuid.UUID, permission: Permission) -> GroupEvent:
    found = desk_queries.event_row(current_nodes(permission), event_id)
    if found is None:
        abort(404)
    return found


def _render(event: GroupEvent, refusal: AppError | None = None) -> str:
    cursor = read_cursor(request.args.get("cursor"))
    with transaction():
        page = desk_queries.entry_list(event.id, cursor, PAGE_SIZE)
        names = desk_queries.couple_names([entry.appointment_id for entry in page.rows])
        ids = [entry.id for entry in page.rows]
        record_look("ceremony.entries_viewed", "marriage_group_entry", ids, fields=("name", "last4", "state"))
        proof = proof_of(event)
    return render_template(
        "ceremonies/event.html",
        event=event,
        page=page,
        names=names,
        proof=proof,
        later_page=cursor is not None,
        problem=refusal.user_text if refusal else None,
    )


def _facts(form: Mapping[str, str]) -> EventFacts:
    kind, mode = form.get("kind", ""), form.get("mode", "")
    places = form.get("places", "").strip()
    moments = [_moment(form.get(name, "")) for name in ("starts_at", "opens_at", "closes_at")]
    starts_at, opens_at, closes_at = moments
    if starts_at is None or opens_at is None or closes_at is None:
        raise AppError("invalid", texts.TIMES_FORM, 422, errors={"closes_at": [texts.TIMES_FORM]})
    if kind not in set(EventKind) or mode not in set(EventMode):
        raise AppError("invalid", texts.FALSE_CHOICE, 422)
    return EventFacts(
        EventKind(kind),
        form.get("title", ""),
        form.get("place", ""),
        starts_at,
        opens_at,
        closes_at,
        int(places) if places.isascii() and places.isdigit() and len(places) < 5 else 0,
        EventMode(mode),
        _day(form.get("registered_from", "")),
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise AppError("invalid", texts.TIMES_FORM, 422, errors={"registered_from": [texts.TIMES_FORM]}) from None


def _render_form(values: Mapping[str, str], refusal: AppError | None = None) -> str:
    return render_template(
        "ceremonies/event_new.html",
        values=values,
        offices=desk_queries.offices_of(current_nodes(Permission.DECIDE_APPOINTMENTS)),
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )
