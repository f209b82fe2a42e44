"""近亲属备案: what everybody declares about their own number and their relatives', to keep out of their own cases."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.audit_pages import texts
from backend.console.audit_pages.blueprint import audit
from backend.console.guard import current_account, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff.audit.rules import WatchKind
from backend.staff.audit.texts import RELATIONS
from backend.staff.audit.watch import declare_relative, register_own_number, remove_watched, watched_by


@audit.get("/account/relatives")
@access(Caller.STAFF)
def relatives() -> str:
    """What the person at the desk has declared."""
    return _render(None, None)


@audit.post("/account/relatives")
@access(Caller.STAFF)
def relative_declare() -> AnyResponse:
    """Declare a relative; by POST, so that the number stays out of addresses."""
    name, number, relation = (request.form.get(field, "") for field in ("name", "number", "relation"))
    try:
        declare_relative(current_account().id, name, number, relation)
    except AppError as refusal:
        return make_response(_render(refusal, "relative"), refusal.status)
    say(texts.RELATIVE_DECLARED)
    return redirect(url_for("audit.relatives"), 303)


@audit.post("/account/own-number")
@access(Caller.STAFF)
def own_number() -> AnyResponse:
    """Register the number of one's own card."""
    try:
        register_own_number(current_account().id, request.form.get("number", ""))
    except AppError as refusal:
        return make_response(_render(refusal, "own"), refusal.status)
    say(texts.OWN_NUMBER_REGISTERED)
    return redirect(url_for("audit.relatives"), 303)


@audit.post("/account/relatives/<uuid:watched_id>/remove")
@access(Caller.STAFF)
def relative_remove(watched_id: uuid.UUID) -> AnyResponse:
    """Take a declaration of one's own back; the trail keeps that it was there."""
    if not remove_watched(current_account().id, WatchKind.RELATIVE, watched_id):
        abort(404)
    say(texts.WATCHED_REMOVED)
    return redirect(url_for("audit.relatives"), 303)


def _render(refusal: AppError | None, form_name: str | None) -> str:
    declared = watched_by(current_account().id)
    return render_template(
        "console/audit/relatives.html",
        relatives=[row for row in declared if row.kind is WatchKind.RELATIVE],
        own=next((row for row in declared if row.kind is WatchKind.STAFF), None),
        relations={relation.value: name for relation, name in RELATIONS.items()},
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        problem_of=form_name,
        form=request.form if refusal else {},
    )
