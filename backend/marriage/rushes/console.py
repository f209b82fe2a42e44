"""Rushes at the console: the list, one with its plan and live figures, putting it off or calling it off, its proof."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import (
    ConsoleRoom,
    NavEntry,
    Waiting,
    console_blueprint,
    current_account,
    current_nodes,
    may_here,
    read_cursor,
    say,
)
from backend.console.rooms import NavGroup
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.marriage.offices import office
from backend.marriage.rush import report
from backend.marriage.rush.change import call_off_rush, put_off_rush
from backend.marriage.rush.queries import proof_page
from backend.marriage.rush.report import RushRow
from backend.marriage.rush.rules import Phase
from backend.marriage.rushes import texts
from backend.marriage.rushes.export import RUSH_PROOF, SUBJECT
from backend.staff import Permission, record
from backend.storage import transaction

rush_desk = console_blueprint("marriage_rush_desk", "backend.marriage", "/console/marriage/rushes")

PAGE_SIZE, PROOF_SIZE = 30, 500
_SOON = timedelta(hours=24)


@rush_desk.context_processor
def _names() -> dict[str, object]:
    return {
        "PHASES": texts.PHASE_NAMES,
        "PHASE_MARKS": texts.PHASE_MARKS,
        "MODES": texts.MODE_NAMES,
        "PARTS": texts.PART_NAMES,
        "REQUEST_STATES": texts.STATE_NAMES,
    }


@rush_desk.get("")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def rushes() -> str:
    """A page of rushes, the latest opening first."""
    cursor = read_cursor(request.args.get("cursor"))
    page = report.rush_rows(current_nodes(Permission.READ_APPOINTMENTS), cursor, PAGE_SIZE)
    return render_template("marriage/rushes/list.html", page=page, later_page=cursor is not None)


@rush_desk.get("/<uuid:rush_id>")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def rush(rush_id: uuid.UUID) -> str:
    """One rush; while it runs, for htmx only its figures."""
    return _render(_row(rush_id, Permission.READ_APPOINTMENTS))


@rush_desk.post("/<uuid:rush_id>/put-off")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def put_off(rush_id: uuid.UUID) -> AnyResponse:
    """Open it later."""
    row = _row(rush_id, Permission.PLAN_CAPACITY)
    try:
        with transaction():
            opens_at = _moment(request.form.get("opens_at", ""))
            put_off_rush(rush_id, [row.place.id], opens_at, request.form.get("reason", ""))
            _record("put_off", row, opens_at=opens_at.isoformat())
    except AppError as refusal:
        return make_response(_render(row, refusal), refusal.status)
    say(texts.PUT_OFF)
    return redirect(url_for("marriage_rush_desk.rush", rush_id=rush_id), 303)


@rush_desk.post("/<uuid:rush_id>/call-off")
@access(Caller.STAFF, Permission.PLAN_CAPACITY)
def call_off(rush_id: uuid.UUID) -> AnyResponse:
    """There will be none."""
    row = _row(rush_id, Permission.PLAN_CAPACITY)
    try:
        with transaction():
            call_off_rush(rush_id, [row.place.id], request.form.get("reason", ""), current_account().id)
            _record("called_off", row)
    except AppError as refusal:
        return make_response(_render(row, refusal), refusal.status)
    say(texts.CALLED_OFF)
    return redirect(url_for("marriage_rush_desk.rush", rush_id=rush_id), 303)


@rush_desk.get("/<uuid:rush_id>/proof")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def proof(rush_id: uuid.UUID) -> str:
    """The proof, to be printed: what was promised, every number in its order, what it was given, and the checks."""
    row = _row(rush_id, Permission.READ_APPOINTMENTS)
    given = request.args.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    rows = proof_page(rush_id, after, PROOF_SIZE)
    return render_template(
        "marriage/rushes/proof.html",
        row=row,
        figures=report.figures_of(rush_id),
        parts=report.parts_of_day(row.rush, row.place),
        checks=report.checks_of(row.rush),
        rows=rows,
        next_after=rows[-1].number if len(rows) == PROOF_SIZE else None,
    )


def _row(rush_id: uuid.UUID, permission: Permission) -> RushRow:
    found = report.rush_row(current_nodes(permission), rush_id)
    if found is None:
        abort(404)
    return found


def _record(name: str, row: RushRow, opens_at: str | None = None) -> None:
    reason = request.form.get("reason", "").strip() or None
    day = row.rush.day.isoformat()
    record(f"marriage.rush_{name}", SUBJECT, row.rush.id, purpose=reason, day=day, opens_at=opens_at)


def _render(row: RushRow, refusal: AppError | None = None) -> str:
    running = row.phase in (Phase.OPEN, Phase.DRAWING)
    return render_template(
        "marriage/rushes/rush.html",
        row=row,
        running=running,
        figures=report.figures_of(row.rush.id),
        parts=report.parts_of_day(row.rush, row.place),
        bars=report.arrivals(row.rush) if row.rush.last_number else [],
        checks=report.checks_of(row.rush) if row.phase is Phase.SETTLED else None,
        suggested=report.half_hour_after(row.rush.opens_at.astimezone(BEIJING)),
        values=request.form,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise AppError("invalid", texts.TIME_FORM, 422, errors={"opens_at": [texts.TIME_FORM]}) from None


def _waiting(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.PLAN_CAPACITY):
        return []
    found = []
    for one in report.opening_within(current_nodes(Permission.PLAN_CAPACITY), _SOON, limit):
        place, opens_at = office(one.office_id), one.opens_at.astimezone(BEIJING)
        title = texts.WAITING_TITLE.format(
            day=spoken_day(one.day),
            moment=f"{spoken_day(opens_at.date())}{opens_at:%H:%M}",
            office=place.name if place else "",
        )
        href = url_for("marriage_rush_desk.rush", rush_id=one.id)
        found.append(Waiting(texts.WAITING, title, href, opens_at - _SOON, opens_at))
    return found


rushes_console = ConsoleRoom(
    blueprint=rush_desk,
    navigation=[
        NavEntry("marriage_rush_desk.rushes", texts.DESK_NAME, Permission.READ_APPOINTMENTS, NavGroup.SERVICES)
    ],
    waiting=_waiting,
    exports=[RUSH_PROOF],
)
