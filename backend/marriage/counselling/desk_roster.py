"""Who counsels, what and when: the supervisor's list and form, and each counsellor's own days that differ."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.counselling import desk_queries, texts
from backend.marriage.counselling.desk_blueprint import counselling_desk
from backend.marriage.counselling.keep_counsellor import CounsellorFacts, keep_counsellor
from backend.marriage.counselling.models import Counsellor
from backend.marriage.counselling.parameters import session_lengths
from backend.marriage.counselling.rules import SERVES, Matter, Profession, Way
from backend.marriage.models import Office
from backend.marriage.resources.form import (
    read_account,
    read_day,
    read_day_hours,
    read_week,
    read_whole,
    values_of,
)
from backend.marriage.resources.keep import ResourceFacts, set_day, usual_day
from backend.marriage.resources.models import ResourceDay
from backend.marriage.resources.texts import DAY_SAVED, WEEKDAYS
from backend.staff import Permission, record
from backend.storage import transaction

SUBJECT = "marriage_resource"
_MOST = 100


@counselling_desk.get("/counsellors")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellors() -> str:
    """Everybody who counsels at one's places."""
    return render_template("counselling/counsellors.html", rows=desk_queries.counsellors(_nodes()))


@counselling_desk.get("/counsellors/new")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellor_new() -> str:
    """The form for one more."""
    return _render(None, {})


@counselling_desk.post("/counsellors/new")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellor_add() -> AnyResponse:
    """Add them."""
    return _keep(None)


@counselling_desk.get("/counsellors/<uuid:counsellor_id>")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellor(counsellor_id: uuid.UUID) -> str:
    """One counsellor with their week and their days."""
    found, office = _found(counsellor_id)
    return _render((found, office), _values(found))


@counselling_desk.post("/counsellors/<uuid:counsellor_id>")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellor_change(counsellor_id: uuid.UUID) -> AnyResponse:
    """Change them."""
    return _keep(_found(counsellor_id))


@counselling_desk.post("/counsellors/<uuid:counsellor_id>/days")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def counsellor_day(counsellor_id: uuid.UUID) -> AnyResponse:
    """A day that differs, or does so no more."""
    found, office = _found(counsellor_id)
    try:
        _set_day(counsellor_id)
    except AppError as refusal:
        return make_response(_render((found, office), _values(found), refusal), refusal.status)
    say(DAY_SAVED)
    return redirect(url_for("counselling_desk.counsellor", counsellor_id=counsellor_id), 303)


@counselling_desk.get("/roster")
@access(Caller.STAFF, Permission.COUNSEL)
def roster() -> str:
    """One's own week, and the days on which one is away or there at other hours."""
    return _render_roster()


@counselling_desk.post("/roster/<uuid:counsellor_id>/days")
@access(Caller.STAFF, Permission.COUNSEL)
def roster_day(counsellor_id: uuid.UUID) -> AnyResponse:
    """A day of one's own that differs; 404 for a colleague's."""
    own = desk_queries.own_resources(current_nodes(Permission.COUNSEL), current_account().id)
    if counsellor_id not in {one.resource_id for one, _ in own}:
        abort(404)
    try:
        _set_day(counsellor_id)
    except AppError as refusal:
        return make_response(_render_roster(refusal), refusal.status)
    say(DAY_SAVED)
    return redirect(url_for("counselling_desk.roster"), 303)


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.SUPERVISE_COUNSELLING)


def _found(counsellor_id: uuid.UUID) -> tuple[Counsellor, Office]:
    rows = desk_queries.counsellors(_nodes())
    found = next(((one, office) for one, office, _ in rows if one.resource_id == counsellor_id), None)
    if found is None:
        abort(404)
    return found


def _set_day(counsellor_id: uuid.UUID) -> None:
    form = request.form
    with transaction():
        day = read_day(form.get("day", ""))
        if "usual" in form:
            usual_day(counsellor_id, day)
        else:
            set_day(counsellor_id, day, read_day_hours(form.get("hours", "")))
        record("counselling.day_set", SUBJECT, counsellor_id, day=day.isoformat())


def _keep(found: tuple[Counsellor, Office] | None) -> AnyResponse:
    form = request.form
    try:
        with transaction():
            office_id = found[1].id if found else _office(form.get("office", ""))
            kept = keep_counsellor(office_id, _facts(form), found[0].resource_id if found else None)
            record("counselling.counsellor_kept", SUBJECT, kept.resource_id)
    except AppError as refusal:
        return make_response(_render(found, form, refusal), refusal.status)
    say(texts.COUNSELLOR_SAVED)
    return redirect(url_for("counselling_desk.counsellor", counsellor_id=kept.resource_id), 303)


def _office(text: str) -> uuid.UUID:
    office = next((one for one in desk_queries.offices_of(_nodes()) if str(one.id) == text), None)
    if office is None:
        raise AppError("invalid", texts.OFFICE_UNKNOWN, 422, errors={"office": [texts.OFFICE_UNKNOWN]})
    return office.id


def _facts(form: Mapping[str, str]) -> CounsellorFacts:
    if form.get("profession") not in set(Profession):
        raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"profession": [texts.FALSE_CHOICE]})
    roster = ResourceFacts(
        name=form.get("name", ""),
        session_minutes=read_whole(form.get("session_minutes", "")),
        pause_minutes=read_whole(form.get("pause_minutes", "") or "0"),
        account_id=read_account(form.get("username", "")),
        active="active" in form,
        week=read_week(form),
    )
    return CounsellorFacts(Profession(form["profession"]), [way for way in Way if way.value in form], roster)


def _values(found: Counsellor) -> dict[str, str]:
    ways = {way.value: "on" for way in Way if getattr(found, way.value)}
    return values_of(found.resource) | {"profession": found.profession.value} | ways


def _render(found: tuple[Counsellor, Office] | None, values: Mapping[str, str], refusal: AppError | None = None) -> str:
    offices = desk_queries.offices_of(_nodes())
    code = found[1].code if found else offices[0].code if offices else ""
    minutes, pause = session_lengths(code)
    return render_template(
        "counselling/counsellor.html",
        found=found,
        values=values,
        days=_days(found[0].resource_id) if found else [],
        offices=offices,
        minutes=minutes,
        pause=pause,
        professions=list(Profession),
        ways=list(Way),
        serves={one: [matter for matter in Matter if one in SERVES[matter]] for one in Profession},
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        WEEKDAYS=WEEKDAYS,
        today=today(),
    )


def _render_roster(refusal: AppError | None = None) -> str:
    own = desk_queries.own_resources(current_nodes(Permission.COUNSEL), current_account().id)
    return render_template(
        "counselling/roster.html",
        rows=[(one, office, _values(one), _days(one.resource_id)) for one, office in own],
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        WEEKDAYS=WEEKDAYS,
        today=today(),
    )


def _days(resource_id: uuid.UUID) -> list[ResourceDay]:
    query = sa.select(ResourceDay).where(ResourceDay.resource_id == resource_id, ResourceDay.day >= today())
    with transaction() as db:
        return list(db.scalars(query.order_by(ResourceDay.day).limit(_MOST)))
