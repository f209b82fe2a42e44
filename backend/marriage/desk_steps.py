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
from backend.marriage.desk_actions import TARGETS, WITH_REASON, DeskAction
from backend.marriage.desk_blueprint import desk
from backend.marriage.desk_detail import watch_indexes
from backend.marriage.desk_filters import read_board, with_cursor
from backend.marriage.desk_pages import render_board, render_detail, task_of
from backend.marriage.desk_queries import AppointmentRow, appointment_row
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.refuse import refuse_appointment
from backend.marriage.texts import STATE_NAMES
from backend.staff import Permission, record
from backend.storage import transaction

_PLAIN: Mapping[DeskAction, Callable[[uuid.UUID, Actor], None]] = {
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
        record(
            f"marriage.desk.{action.value}",
            SUBJECT_KIND,
            row.id,
            account_id=account.id,
            task=task_of(row),
            fields=("state",),
            number_indexes=watch_indexes(row.id),
        )


def _reason() -> str:
    """A reason from the list, words of one's own, or both."""
    parts = (request.form.get("reason", ""), request.form.get("words", ""))
    return " ".join(part.strip() for part in parts if part.strip())


def _render_reason_form(row: AppointmentRow, action: DeskAction, problem: str | None) -> str:
    template = "marriage/reason_part.html" if is_htmx() else "marriage/reason.html"
    return render_template(template, row=row, action=action, problem=problem, back=_place(row.id), arguments=_view())


def _ask_again(row: AppointmentRow, action: DeskAction, refusal: AppError) -> AnyResponse:
    response = make_response(_render_reason_form(row, action, refusal.user_text), refusal.status)
    response.headers["HX-Retarget"] = "#dialog-body"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _view() -> dict[str, Any]:
    """Where the step was taken, as the query string that its address carries."""
    if request.args.get("view") == "detail":
        return {"view": "detail"}
    return with_cursor(read_board(request.args), request.args.get("cursor"))


def _place(appointment_id: uuid.UUID) -> str:
    view = _view()
    if view == {"view": "detail"}:
        return url_for("marriage_desk.detail", appointment_id=appointment_id)
    return url_for("marriage_desk.board", **view)


def _back(appointment_id: uuid.UUID, status: int) -> AnyResponse:
    if not is_htmx():
        return redirect(_place(appointment_id), 303)
    if _view() == {"view": "detail"}:
        return make_response(render_detail(appointment_id), status)
    return make_response(render_board(read_board(request.args), request.args.get("cursor")), status)
