"""The marriage desk's pages: the board of a registry, one appointment, the list of a day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, is_htmx, may_here, read_cursor
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import now, today
from backend.marriage.archive.beside import beside
from backend.marriage.desk import queries
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.day_lists import take_list
from backend.marriage.desk.detail import AppointmentDetail, appointment_detail, revealed_number
from backend.marriage.desk.filters import PAGE_SIZE, board_arguments, read_board, read_day, with_cursor
from backend.marriage.desk.load import load_by_day
from backend.marriage.desk.queries import SHOWN_STATES, AppointmentRow, BoardFilter, Tab
from backend.marriage.desk.trail import audit_list, task_of
from backend.marriage.divorce.desk_queries import CaseRow, closing_cases
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.texts import NO_FEE, STATE_NAMES
from backend.marriage.tickets.hall import tickets_of
from backend.marriage.tickets.rules import area_of
from backend.staff import Permission
from backend.staff.audit import record_look
from backend.storage import transaction

CHART_DAYS = 30
MOST_CLOSING = 6
# A registry's day is bounded by its windows; this is far beyond any (domain-rules §2.5, peak days).
DAY_LIST_ROWS = 600
# What the trail says was shown (backend.staff.audit.texts.FIELDS).
DETAIL_FIELDS = ("name", "masked_number", "last4", "sex", "phone", "resident_group", "state", "history")


@desk.app_context_processor
def _names() -> dict[str, object]:
    return {"STATE_NAMES": STATE_NAMES} if request.path.startswith("/console") else {}


@desk.get("/appointments")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def board() -> str:
    """A page of the board; for htmx only the board itself."""
    return render_board(read_board(request.args), request.args.get("cursor"))


def render_board(wanted: BoardFilter, cursor_text: str | None = None) -> str:
    """The board as the filter asks, with an audit row that names the appointments shown."""
    nodes, cursor = current_nodes(Permission.READ_APPOINTMENTS), read_cursor(cursor_text)
    with transaction():
        page = queries.board(nodes, wanted, cursor, PAGE_SIZE)
        audit_list("marriage.board_viewed", page.rows, tab=wanted.tab.value)
        counts = queries.tab_counts(nodes)
        load = () if is_htmx() else load_by_day(nodes, today(), CHART_DAYS)
        closing = _closing(wanted.tab)
    template = "marriage/board_part.html" if is_htmx() else "marriage/board.html"
    return render_template(
        template,
        page=page,
        counts=counts,
        wanted=wanted,
        arguments=board_arguments(wanted),
        view=with_cursor(wanted, cursor_text),
        tabs=list(Tab),
        states=SHOWN_STATES,
        load=load,
        closing=closing,
        later_page=cursor is not None,
    )


def _closing(tab: Tab) -> Sequence[CaseRow]:
    """Divorce windows that close in the next days, above what the desk works on; with or without an appointment."""
    if tab not in (Tab.PENDING, Tab.TODAY) or not may_here(Permission.READ_DIVORCES):
        return ()
    nodes = current_nodes(Permission.READ_DIVORCES)
    return closing_cases(nodes, MOST_CLOSING)


@desk.get("/appointments/<uuid:appointment_id>")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def detail(appointment_id: uuid.UUID) -> str:
    """One appointment."""
    return render_detail(appointment_id)


def render_detail(appointment_id: uuid.UUID) -> str:
    """One appointment of one's places with an audit row of the look; 404 for any other."""
    found = _look(appointment_id, "marriage.appointment_viewed", DETAIL_FIELDS)
    template = "marriage/detail_part.html" if is_htmx() else "marriage/detail.html"
    archive = beside(appointment_id)
    return render_template(template, found=found, papers_note=NO_FEE, revealed={}, archive=archive)


@desk.post("/appointments/<uuid:appointment_id>/parties/<int:position>/number")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def reveal(appointment_id: uuid.UUID, position: int) -> str:
    """Show one whole identity number, to compare it with the card; always leaves an audit row of its own."""
    with transaction():
        number = revealed_number(current_nodes(Permission.DECIDE_APPOINTMENTS), appointment_id, position)
        if number is None:
            abort(404)
        found = _look(appointment_id, "marriage.number_revealed", ("id_number",), party=position)
    if is_htmx():
        return render_template("marriage/number_part.html", number=number)
    return render_template(
        "marriage/detail.html",
        found=found,
        papers_note=NO_FEE,
        revealed={position: number},
        archive=beside(appointment_id),
    )


@desk.get("/day-list")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def day_list() -> AnyResponse:
    """The couples of one day for printing; today when no day is given."""
    day = read_day(request.args["day"]) if request.args.get("day") else today()
    with transaction():
        rows = queries.day_list(current_nodes(Permission.READ_APPOINTMENTS), day, DAY_LIST_ROWS)
        audit_list("marriage.day_list_viewed", rows, day=day.isoformat())
        if may_here(Permission.DECIDE_APPOINTMENTS):
            names = {row.office_name for row in rows}
            take_list(current_nodes(Permission.DECIDE_APPOINTMENTS), day, names, current_account().id)
    sheets: dict[tuple[str, str], list[AppointmentRow]] = {}
    for row in rows:
        area = area_of(row.kind)
        sheets.setdefault((row.office_name, area.value if area else ""), []).append(row)
    page = render_template(
        "marriage/day_list.html",
        day=day,
        sheets=dict(sorted(sheets.items())),
        tickets=tickets_of([row.id for row in rows]),
        printed_at=now(),
        print_now="print" in request.args,
    )
    return make_response(page)


def _look(appointment_id: uuid.UUID, action: str, fields: Collection[str], **more: int) -> AppointmentDetail:
    with transaction():
        found = appointment_detail(current_nodes(Permission.READ_APPOINTMENTS), appointment_id)
        if found is None:
            abort(404)
        indexes = [party.watch_index for party in found.parties]
        require_reason(
            SUBJECT_KIND, appointment_id, indexes, url_for("marriage_desk.detail", appointment_id=appointment_id)
        )
        task = task_of(found.row)
        detail: dict[str, Any] = dict(more)
        record_look(action, SUBJECT_KIND, [appointment_id], number_indexes=indexes, task=task, fields=fields, **detail)
    return found
