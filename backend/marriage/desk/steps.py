"""The steps a registrar takes on an appointment: confirm, check in, complete, fail, absent, refuse."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, is_htmx, say, texts
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.check_in import check_in_couple
from backend.marriage.close import complete_service, fail_documents, mark_no_show
from backend.marriage.confirm import confirm_appointment
from backend.marriage.desk.actions import TARGETS, WITH_REASON, DeskAction
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.detail import watch_indexes
from backend.marriage.desk.filters import read_board, with_cursor
from backend.marriage.desk.hall_pages import render_hall
from backend.marriage.desk.halls import chosen_office
from backend.marriage.desk.pages import render_board, render_detail
from backend.marriage.desk.queries import AppointmentRow, appointment_row
from backend.marriage.desk.trail import record_step, task_of
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.paper_ticks import missing_papers, paper_list
from backend.marriage.refuse import refuse_appointment
from backend.marriage.texts import STATE_NAMES
from backend.staff import Permission
from backend.storage import transaction

_PLAIN: Mapping[DeskAction, Callable[[uuid.UUID, Actor], object]] = {
    DeskAction.CONFIRM: confirm_appointment,
    DeskAction.CHECK_IN: check_in_couple,
    DeskAction.COMPLETE: complete_service,
    DeskAction.NO_SHOW: mark_no_show,
}
_REASONED: Mapping[DeskAction, Callable[[uuid.UUID, Actor, str], None]] = {
    DeskAction.REFUSE: refuse_appointment,
    DeskAction.FAIL_DOCUMENTS: fail_documents,
}


@desk.get('/appointments/<uuid:appointment_id>/<any(refuse, "fail-documents"):action>')
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def reason_form(appointment_id: uuid.UUID, action: str) -> str:
    """Ask for the reason of a step that the couple reads; a page, or for htmx what goes into the dialog."""
    return _render_reason_form(_row(appointment_id), DeskAction(action), problem=None)


@desk.post("/appointments/<uuid:appointment_id>/<action>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def step(appointment_id: uuid.UUID, action: str) -> AnyResponse:
    """Take a step and go back to where it was taken: the board with its filter, or the appointment."""
    if action not in set(DeskAction):
        abort(404)
    chosen, row = DeskAction(action), _row(appointment_id)
    try:
        _take(chosen, row)
    except AppError as refusal:
        if chosen in WITH_REASON and "reason" in refusal.errors:
            return _ask_again(row, chosen, refusal)
        say(refusal.user_text, "problem")
        return _back(appointment_id, refusal.status)
    say(texts.DONE.format(subject=row.number, state=STATE_NAMES[TARGETS[chosen]]))
    return _back(appointment_id, 200)


def _row(appointment_id: uuid.UUID) -> AppointmentRow:
    row = appointment_row(current_nodes(Permission.DECIDE_APPOINTMENTS), appointment_id)
    if row is None:
        abort(404)
    href = url_for("marriage_desk.detail", appointment_id=appointment_id)
    require_reason(SUBJECT_KIND, appointment_id, watch_indexes(appointment_id), href)
    return row


def _take(action: DeskAction, row: AppointmentRow) -> None:
    account = current_account()
    actor = Actor("staff", account.id)
    with transaction():
        if action in _REASONED:
            _REASONED[action](row.id, actor, _reason())
        else:
            _PLAIN[action](row.id, actor)
        record_step(action.value, row.id, task_of(row))


def _reason() -> str:
    """A reason from the list, words of one's own, or both."""
    parts = (request.form.get("reason", ""), request.form.get("words", ""))
    return " ".join(part.strip() for part in parts if part.strip())


def _render_reason_form(row: AppointmentRow, action: DeskAction, problem: str | None) -> str:
    template = "marriage/reason_part.html" if is_htmx() else "marriage/reason.html"
    view = view_here()
    return render_template(
        template,
        row=row,
        action=action,
        problem=problem,
        back=place_of(row.id),
        arguments=view,
        target=f"#{view['view']}" if "view" in view else "#board",
        # What was not ticked off at the window need not be typed again.
        missing=missing_papers(paper_list(row.id)) if action is DeskAction.FAIL_DOCUMENTS else "",
    )


def _ask_again(row: AppointmentRow, action: DeskAction, refusal: AppError) -> AnyResponse:
    return asked_again(_render_reason_form(row, action, refusal.user_text), refusal.status)


def asked_again(form: str, status: int) -> AnyResponse:
    """The form of a dialog once more, with what is wrong in it."""
    response = make_response(form, status)
    response.headers["HX-Retarget"] = "#dialog-body"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def view_here() -> dict[str, Any]:
    """Where the step was taken, as the query string that its address carries."""
    view = request.args.get("view")
    if view == "detail":
        return {"view": view}
    if view == "hall":
        return {"view": view, "office": request.args.get("office", "")}
    return with_cursor(read_board(request.args), request.args.get("cursor"))


def place_of(appointment_id: uuid.UUID) -> str:
    """The page to which a step leads back."""
    view = view_here()
    if view.get("view") == "detail":
        return url_for("marriage_desk.detail", appointment_id=appointment_id)
    if view.get("view") == "hall":
        return url_for("marriage_desk.hall", office=view["office"])
    return url_for("marriage_desk.board", **view)


def _back(appointment_id: uuid.UUID, status: int) -> AnyResponse:
    if not is_htmx():
        return redirect(place_of(appointment_id), 303)
    view = view_here()
    if view.get("view") == "detail":
        return make_response(render_detail(appointment_id), status)
    if view.get("view") == "hall":
        office = chosen_office(current_nodes(Permission.DECIDE_APPOINTMENTS), view["office"])
        return make_response(render_hall(office, "next"), status)
    return make_response(render_board(read_board(request.args), request.args.get("cursor")), status)
