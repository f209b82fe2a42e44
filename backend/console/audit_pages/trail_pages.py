"""The trail, who has looked at one record, how much is looked at, the state of the chain."""

from __future__ import annotations

import uuid
from contextlib import suppress

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.audit_pages import texts
from backend.console.audit_pages.blueprint import audit
from backend.console.audit_pages.filters import read_trail, read_trail_cursor, trail_arguments
from backend.console.audit_pages.show import ACCOUNT, shown
from backend.console.guard import current_account, current_nodes, is_htmx, say
from backend.console.rooms import find_subjects
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.staff import Permission, record
from backend.staff.audit.acknowledge import acknowledge_break
from backend.staff.audit.acknowledged import acknowledged
from backend.staff.audit.bookmark import chain_state, find_again
from backend.staff.audit.load import looks_by_account, looks_by_day
from backend.staff.audit.queries import TrailFilter, accounts, trail
from backend.staff.audit.texts import ACTIONS, FAULTS, SUBJECTS
from backend.staff.audit.trail import PURPOSE_MOST
from backend.staff.names import account_names
from backend.storage import transaction

PAGE_SIZE = 50
CHART_DAYS = 30
CHART_ACCOUNTS = 20
_SUBJECT = "audit_trail"
_MOST_ACCOUNTS = 500


@audit.get("/audit")
@access(Caller.STAFF, Permission.READ_AUDIT)
def trail_page() -> str:
    """Who saw or changed what, newest first, narrowed by account, action, case and period."""
    wanted, cursor = read_trail(request.args), read_trail_cursor(request.args.get("cursor"))
    nodes, arguments = current_nodes(Permission.READ_AUDIT), trail_arguments(wanted)
    with transaction():
        page = trail(nodes, wanted, cursor, PAGE_SIZE)
        record("audit.trail_viewed", _SUBJECT, filter=arguments)
        template = "console/audit/trail_part.html" if is_htmx() else "console/audit/trail.html"
        return render_template(
            template,
            page=page,
            entries=shown(page.rows),
            wanted=wanted,
            arguments=arguments,
            later_page=cursor is not None,
            accounts=accounts(nodes, _MOST_ACCOUNTS),
            actions=ACTIONS,
        )


@audit.get("/audit/subjects/<kind>/<subject_id>")
@access(Caller.STAFF, Permission.READ_AUDIT)
def history(kind: str, subject_id: str) -> str:
    """Who has looked at one record or changed it; 404 for a record of other places."""
    cursor = read_trail_cursor(request.args.get("cursor"))
    nodes = current_nodes(Permission.READ_AUDIT)
    with transaction():
        label = _label(kind, subject_id)
        page = trail(nodes, TrailFilter(subject=(kind, subject_id)), cursor, PAGE_SIZE)
        if not page.rows and cursor is None:
            abort(404)
        record("audit.history_viewed", kind, subject_id)
        return render_template(
            "console/audit/history.html",
            page=page,
            entries=shown(page.rows),
            arguments={"kind": kind, "subject_id": subject_id},
            kind=SUBJECTS.get(kind, kind),
            label=label,
            later_page=cursor is not None,
        )


@audit.get("/audit/load")
@access(Caller.STAFF, Permission.READ_AUDIT)
def load() -> str:
    """How much was looked at in the last days, by day and by account."""
    nodes, last = current_nodes(Permission.READ_AUDIT), today()
    with transaction():
        days = looks_by_day(nodes, last, CHART_DAYS)
        found = looks_by_account(nodes, last, CHART_DAYS, CHART_ACCOUNTS)
        record("audit.load_viewed", _SUBJECT, days=CHART_DAYS)
    return render_template("console/audit/load.html", days=days, accounts=found)


@audit.get("/audit/chain")
@access(Caller.STAFF, Permission.READ_AUDIT)
def chain() -> str:
    """Whether the trail is whole, how far that is known, and the end of the chain, to be kept elsewhere."""
    return _render_chain(None)


@audit.post("/audit/chain")
@access(Caller.STAFF, Permission.READ_AUDIT)
def chain_acknowledge() -> AnyResponse:
    """Acknowledge a break with a reason; the chain counts on from where it stands."""
    try:
        acknowledge_break(request.form.get("broken", ""), request.form.get("purpose", ""), current_account().id)
    except AppError as refusal:
        return make_response(_render_chain(refusal), refusal.status)
    say(texts.BREAK_ACKNOWLEDGED)
    return redirect(url_for("audit.chain"), 303)


def _render_chain(refusal: AppError | None) -> str:
    with transaction():
        state, noted = chain_state(), acknowledged()
        # Looked for anew, for the form names exactly what was found, and the bookmark keeps no more than the place.
        broken = find_again() if state.broken is not None else None
        record("audit.chain_viewed", _SUBJECT)
    return render_template(
        "console/audit/chain.html",
        state=state,
        broken=broken,
        noted=noted,
        names=account_names({one.account_id for one in noted if one.account_id is not None}),
        faults=FAULTS,
        purpose_most=PURPOSE_MOST,
        problem=refusal.user_text if refusal else None,
        form=request.form if refusal else {},
    )


def _label(kind: str, subject_id: str) -> str | None:
    """The number of a case or the name of an account; 404 when its room says that it belongs to other places."""
    with suppress(ValueError):
        wanted = uuid.UUID(subject_id)
        if kind == ACCOUNT:
            return account_names({wanted}).get(wanted)
        found = find_subjects(kind, {wanted}, current_nodes(Permission.READ_AUDIT))
        if found is not None and wanted not in found:
            abort(404)
        if found:
            return found[wanted].label
    return None
