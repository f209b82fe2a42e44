"""The archive's desk: the list, one request with its next step."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from flask import abort, render_template, request, url_for

from backend.console import current_nodes, is_htmx, may_here, read_cursor
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.archive import desk_queries, texts
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_detail import RequestDetail, request_detail
from backend.marriage.archive.desk_filters import filter_arguments, read_filter
from backend.marriage.archive.desk_queries import Due, RequestRow, Tab
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import SUBJECT_KIND
from backend.marriage.archive.rules import OPEN_STATES, ArchiveState, Sought
from backend.marriage.archive.steps import DeskStep, steps_for
from backend.people.texts import PAPER_NAMES as ID_PAPER_NAMES
from backend.staff import Permission
from backend.staff.audit import record_look
from backend.storage import transaction

PAGE_SIZE = 30
LISTED_FIELDS = ("name", "state")
DETAIL_FIELDS = (*LISTED_FIELDS, "masked_number", "last4", "phone", "history", "note")


@archive_desk.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith("/console/marriage/"):
        return {}
    return {
        "ARCHIVE_STATES": texts.STATE_NAMES,
        "ARCHIVE_SOUGHT": texts.SOUGHT_NAMES,
        "ARCHIVE_APPLICANTS": texts.APPLICANT_NAMES,
        "ARCHIVE_EVENTS": texts.EVENT_NAMES,
        "ARCHIVE_KEPT": texts.KEPT_NAMES,
        "ARCHIVE_PAPERS": texts.PAPER_NAMES,
        "ARCHIVE_WHY": texts.WHY_NAMES,
        "ARCHIVE_REMEDIES": texts.REMEDIES,
        "ARCHIVE_VIA": texts.VIA_NAMES,
        "ARCHIVE_REGISTRATIONS": texts.REGISTRATION_NAMES,
        "ID_PAPER_NAMES": ID_PAPER_NAMES,
    }


@archive_desk.get("/archive")
@access(Caller.STAFF, Permission.READ_ARCHIVE)
def requests() -> str:
    """A page of the list; for htmx only the list itself."""
    wanted, cursor = read_filter(request.args), read_cursor(request.args.get("cursor"))
    nodes = current_nodes(Permission.READ_ARCHIVE)
    with transaction():
        page = desk_queries.request_list(nodes, wanted, cursor, PAGE_SIZE)
        audit_list("archive.list_viewed", page.rows)
        counts, offices = desk_queries.tab_counts(nodes), desk_queries.offices_of(nodes)
    return render_template(
        "archive/list_part.html" if is_htmx() else "archive/list.html",
        page=page,
        wanted=wanted,
        counts=counts,
        offices=offices,
        tabs=[(tab, texts.TAB_NAMES[tab]) for tab in Tab],
        states=[one for one in ArchiveState if wanted.tab is not Tab.OVER or one not in OPEN_STATES],
        soughts=list(Sought),
        dues=[(due, texts.DUE_NAMES[due]) for due in Due],
        arguments=filter_arguments(wanted),
        later_page=cursor is not None,
    )


@archive_desk.get("/archive/<uuid:archive_request_id>")
@access(Caller.STAFF, Permission.READ_ARCHIVE)
def one_request(archive_request_id: uuid.UUID) -> str:
    """One request."""
    return render_request(archive_request_id)


def render_request(request_id: uuid.UUID, refusal: AppError | None = None) -> str:
    """The page of a request one may see, with an audit row of the look; 404 for any other."""
    found = look(request_id, "archive.viewed")
    return render_template(
        "archive/request.html",
        found=found,
        row=found.request,
        steps=steps_here(found.request),
        problem=refusal.user_text if refusal else None,
    )


def steps_here(row: ArchiveRequest) -> list[DeskStep]:
    """The lawful next steps for the person at the desk, the most likely first."""
    may_work, may_approve = may_here(Permission.WORK_ARCHIVE), may_here(Permission.APPROVE_ARCHIVE)
    return steps_for(row, may_work=may_work, may_approve=may_approve)


def look(request_id: uuid.UUID, action: str, permission: Permission = Permission.READ_ARCHIVE) -> RequestDetail:
    """A request one may see, its look recorded; answers 404, or the question for a reason, in its place."""
    with transaction():
        found = request_detail(current_nodes(permission), request_id)
        if found is None:
            abort(404)
        indexes = ask_reason(found.request)
        task = task_of(found.request)
        record_look(action, SUBJECT_KIND, [request_id], number_indexes=indexes, task=task, fields=DETAIL_FIELDS)
    return found


def ask_reason(row: ArchiveRequest) -> list[bytes]:
    """Ask for a reason where it is one's own or a relative's; the indexes by which the trail knows whose it is."""
    indexes = desk_queries.watch_indexes(row)
    require_reason(SUBJECT_KIND, row.id, indexes, url_for("archive_desk.one_request", archive_request_id=row.id))
    return indexes


def audit_list(action: str, rows: Collection[RequestRow]) -> None:
    """Note which requests a list has shown."""
    with transaction():
        record_look(action, SUBJECT_KIND, [row.request.id for row in rows], fields=LISTED_FIELDS)


def task_of(row: ArchiveRequest) -> str | None:
    """The open matter for which somebody looks at a request: itself, until it is over (domain-rules §6.3)."""
    return f"{SUBJECT_KIND}:{row.id}" if row.state in OPEN_STATES else None
