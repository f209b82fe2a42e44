"""个人信息请求: the list, one request, taking it up, carrying it out, refusing it."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_grants, current_nodes, say
from backend.console.paging import read_cursor
from backend.console.rights_pages import queries, texts
from backend.console.rights_pages.blueprint import rights
from backend.console.rights_pages.queries import RequestFilter, RequestRow, Tab
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.people.lookups import person_view
from backend.people.rights import texts as names
from backend.people.rights.answers import SUBJECT_KIND, complete, refuse, take_up
from backend.people.rights.copies import copy_until, fetch_copy
from backend.people.rights.files import copy_file
from backend.people.rights.holdings import collect, kept_of
from backend.people.rights.holds import is_held
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import number_of, request_events
from backend.people.rights.rules import OPEN_STATES, RefusalReason, RequestKind, Via
from backend.staff import Permission, record, responsible_for
from backend.staff.audit import record_look
from backend.storage import transaction

PAGE_SIZE = 30


@rights.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith("/console/rights"):
        return {}
    return {
        "KIND_NAMES": names.KIND_NAMES,
        "STATE_NAMES": names.STATE_NAMES,
        "VIA_NAMES": names.VIA_NAMES,
        "RELATION_NAMES": names.RELATION_NAMES,
        "WARMTH_NAMES": names.WARMTH_NAMES,
        "EVENT_NAMES": names.EVENT_NAMES,
        "REASON_NAMES": names.REASON_NAMES,
        "REMEDIES": names.REMEDIES,
        "TABS": texts.TABS,
        "days_left": days_left,
        "kept_until": names.until,
        "kept_for": names.kept_for,
    }


def days_left(row: RequestRow) -> str:
    """How long there is still time, in words."""
    if row.warmth is not None and row.warmth.value == "overdue":
        return texts.OVERDUE
    return texts.LEFT.format(days=row.days_left) if row.days_left else texts.DUE_TODAY


@rights.get("/requests")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def requests() -> str:
    """A page of requests, with an audit row that names them."""
    wanted, cursor = _filter(), read_cursor(request.args.get("cursor"))
    with transaction():
        page = queries.request_list(_nodes(), wanted, cursor, PAGE_SIZE)
        record_look("rights.requests_viewed", SUBJECT_KIND, [row.id for row in page.rows], tab=wanted.tab.value)
    arguments = {"tab": wanted.tab.value} | ({"kind": wanted.kind.value} if wanted.kind else {})
    return render_template(
        "console/rights/requests.html",
        page=page,
        wanted=wanted,
        tabs=list(Tab),
        kinds=list(RequestKind),
        arguments=arguments,
        later_page=cursor is not None,
    )


@rights.get("/requests/<uuid:request_id>")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def one(request_id: uuid.UUID) -> str:
    """One request."""
    with transaction():
        return _render(request_id)


@rights.post("/requests/<uuid:request_id>/take")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def take(request_id: uuid.UUID) -> AnyResponse:
    """Begin."""
    with transaction():
        _mine(request_id)
        take_up(request_id, current_account().id)
        record("rights.request_taken", SUBJECT_KIND, request_id)
    say(texts.TAKEN)
    return _back(request_id)


@rights.post("/requests/<uuid:request_id>/complete")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def carry_out(request_id: uuid.UUID) -> AnyResponse:
    """Carry it out: every room tells or erases what it holds."""
    try:
        with transaction():
            _mine(request_id)
            done = complete(request_id, current_account().id, request.form.get("words", "")[:500])
            kept = len(done.outcome.get("kept", ()))
            erased = done.outcome.get("erased", {})
            record("rights.request_done", SUBJECT_KIND, request_id, erased=erased, kept=kept)
    except AppError as refusal:
        return _problem(request_id, refusal)
    say(texts.DONE.format(number=number_of(done)))
    return _back(request_id)


@rights.post("/requests/<uuid:request_id>/refuse")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def turn_down(request_id: uuid.UUID) -> AnyResponse:
    """Refuse it for a reason from the list."""
    reason = request.form.get("reason", "")
    try:
        if reason not in set(RefusalReason):
            raise AppError("invalid", texts.FALSE_REASON, 422)
        with transaction():
            _mine(request_id)
            refused = refuse(
                request_id, current_account().id, RefusalReason(reason), request.form.get("words", "")[:500]
            )
            record("rights.request_refused", SUBJECT_KIND, request_id, reason=reason)
    except AppError as refusal:
        return _problem(request_id, refusal)
    say(texts.REFUSED.format(number=number_of(refused)))
    return _back(request_id)


@rights.post("/requests/<uuid:request_id>/file")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def file(request_id: uuid.UUID) -> AnyResponse:
    """The copy for somebody who came to the counter, to be printed and handed over; leaves an audit row of its own."""
    with transaction():
        found = _mine(request_id)
        if found.kind is not RequestKind.EXPORT or found.via is not Via.DESK:
            raise AppError("not_found", texts.NOT_A_FILE, 404)
        copy = fetch_copy(request_id)
        record("rights.copy_handed_over", SUBJECT_KIND, request_id)
    body, headers = copy_file(copy, "text")
    return make_response(body, 200, headers)


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.HANDLE_RIGHTS)


def _filter() -> RequestFilter:
    tab, kind = request.args.get("tab") or Tab.OPEN.value, request.args.get("kind") or None
    if tab not in set(Tab):
        raise AppError("invalid", texts.FALSE_TAB, 422)
    if kind is not None and kind not in set(RequestKind):
        raise AppError("invalid", texts.FALSE_KIND, 422)
    handlers = responsible_for(current_account(), current_grants()) if tab == Tab.MINE else frozenset()
    return RequestFilter(Tab(tab), RequestKind(kind) if kind else None, handlers)


def _mine(request_id: uuid.UUID) -> RightsRequest:
    found = queries.request_in_scope(_nodes(), request_id)
    if found is None:
        abort(404)
    return found[0]


def _back(request_id: uuid.UUID) -> AnyResponse:
    return redirect(url_for("rights.one", request_id=request_id), 303)


def _problem(request_id: uuid.UUID, refusal: AppError) -> AnyResponse:
    with transaction():
        return make_response(_render(request_id, refusal.user_text), refusal.status)


def _render(request_id: uuid.UUID, problem: str | None = None) -> str:
    """The page of a request one may see, and the audit row of the look."""
    found = queries.request_in_scope(_nodes(), request_id)
    if found is None:
        abort(404)
    asked, row = found
    still_open = asked.state in OPEN_STATES
    record_look("rights.request_viewed", SUBJECT_KIND, [request_id], task=f"{SUBJECT_KIND}:{request_id}")
    return render_template(
        "console/rights/request.html",
        asked=asked,
        row=row,
        problem=problem,
        person=person_view(asked.person_id),
        held=is_held(asked.person_id),
        # How much there is, room by room; what it says is the person's to read.
        rooms=collect(asked.person_id) if still_open else (),
        kept=kept_of(asked.person_id) if still_open else (),
        events=request_events(request_id),
        reasons=list(RefusalReason),
        review=names.REVIEW,
        file_until=copy_until([request_id]).get(request_id),
    )
