"""What is printed: the slip by which a volume is fetched (调档单), and the log of what was read (查阅登记)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import sqlalchemy as sa
from flask import abort, render_template, request

from backend.console import current_nodes, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.clock import now, start_of_day, today
from backend.kernel.errors import AppError
from backend.kernel.paging import Cursor, Page, page_of
from backend.marriage.archive import desk_queries, texts
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_filters import read_id
from backend.marriage.archive.desk_pages import look
from backend.marriage.archive.models import ArchiveInspection
from backend.marriage.archive.rules import ArchiveState
from backend.marriage.models import Office
from backend.staff import Permission, StaffAccount
from backend.staff.audit import record_look
from backend.storage import transaction

LOG_KIND = "archive_inspection"
_PAGE_SIZE = 50
Line = tuple[ArchiveInspection, str, str]


@archive_desk.get("/archive/<uuid:archive_request_id>/slip")
@access(Caller.STAFF, Permission.WORK_ARCHIVE)
def slip(archive_request_id: uuid.UUID) -> str:
    """The slip of a volume that was found."""
    found = look(archive_request_id, "archive.slip_printed", Permission.WORK_ARCHIVE)
    if found.request.state not in (ArchiveState.LOCATED, ArchiveState.READY):
        abort(404)
    return render_template("archive/slip.html", found=found, row=found.request, printed_at=now())


@archive_desk.get("/archive/log")
@access(Caller.STAFF, Permission.READ_ARCHIVE)
def log() -> str:
    """Who has read what in a month, for printing."""
    nodes, month = current_nodes(Permission.READ_ARCHIVE), read_month(request.args.get("month"))
    office_id, cursor = read_id(request.args.get("office")), read_cursor(request.args.get("cursor"))
    with transaction():
        page = log_page(nodes, month, office_id, cursor, _PAGE_SIZE)
        record_look("archive.log_viewed", LOG_KIND, [line.id for line, _, _ in page.rows], fields=("name",))
        offices = desk_queries.offices_of(nodes)
    arguments = {"month": f"{month:%Y-%m}"} | ({"office": str(office_id)} if office_id else {})
    return render_template(
        "archive/log.html",
        page=page,
        month=month,
        office_id=office_id,
        offices=offices,
        arguments=arguments,
        later_page=cursor is not None,
    )


def read_month(text: str | None) -> date:
    """The first day of a month as browsers send it, this month's without one; raises `AppError` invalid."""
    if not text:
        return today().replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise AppError("invalid", texts.MONTH_UNREADABLE, 422) from None


def log_page(
    nodes: frozenset[uuid.UUID], month: date, office_id: uuid.UUID | None, cursor: Cursor | None, limit: int
) -> Page[Line]:
    """A page of a month's log in order of time, with the registry's and the officer's name; one query."""
    following = (month + timedelta(days=31)).replace(day=1)
    query = (
        sa.select(ArchiveInspection, Office.name, StaffAccount.display_name)
        .join(Office, Office.id == ArchiveInspection.office_id)
        .join(StaffAccount, StaffAccount.id == ArchiveInspection.shown_by)
        .where(
            Office.node_id.in_(nodes),
            ArchiveInspection.at >= start_of_day(month),
            ArchiveInspection.at < start_of_day(following),
        )
        .order_by(ArchiveInspection.at, ArchiveInspection.id)
        .limit(limit + 1)
    )
    if office_id is not None:
        query = query.where(ArchiveInspection.office_id == office_id)
    if cursor is not None:
        query = query.where(sa.tuple_(ArchiveInspection.at, ArchiveInspection.id) > sa.tuple_(cursor.at, cursor.id))
    with transaction() as db:
        rows: list[Line] = [(row[0], row[1], row[2]) for row in db.execute(query)]
    return page_of(rows, limit, lambda row: (row[0].at, row[0].id))
