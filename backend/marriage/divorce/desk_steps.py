"""The steps on one application: withdraw, issue, put days right, note a call, mark a risk, end the calls."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.divorce import texts
from backend.marriage.divorce.care import refuse_at_desk
from backend.marriage.divorce.contact import CallOutcome, mark_risk, note_call
from backend.marriage.divorce.days import Correction, correct_days
from backend.marriage.divorce.desk_blueprint import divorce_desk
from backend.marriage.divorce.desk_detail import CaseDetail, case_detail
from backend.marriage.divorce.desk_pages import ask_reason, look, render_case, task_of
from backend.marriage.divorce.issue import Issuing, issue_certificate
from backend.marriage.divorce.models import DivorceParty
from backend.marriage.divorce.notices import SUBJECT_KIND
from backend.marriage.divorce.withdraw import Withdrawal, withdraw_application
from backend.staff import Permission, record
from backend.storage import transaction


@divorce_desk.get("/divorces/<uuid:case_id>/<any(withdraw, issue, correct):step>")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def step_form(case_id: uuid.UUID, step: str) -> str:
    """The form of a step that asks for something."""
    return _render_form(look(case_id, "divorce.case_viewed", Permission.DECIDE_DIVORCES), step)


@divorce_desk.post("/divorces/<uuid:case_id>/withdraw")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def withdraw(case_id: uuid.UUID) -> AnyResponse:
    """Withdraw for one of the two; afterwards the confirmation is printed."""
    form = request.form

    def act() -> None:
        withdrawal = Withdrawal(_position(), "card_seen" in form, "receipt_seen" in form, form.get("came_in_time", ""))
        withdraw_application(case_id, withdrawal, current_account().id)

    return _do(case_id, "withdraw", act, "divorce.withdrawn", texts.WITHDRAWN)


@divorce_desk.post("/divorces/<uuid:case_id>/issue")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def issue(case_id: uuid.UUID) -> AnyResponse:
    """Record that the certificate was issued."""
    form = request.form

    def act() -> None:
        issuing = Issuing("both_present" in form, "both_willing" in form, form.get("came_in_time", ""))
        issue_certificate(case_id, issuing, current_account().id)

    return _do(case_id, "issue", act, "divorce.issued", texts.ISSUED)


@divorce_desk.post("/divorces/<uuid:case_id>/correct")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def correct(case_id: uuid.UUID) -> AnyResponse:
    """Put the days as the record has them."""

    def act() -> None:
        d0 = _day("d0")
        if d0 is None:
            raise AppError("invalid", texts.DAY_UNREADABLE, 422, errors={"d0": [texts.DAY_UNREADABLE]})
        correction = Correction(d0, _day("cool_last"), _day("win_last"), request.form.get("reason", ""))
        correct_days(case_id, correction, current_account().id)

    return _do(case_id, "correct", act, "divorce.corrected", texts.CORRECTED)


@divorce_desk.post("/divorces/<uuid:case_id>/calls")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def call(case_id: uuid.UUID) -> AnyResponse:
    """Note a call about a window that closes: one click."""
    outcome = request.form.get("outcome", "")

    def act() -> None:
        if outcome not in set(CallOutcome):
            raise AppError("invalid", texts.FALSE_CHOICE, 422)
        note_call(case_id, _position(), CallOutcome(outcome), current_account().id)

    return _do(case_id, None, act, "divorce.called", texts.CALLED)


@divorce_desk.post("/divorces/<uuid:case_id>/risk")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def risk(case_id: uuid.UUID) -> AnyResponse:
    """Mark, or unmark, that one of the two is at risk."""
    at_risk = request.form.get("at_risk") == "yes"

    def act() -> None:
        mark_risk(_party_id(case_id), at_risk=at_risk)

    return _do(case_id, None, act, "divorce.risk_marked", texts.RISK_MARKED if at_risk else texts.RISK_LIFTED)


@divorce_desk.post("/divorces/<uuid:case_id>/no-care")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def no_care(case_id: uuid.UUID) -> AnyResponse:
    """One of the two does not want to be called any more."""

    def act() -> None:
        with transaction() as db:
            refuse_at_desk(db.get_one(DivorceParty, _party_id(case_id)), current_account().id)

    return _do(case_id, None, act, "divorce.care_refused", texts.CARE_ENDED)


def _do(case_id: uuid.UUID, form: str | None, act: Callable[[], None], action: str, told: str) -> AnyResponse:
    """Take a step on an application of one's places, with its audit row; refused, the form or the page says why."""
    with transaction():
        found = _mine(case_id)
        indexes = ask_reason(case_id)
    try:
        with transaction():
            act()
            task = task_of(found.row)
            record(action, SUBJECT_KIND, case_id, task=task, fields=("state",), number_indexes=indexes)
    except AppError as refusal:
        with transaction():
            page = _render_form(_mine(case_id), form, refusal) if form else render_case(case_id, refusal)
        return make_response(page, refusal.status)
    say(told)
    return redirect(url_for("divorce_desk.case", case_id=case_id), 303)


def _mine(case_id: uuid.UUID) -> CaseDetail:
    found = case_detail(current_nodes(Permission.DECIDE_DIVORCES), case_id)
    if found is None:
        abort(404)
    return found


def _party_id(case_id: uuid.UUID) -> uuid.UUID:
    position = _position()
    found = next((person for person in _mine(case_id).persons if person.position == position), None)
    if found is None:
        raise AppError("invalid", texts.WHO_MISSING, 422, errors={"position": [texts.WHO_MISSING]})
    return found.id


def _position() -> int:
    text = request.form.get("position", "")
    return int(text) if text in ("0", "1") else -1


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise AppError("invalid", texts.DAY_UNREADABLE, 422, errors={name: [texts.DAY_UNREADABLE]}) from None


def _render_form(found: CaseDetail, step: str, refusal: AppError | None = None) -> str:
    return render_template(
        f"divorce/{step}.html",
        found=found,
        values=request.form,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
    )
