"""Conflicts of interest: a record of one's own or of a declared relative opens only after a reason has been stated."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.audit_pages.blueprint import audit
from backend.console.guard import current_account, safe_next
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import record
from backend.staff.audit import clean_purpose, conflict, reason_stated
from backend.staff.audit.rules import WatchKind
from backend.staff.audit.texts import CONFLICTS
from backend.staff.audit.trail import PURPOSE_MOST
from backend.storage import transaction


def require_reason(subject_kind: str, subject_id: uuid.UUID, number_indexes: Collection[bytes], href: str) -> None:
    """Answer with the question for a reason when the record is one's own or a relative's and none was stated lately.

    `number_indexes` are `watch_index` of the numbers in the record, `href` the record's page, where one goes on. Call
    it before anything of the record is shown.
    """
    account = current_account()
    kind = conflict(account.id, number_indexes)
    if kind is None or reason_stated(account.id, subject_kind, subject_id):
        return
    if request.headers.get("HX-Request") == "true":
        abort(AnyResponse(status=409, headers={"HX-Redirect": href}))
    abort(make_response(_page(kind, subject_kind, str(subject_id), href, None)))


@audit.post("/reasons/<any(staff,relative):about>")
@access(Caller.STAFF)
def state_reason(about: str) -> AnyResponse:
    """State the reason and go on to the record."""
    kind, subject_id = request.form.get("kind", "")[:40], request.form.get("id", "")[:60]
    href = safe_next(request.form.get("next"))
    try:
        purpose = clean_purpose(request.form.get("purpose", ""))
    except AppError as refusal:
        page = _page(WatchKind(about), kind, subject_id, href, refusal.user_text)
        return make_response(page, refusal.status)
    with transaction():
        record("audit.reason_stated", kind, subject_id, purpose=purpose, about=about)
    return redirect(href, 303)


def _page(kind: WatchKind, subject_kind: str, subject_id: str, href: str, problem: str | None) -> str:
    return render_template(
        "console/audit/reason.html",
        head=CONFLICTS[kind],
        about=kind.value,
        kind=subject_kind,
        subject_id=subject_id,
        next=href,
        problem=problem,
        most=PURPOSE_MOST,
        home=url_for("console.worklist"),
    )
