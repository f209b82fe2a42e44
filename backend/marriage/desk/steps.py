"""The steps a registrar takes on an appointment: confirm, check in, complete, fail, absent, refuse."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, is_htmx, say, texts
from backend.kernel.access import Caller, access
from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.check_in import check_in_couple
from backend.marriage.close import complete_service, fail_documents, mark_no_show
from backend.marriage.confirm import confirm_appointment
from backend.marriage.desk.actions import TARGETS, WITH_REASON, DeskAction
from backend.marriage.desk.again_pages import offer_again
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.queries import AppointmentRow
from backend.marriage.desk.trail import record_step, task_of
from backend.marriage.desk.way_back import asked_again, back, own_row, place_of, target_here, view_here
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
    return _render_reason_form(own_row(appointment_id), DeskAction(action), problem=None)


@desk.post("/appointments/<uuid:appointment_id>/<action>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def step(appointment_id: uuid.UUID, action: str) -> AnyResponse:
    """Take a step and go back to where it was taken: the board with its filter, or the appointment."""
    if action not in set(DeskAction):
        abort(404)
    chosen, row = DeskAction(action), own_row(appointment_id)
    try:
        _take(chosen, row)
    except AppError as refusal:
        if chosen in WITH_REASON and "reason" in refusal.errors:
            return _ask_again(row, chosen, refusal)
        say(refusal.user_text, "problem")
        return back(appointment_id, refusal.status)
    say(texts.DONE.format(subject=row.number, state=STATE_NAMES[TARGETS[chosen]]))
    if chosen is DeskAction.FAIL_DOCUMENTS:  # a new time before they leave (stories.md 7)
        return offer_again(row)
    return back(appointment_id, 200)


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
    return render_template(
        template,
        row=row,
        action=action,
        problem=problem,
        back=place_of(row.id),
        arguments=view_here(),
        target=target_here(),
        # What was not ticked off at the window need not be typed again.
        missing=missing_papers(paper_list(row.id)) if action is DeskAction.FAIL_DOCUMENTS else "",
    )


def _ask_again(row: AppointmentRow, action: DeskAction, refusal: AppError) -> AnyResponse:
    return asked_again(_render_reason_form(row, action, refusal.user_text), refusal.status)
