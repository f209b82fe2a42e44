"""关爱联系: what is due, one person's contacts. Notes are the worker's own and the supervisor's to read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.divorce import care_queries, texts
from backend.marriage.divorce.care import refuse_at_desk
from backend.marriage.divorce.care_queries import CareDetail
from backend.marriage.divorce.contact import mark_risk, note_contact, release_care, take_care
from backend.marriage.divorce.desk_blueprint import divorce_desk
from backend.marriage.divorce.models import DivorceParty
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

SUBJECT_KIND = "divorce_care"
LIST_ROWS = 100
_AHEAD = timedelta(days=7)


@divorce_desk.get("/care")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care_list() -> str:
    """What is due within a week: one's own, and what nobody has taken."""
    until = today() + _AHEAD
    rows = care_queries.due_contacts(_nodes(), current_account().id, until, LIST_ROWS)
    return render_template("divorce/care_list.html", rows=rows, today=today(), me=current_account().id)


@divorce_desk.get("/care/figures")
@access(Caller.STAFF, Permission.SUPERVISE_CARE)
def care_figures() -> str:
    """Counts, and what is due by whom; a supervisor opens a care from here."""
    nodes = current_nodes(Permission.SUPERVISE_CARE)
    rows = care_queries.due_contacts(nodes, None, today() + _AHEAD, LIST_ROWS)
    return render_template(
        "divorce/care_figures.html", counts=care_queries.care_counts(nodes), rows=rows, today=today()
    )


@divorce_desk.get("/care/<uuid:care_id>")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care(care_id: uuid.UUID) -> str:
    """One person's care, for whoever calls them."""
    return _render(care_id)


@divorce_desk.get("/care/<uuid:care_id>/supervised")
@access(Caller.STAFF, Permission.SUPERVISE_CARE)
def care_supervised(care_id: uuid.UUID) -> str:
    """The same with its notes, for the supervisor."""
    found = care_queries.care_detail(current_nodes(Permission.SUPERVISE_CARE), care_id, with_notes=True)
    if found is None:
        abort(404)
    _look(found, "divorce.care_notes_read", "divorce_desk.care_supervised")
    return render_template("divorce/care.html", found=found, mine=False, supervised=True, problem=None, today=today())


@divorce_desk.post("/care/<uuid:care_id>/release")
@access(Caller.STAFF, Permission.SUPERVISE_CARE)
def care_release(care_id: uuid.UUID) -> AnyResponse:
    """Give it to whoever takes it next: its worker is away, or the person wishes for somebody else."""
    with transaction():
        if care_queries.care_detail(current_nodes(Permission.SUPERVISE_CARE), care_id, with_notes=False) is None:
            abort(404)
        release_care(care_id)
        record("divorce.care_released", SUBJECT_KIND, care_id)
    say(texts.CARE_RELEASED)
    return redirect(url_for("divorce_desk.care_figures"), 303)


@divorce_desk.post("/care/<uuid:care_id>/take")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care_take(care_id: uuid.UUID) -> AnyResponse:
    """Make it one's own."""
    return _do(care_id, lambda: take_care(care_id, current_account().id), "divorce.care_taken", texts.CARE_TAKEN_BY_YOU)


@divorce_desk.post("/care/<uuid:care_id>/contacts/<uuid:contact_id>")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care_note(care_id: uuid.UUID, contact_id: uuid.UUID) -> AnyResponse:
    """Note one contact."""
    reached, note = request.form.get("reached"), request.form.get("note", "")

    def act() -> None:
        if reached not in ("yes", "no"):
            raise AppError("invalid", texts.FALSE_CHOICE, 422)
        if contact_id not in {contact.id for contact in _mine(care_id).contacts}:
            abort(404)
        note_contact(contact_id, current_account().id, reached=reached == "yes", note=note)

    return _do(care_id, act, "divorce.care_noted", texts.CONTACT_NOTED)


@divorce_desk.post("/care/<uuid:care_id>/risk")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care_risk(care_id: uuid.UUID) -> AnyResponse:
    """Mark, or unmark, that the person is at risk."""
    at_risk = request.form.get("at_risk") == "yes"

    def act() -> None:
        party_id = _own(care_id).party_id
        if party_id is None:
            abort(404)
        mark_risk(party_id, at_risk=at_risk)

    return _do(care_id, act, "divorce.risk_marked", texts.RISK_MARKED if at_risk else texts.RISK_LIFTED)


@divorce_desk.post("/care/<uuid:care_id>/end")
@access(Caller.STAFF, Permission.CARE_CONTACTS)
def care_end(care_id: uuid.UUID) -> AnyResponse:
    """The person does not want to be called any more."""

    def act() -> None:
        party_id = _own(care_id).party_id
        if party_id is None:
            abort(404)
        with transaction() as db:
            refuse_at_desk(db.get_one(DivorceParty, party_id), current_account().id)

    return _do(care_id, act, "divorce.care_refused", texts.CARE_ENDED)


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.CARE_CONTACTS)


def _mine(care_id: uuid.UUID) -> CareDetail:
    """A care one may open: one's own, or one that nobody has taken. A colleague's is not there."""
    account_id = current_account().id
    found = care_queries.care_detail(_nodes(), care_id, with_notes=False)
    if found is None or found.worker_id not in (None, account_id):
        abort(404)
    if found.worker_id == account_id:
        return care_queries.care_detail(_nodes(), care_id, with_notes=True) or found
    return found


def _own(care_id: uuid.UUID) -> CareDetail:
    found = _mine(care_id)
    if found.worker_id != current_account().id:
        raise AppError("not_found", texts.CARE_UNKNOWN, 404)
    return found


def _look(found: CareDetail, action: str, endpoint: str) -> None:
    indexes = [found.watch_index] if found.watch_index else []
    with transaction():
        require_reason(SUBJECT_KIND, found.id, indexes, url_for(endpoint, care_id=found.id))
        fields = ("name", "phone", "note")
        task = f"{SUBJECT_KIND}:{found.id}" if found.ended_at is None else None
        record_look(action, SUBJECT_KIND, [found.id], number_indexes=indexes, task=task, fields=fields)


def _render(care_id: uuid.UUID, problem: str | None = None) -> str:
    found = _mine(care_id)
    _look(found, "divorce.care_viewed", "divorce_desk.care")
    mine = found.worker_id == current_account().id
    return render_template(
        "divorce/care.html",
        found=found,
        mine=mine,
        supervised=False,
        problem=problem,
        today=today(),
    )


def _do(care_id: uuid.UUID, act: Callable[[], None], action: str, told: str) -> AnyResponse:
    found = _mine(care_id)
    indexes = [found.watch_index] if found.watch_index else []
    require_reason(SUBJECT_KIND, care_id, indexes, url_for("divorce_desk.care", care_id=care_id))
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, care_id, number_indexes=indexes)
    except AppError as refusal:
        return make_response(_render(care_id, refusal.user_text), refusal.status)
    say(told)
    return redirect(url_for("divorce_desk.care", care_id=care_id), 303)
