"""The desk of applications: the list, one application with its clock, the confirmation that is printed."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from flask import abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.calendar import legal_calendar
from backend.console import current_nodes, is_htmx, read_cursor
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.divorce import desk_queries, texts
from backend.marriage.divorce.desk_blueprint import divorce_desk
from backend.marriage.divorce.desk_detail import CaseDetail, case_detail
from backend.marriage.divorce.desk_queries import CaseFilter, CaseRow, Tab
from backend.marriage.divorce.notices import SUBJECT_KIND
from backend.marriage.divorce.rules import OPEN_STATES, CaseState, may_issue, may_withdraw
from backend.people.texts import PAPER_NAMES
from backend.staff import Permission
from backend.staff.audit import record_look
from backend.storage import transaction

PAGE_SIZE = 30
LISTED_FIELDS = ("name", "masked_number", "last4", "state")
DETAIL_FIELDS = (*LISTED_FIELDS, "phone", "history")


@divorce_desk.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith(("/console/marriage/divorces", "/console/marriage/care")):
        return {}
    return {
        "CASE_STATES": texts.STATE_NAMES,
        "EVENT_NAMES": texts.EVENT_NAMES,
        "DAY_NAMES": texts.DAY_NAMES,
        "CALL_NAMES": texts.CALL_NAMES,
        "CONTACT_NAMES": texts.CONTACT_NAMES,
        "PAPER_NAMES": PAPER_NAMES,
        "SAFETY": texts.SAFETY,
        "DATES_NOTE": texts.HINT_LONG,
    }


@divorce_desk.get("/divorces")
@access(Caller.STAFF, Permission.READ_DIVORCES)
def cases() -> str:
    """A page of the list; for htmx only the list itself."""
    wanted, cursor = _filter(), read_cursor(request.args.get("cursor"))
    nodes = current_nodes(Permission.READ_DIVORCES)
    with transaction():
        page = desk_queries.case_list(nodes, wanted, cursor, PAGE_SIZE)
        audit_list("divorce.list_viewed", page.rows, tab=wanted.tab.value)
        counts, offices = desk_queries.tab_counts(nodes), desk_queries.offices_of(nodes)
    arguments = {"tab": wanted.tab.value}
    if wanted.office_id is not None:
        arguments["office"] = str(wanted.office_id)
    if wanted.state is not None:
        arguments["state"] = wanted.state.value
    return render_template(
        "divorce/list_part.html" if is_htmx() else "divorce/list.html",
        page=page,
        wanted=wanted,
        counts=counts,
        offices=offices,
        tabs=list(Tab),
        ended_states=[state for state in CaseState if state not in OPEN_STATES],
        arguments=arguments,
        later_page=cursor is not None,
    )


@divorce_desk.get("/divorces/<uuid:case_id>")
@access(Caller.STAFF, Permission.READ_DIVORCES)
def case(case_id: uuid.UUID) -> str:
    """One application."""
    return render_case(case_id)


def render_case(case_id: uuid.UUID, refusal: AppError | None = None) -> str:
    """The page of an application one may see, with an audit row of the look; 404 for any other."""
    found = look(case_id, "divorce.case_viewed")
    clock, state = found.clock, found.row.state
    return render_template(
        "divorce/case.html",
        found=found,
        problem=refusal.user_text if refusal else None,
        may_withdraw=state in (CaseState.ACCEPTED, CaseState.COOLING) and may_withdraw(clock, today()),
        may_issue=state in (CaseState.WINDOW, CaseState.LAPSED) and may_issue(clock, today(), legal_calendar()),
        may_correct=state in (*OPEN_STATES, CaseState.LAPSED),
    )


@divorce_desk.get("/divorces/<uuid:case_id>/confirmation")
@access(Caller.STAFF, Permission.DECIDE_DIVORCES)
def confirmation(case_id: uuid.UUID) -> AnyResponse:
    """What the 撤回离婚登记申请确认单 is written from, to be printed; only for what was withdrawn."""
    found = look(case_id, "divorce.confirmation_printed", Permission.DECIDE_DIVORCES)
    withdrawn = next((event for event in found.events if event.name == "withdrawn"), None)
    if found.row.state is not CaseState.WITHDRAWN or withdrawn is None:
        abort(404)
    person = next((one for one in found.persons if one.position == withdrawn.position), None)
    return make_response(render_template("divorce/confirmation.html", found=found, withdrawn=withdrawn, person=person))


def look(case_id: uuid.UUID, action: str, permission: Permission = Permission.READ_DIVORCES) -> CaseDetail:
    """An application one may see, its look recorded; answers 404, or the question for a reason, in its place."""
    with transaction():
        found = case_detail(current_nodes(permission), case_id)
        if found is None:
            abort(404)
        indexes = ask_reason(case_id)
        task = task_of(found.row)
        record_look(action, SUBJECT_KIND, [case_id], number_indexes=indexes, task=task, fields=DETAIL_FIELDS)
    return found


def ask_reason(case_id: uuid.UUID) -> list[bytes]:
    """Ask for a reason where it is one's own or a relative's; the indexes by which the trail knows whose it is."""
    indexes = desk_queries.watch_indexes(case_id)
    require_reason(SUBJECT_KIND, case_id, indexes, url_for("divorce_desk.case", case_id=case_id))
    return indexes


def audit_list(action: str, rows: Collection[CaseRow], **more: str) -> None:
    """Note which applications a list has shown."""
    with transaction():
        ids = [row.id for row in rows]
        if "tab" in more:
            record_look(action, SUBJECT_KIND, ids, fields=LISTED_FIELDS, tab=more["tab"])
        else:
            record_look(action, SUBJECT_KIND, ids, fields=LISTED_FIELDS)


def task_of(row: CaseRow) -> str | None:
    """The open matter for which somebody looks at an application: itself, until it is over (domain-rules §6.3)."""
    return f"{SUBJECT_KIND}:{row.id}" if row.state in OPEN_STATES else None


def _filter() -> CaseFilter:
    tab, state = request.args.get("tab") or Tab.CLOSING.value, request.args.get("state") or None
    office = request.args.get("office") or None
    if tab not in set(Tab) or (state is not None and state not in set(CaseState)):
        raise AppError("invalid", texts.FALSE_CHOICE, 422)
    try:
        office_id = uuid.UUID(office) if office else None
    except ValueError:
        raise AppError("invalid", texts.FALSE_CHOICE, 422) from None
    return CaseFilter(Tab(tab), office_id, CaseState(state) if state else None)
