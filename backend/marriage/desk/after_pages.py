"""What is noted at one appointment besides its steps: papers ticked off, an absence taken back."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, is_htmx, say
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.detail import watch_indexes
from backend.marriage.desk.pages import render_detail
from backend.marriage.desk.queries import AppointmentRow, appointment_row
from backend.marriage.desk.trail import record_step
from backend.marriage.desk.way_back import asked_again
from backend.marriage.no_shows import annul_cancellation, annul_no_show
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.paper_ticks import paper_list, tick_paper
from backend.marriage.rules import State
from backend.marriage.sanctions.texts import ANNULLED_CANCELLATION
from backend.marriage.texts import ANNULLED
from backend.staff import Permission
from backend.storage import transaction

# A cancellation counts for something where the bureau's rules say so; then it is taken back like an absence.
_ANNUL = {State.NO_SHOW: annul_no_show, State.CANCELLED: annul_cancellation}
_ANNULLED = {State.NO_SHOW: ANNULLED, State.CANCELLED: ANNULLED_CANCELLATION}


@desk.post("/appointments/<uuid:appointment_id>/papers/<line>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def tick(appointment_id: uuid.UUID, line: str) -> AnyResponse:
    """Note whether a paper is in order; the list comes back as it stands then, a colleague's ticks included."""
    row, status = _row(appointment_id), 200
    try:
        with transaction():
            tick_paper(row.id, line, "in_order" in request.form, current_account().id)
            record_step("paper", row.id)
    except AppError as refusal:
        say(refusal.user_text, "problem")
        status = refusal.status
    if not is_htmx():
        return redirect(url_for("marriage_desk.detail", appointment_id=row.id), 303)
    page = render_template("marriage/papers_part.html", row=row, papers=paper_list(row.id), decide=True, told=True)
    return make_response(page, status)


@desk.get("/appointments/<uuid:appointment_id>/annul-no-show")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def annul_form(appointment_id: uuid.UUID) -> str:
    """Ask why an absence is taken back; a page, or for htmx what goes into the dialog."""
    return _form(_row(appointment_id), None)


@desk.post("/appointments/<uuid:appointment_id>/annul-no-show")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def annul(appointment_id: uuid.UUID) -> AnyResponse:
    """Take an absence or a cancellation back, so that it counts for nothing (domain-rules §2.5 `noshow.appeal`)."""
    row, status = _row(appointment_id), 200
    reason = " ".join(request.form.get(name, "").strip() for name in ("reason", "words"))
    try:
        with transaction():
            _ANNUL.get(row.state, annul_no_show)(row.id, Actor("staff", current_account().id), reason)
            record_step("annul", row.id)
        say(_ANNULLED.get(row.state, ANNULLED).format(number=row.number))
    except AppError as refusal:
        if "reason" in refusal.errors:
            return asked_again(_form(row, refusal.user_text), refusal.status)
        say(refusal.user_text, "problem")
        status = refusal.status
    if not is_htmx():
        return redirect(url_for("marriage_desk.detail", appointment_id=row.id), 303)
    return make_response(render_detail(row.id), status)


def _form(row: AppointmentRow, problem: str | None) -> str:
    template = "marriage/annul_part.html" if is_htmx() else "marriage/annul.html"
    return render_template(template, row=row, problem=problem)


def _row(appointment_id: uuid.UUID) -> AppointmentRow:
    row = appointment_row(current_nodes(Permission.DECIDE_APPOINTMENTS), appointment_id)
    if row is None:
        abort(404)
    href = url_for("marriage_desk.detail", appointment_id=appointment_id)
    require_reason(SUBJECT_KIND, appointment_id, watch_indexes(appointment_id), href)
    return row
