"""保存期限: the rules of keeping with what they did, and the persons whose data are on legal hold."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.rights_pages import queries, texts
from backend.console.rights_pages.blueprint import rights
from backend.console.rights_pages.counter import find_person
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.models import Person
from backend.people.rights.holdings import erase_person
from backend.people.rights.holds import lift_hold, place_hold, standing_holds
from backend.people.rights.retention import rule_reports
from backend.people.texts import PAPER_NAMES
from backend.staff import Permission, record
from backend.storage import transaction

HOLD = "legal_hold"


@rights.get("/keeping")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def keeping() -> str:
    """The rules and the holds."""
    with transaction():
        return _render()


@rights.post("/holds")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def hold() -> AnyResponse:
    """Hold a person's data."""
    try:
        with transaction():
            hold_id = place_hold(find_person(request.form), request.form.get("reason", "")[:200], current_account().id)
            record("rights.hold_placed", HOLD, hold_id)
    except AppError as refusal:
        with transaction():
            return make_response(_render(refusal), refusal.status)
    say(texts.PLACED)
    return _back()


@rights.post("/holds/<uuid:hold_id>/lift")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def lift(hold_id: uuid.UUID) -> AnyResponse:
    """End a hold. Of somebody who closed their account meanwhile, what waited for it is erased at once."""
    with transaction() as session:
        if hold_id not in {found.id for found in _holds()}:
            abort(404)
        person_id = lift_hold(hold_id, current_account().id)
        closed = session.get_one(Person, person_id).closed_at is not None
        erased = erase_person(person_id).rows if closed else {}
        record("rights.hold_lifted", HOLD, hold_id, erased=erased)
    say(texts.LIFTED)
    return _back()


def _back() -> AnyResponse:
    return redirect(url_for("rights.keeping"), 303)


def _holds() -> list[queries.HoldRow]:
    return queries.holds_in_scope(current_nodes(Permission.HANDLE_RIGHTS), standing_holds())


def _render(refusal: AppError | None = None) -> str:
    record("rights.keeping_viewed", HOLD)
    return render_template(
        "console/rights/keeping.html",
        reports=rule_reports(),
        holds=_holds(),
        papers=PAPER_NAMES,
        values={"id_type": request.form.get("id_type", ""), "reason": request.form.get("reason", "")},
        problem=refusal.user_text if refusal else None,
        moment=now(),
    )
