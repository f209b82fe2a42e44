"""Requests that need a second person: those to decide, and those one has asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_grants, say
from backend.console.paging import Cursor, read_cursor
from backend.console.rooms import Waiting
from backend.console.staff_pages import texts
from backend.console.staff_pages.blueprint import desk, say_why
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff.approval_lists import ApprovalPage, asked_by, to_decide
from backend.staff.approvals import approve, decline, withdraw

PAGE_SIZE = 20
_ASKED = "asked"


@desk.get("/approvals")
@access(Caller.STAFF)
def approvals() -> str:
    """What waits for one's yes or no; on the other tab what one has asked for."""
    account, cursor = current_account(), read_cursor(request.args.get("cursor"))
    asked = request.args.get("tab") == _ASKED
    after = (cursor.at, cursor.id) if cursor else None
    page = asked_by(account, after, PAGE_SIZE) if asked else to_decide(account, current_grants(), after, PAGE_SIZE)
    return render_template(
        "console/staff/approvals.html",
        rows=page.rows,
        asked=asked,
        page={"next": _next(page)},
        arguments={"tab": _ASKED} if asked else {},
        later_page=cursor is not None,
    )


@desk.post("/approvals/<uuid:approval_id>/approve")
@access(Caller.STAFF)
def approval_approve(approval_id: uuid.UUID) -> AnyResponse:
    """Say yes."""
    note = request.form.get("note", "")
    return _do(lambda: approve(approval_id, current_account(), note), texts.APPROVED)


@desk.post("/approvals/<uuid:approval_id>/decline")
@access(Caller.STAFF)
def approval_decline(approval_id: uuid.UUID) -> AnyResponse:
    """Say no, and why."""
    note = request.form.get("note", "")
    return _do(lambda: decline(approval_id, current_account(), note), texts.DECLINED)


@desk.post("/approvals/<uuid:approval_id>/withdraw")
@access(Caller.STAFF)
def approval_withdraw(approval_id: uuid.UUID) -> AnyResponse:
    """Take one's own request back."""
    return _do(lambda: withdraw(approval_id, current_account()), texts.WITHDRAWN, tab=_ASKED)


def waiting_approvals(limit: int) -> Sequence[Waiting]:
    """What waits for the yes or no of the person at the desk, for the worklist."""
    page = to_decide(current_account(), current_grants(), None, limit)
    href = url_for("staff_desk.approvals")
    return [
        Waiting(texts.MATTER_APPROVAL, row.title, href, row.approval.asked_at, row.approval.expires_at)
        for row in page.rows
    ]


def _next(page: ApprovalPage) -> Cursor | None:
    return Cursor(*page.next) if page.next else None


def _do(change: Callable[[], object], told: str, tab: str | None = None) -> AnyResponse:
    try:
        change()
        say(told)
    except AppError as refusal:
        if refusal.status == 404:
            raise
        say_why(refusal)
    return redirect(url_for("staff_desk.approvals", tab=tab), 303)
