"""场地和人员 at the console: what there is, its week, the days that differ."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import ConsoleRoom, NavEntry, console_blueprint, current_nodes, say
from backend.console.rooms import NavGroup
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.models import Office
from backend.marriage.resources import texts
from backend.marriage.resources.form import (
    read_account,
    read_day,
    read_day_hours,
    read_week,
    read_whole,
    values_of,
)
from backend.marriage.resources.keep import ResourceFacts, keep_resource, set_day, usual_day
from backend.marriage.resources.models import Resource, ResourceDay
from backend.marriage.resources.rules import ResourceKind
from backend.staff import Permission, record
from backend.storage import transaction

resource_desk = console_blueprint("resource_desk", "backend.marriage.resources", "/console/marriage")

SUBJECT = "marriage_resource"
_MOST = 200
# Counsellors have pages of their own: who they are and what they do is looked after by whoever supervises them.
_KINDS = {kind: name for kind, name in texts.KIND_NAMES.items() if kind is not ResourceKind.COUNSELLOR}


@resource_desk.get("/resources")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resources() -> str:
    """All of one's places, by kind and name; there are never many of them."""
    query = _of_nodes().order_by(Resource.kind.desc(), ~Resource.active, Resource.name).limit(_MOST)
    with transaction() as db:
        rows = [(resource, office) for resource, office in db.execute(query)]
    return render_template("resources/list.html", rows=rows, KINDS=_KINDS)


@resource_desk.get("/resources/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resource_new() -> str:
    """The form for one more; `?kind=` is venue, officiant or room."""
    return _render(None, {"kind": request.args.get("kind", ResourceKind.VENUE.value)})


@resource_desk.post("/resources/new")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resource_add() -> AnyResponse:
    """Add it."""
    return _keep(None)


@resource_desk.get("/resources/<uuid:resource_id>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resource(resource_id: uuid.UUID) -> str:
    """One resource with its week and its days."""
    found = _found(resource_id)
    return _render(found, values_of(found))


@resource_desk.post("/resources/<uuid:resource_id>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resource_change(resource_id: uuid.UUID) -> AnyResponse:
    """Change it."""
    return _keep(_found(resource_id))


@resource_desk.post("/resources/<uuid:resource_id>/days")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def resource_day(resource_id: uuid.UUID) -> AnyResponse:
    """A day that differs, or does so no more."""
    found, form = _found(resource_id), request.form
    try:
        with transaction():
            day = read_day(form.get("day", ""))
            if "usual" in form:
                usual_day(resource_id, day)
            else:
                set_day(resource_id, day, read_day_hours(form.get("hours", "")))
            record("resource.day_set", SUBJECT, resource_id, day=day.isoformat())
    except AppError as refusal:
        return make_response(_render(found, values_of(found), refusal), refusal.status)
    say(texts.DAY_SAVED)
    return redirect(url_for("resource_desk.resource", resource_id=resource_id), 303)


def _keep(found: Resource | None) -> AnyResponse:
    form = request.form
    try:
        with transaction():
            kind, office_id = (found.kind, found.office_id) if found else _place(form)
            kept = keep_resource(office_id, kind, _facts(form, kind), found.id if found else None)
            record("resource.kept", SUBJECT, kept.id)
    except AppError as refusal:
        return make_response(_render(found, form, refusal), refusal.status)
    say(texts.SAVED)
    return redirect(url_for("resource_desk.resource", resource_id=kept.id), 303)


def _of_nodes() -> sa.Select[Resource, Office]:
    nodes = current_nodes(Permission.DECIDE_APPOINTMENTS)
    query = sa.select(Resource, Office).join(Office, Office.id == Resource.office_id)
    return query.where(Office.node_id.in_(nodes), Resource.kind.in_(_KINDS))


def _found(resource_id: uuid.UUID) -> Resource:
    with transaction() as db:
        found = db.execute(_of_nodes().where(Resource.id == resource_id)).one_or_none()
    if found is None:
        abort(404)
    kept: Resource = found[0]
    return kept


def _offices() -> Sequence[Office]:
    nodes = current_nodes(Permission.DECIDE_APPOINTMENTS)
    with transaction() as db:
        return db.scalars(sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position)).all()


def _place(form: Mapping[str, str]) -> tuple[ResourceKind, uuid.UUID]:
    office = next((one for one in _offices() if str(one.id) == form.get("office")), None)
    if office is None or form.get("kind") not in set(_KINDS):
        raise AppError("invalid", texts.RESOURCE_UNKNOWN, 422, errors={"office": [texts.RESOURCE_UNKNOWN]})
    return ResourceKind(form["kind"]), office.id


def _facts(form: Mapping[str, str], kind: ResourceKind) -> ResourceFacts:
    venue = kind is ResourceKind.VENUE
    outdoor = venue and "outdoor" in form
    return ResourceFacts(
        name=form.get("name", ""),
        session_minutes=read_whole(form.get("session_minutes", "")),
        pause_minutes=read_whole(form.get("pause_minutes", "") or "0"),
        outdoor=outdoor,
        fallback_id=_id(form.get("fallback")) if outdoor else None,
        guests_most=read_whole(form["guests_most"]) if venue and form.get("guests_most") else None,
        account_id=read_account(form.get("username", "")) if kind is ResourceKind.OFFICIANT else None,
        active="active" in form,
        week=read_week(form),
    )


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise AppError("invalid", texts.FALLBACK_UNFIT, 422, errors={"fallback": [texts.FALLBACK_UNFIT]}) from None


def _render(found: Resource | None, values: Mapping[str, str], refusal: AppError | None = None) -> str:
    kind = found.kind if found else values.get("kind", "")
    with transaction() as db:
        days = [] if found is None else db.scalars(_days(found.id)).all()
        inside = _of_nodes().where(Resource.kind == ResourceKind.VENUE, ~Resource.outdoor)
        indoor = [one for one, _ in db.execute(inside)]
    return render_template(
        "resources/resource.html",
        found=found,
        kind=ResourceKind(kind) if kind in set(_KINDS) else ResourceKind.VENUE,
        values=values,
        days=days,
        offices=_offices(),
        indoor=[one for one in indoor if found is None or one.office_id == found.office_id],
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        KINDS=_KINDS,
        WEEKDAYS=texts.WEEKDAYS,
        today=today(),
    )


def _days(resource_id: uuid.UUID) -> sa.Select[ResourceDay]:
    query = sa.select(ResourceDay).where(ResourceDay.resource_id == resource_id, ResourceDay.day >= today())
    return query.order_by(ResourceDay.day).limit(_MOST)


resources_console = ConsoleRoom(
    blueprint=resource_desk,
    navigation=[
        NavEntry("resource_desk.resources", texts.ROOM_NAME, Permission.DECIDE_APPOINTMENTS, NavGroup.SERVICES),
    ],
)
