"""What may be taken away: the list of requests as it is filtered, with names and numbers only where asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, ExportPage, Nodes
from backend.console.paging import Cursor, read_cursor
from backend.marriage.archive import texts
from backend.marriage.archive.desk_filters import filter_arguments, read_filter
from backend.marriage.archive.desk_queries import conditions, requests_of
from backend.marriage.archive.figures import workdays_between
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import SUBJECT_KIND
from backend.staff import Permission
from backend.storage import transaction

_PERSONAL: Mapping[str, Callable[[ArchiveRequest], str | None]] = {
    "name": lambda row: row.applicant_name,
    "id_number": lambda row: row.applicant_number,
    "phone": lambda row: row.phone,
    "subjects": lambda row: " ".join(one.name or "" for one in row.subjects),
}
_WIDTHS = {"office": 22, "subjects": 22, "id_number": 22, "volume": 22}
_FIELDS = {"name": "name", "id_number": "id_number", "phone": "phone", "subjects": "name", "state": "state"}


def _describe(arguments: Arguments) -> str:
    wanted = read_filter(arguments)
    parts = [texts.TAB_NAMES[wanted.tab.value]]
    if wanted.state is not None:
        parts.append(texts.STATE_NAMES[wanted.state])
    if wanted.sought is not None:
        parts.append(texts.SOUGHT_NAMES[wanted.sought])
    if wanted.year is not None:
        parts.append(str(wanted.year))
    if wanted.due is not None:
        parts.append(texts.DUE_NAMES[wanted.due.value])
    return texts.BETWEEN.join(parts)


def _query(nodes: Nodes, arguments: Arguments) -> sa.Select[ArchiveRequest]:
    return requests_of(nodes).where(*conditions(read_filter(arguments)))


def _count(nodes: Nodes, arguments: Arguments, limit: int) -> int:
    some = _query(nodes, arguments).with_only_columns(ArchiveRequest.id).limit(limit + 1).subquery()
    with transaction() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _page(nodes: Nodes, arguments: Arguments, columns: Collection[str], position: str | None, limit: int) -> ExportPage:
    query, after = _query(nodes, arguments), read_cursor(position)
    order = (ArchiveRequest.created_at, ArchiveRequest.id)
    if after is not None:
        query = query.where(sa.tuple_(*order) > sa.tuple_(after.at, after.id))
    with transaction() as db:
        found = db.scalars(query.order_by(*order).limit(limit + 1)).all()
        shown = found[:limit]
        rows = [_row(one, columns) for one in shown]
    following = str(Cursor(shown[-1].created_at, shown[-1].id)) if len(found) > limit else None
    return ExportPage(rows, [one.id for one in shown], following)


def _row(row: ArchiveRequest, columns: Collection[str]) -> dict[str, str]:
    located = row.located_at.date() if row.located_at else None
    told = {
        "number": row.number,
        "office": row.office.name,
        "state": texts.STATE_NAMES[row.state],
        "sought": texts.SOUGHT_NAMES[row.sought],
        "applicant": texts.APPLICANT_NAMES[row.applicant_kind],
        "years": f"{row.first_year}-{row.last_year}" if row.last_year > row.first_year else str(row.first_year),
        "via": texts.VIA_NAMES[row.via],
        "asked_on": row.created_at.date().isoformat(),
        "due_on": row.due_on.isoformat(),
        "located_on": located.isoformat() if located else "",
        "workdays": str(workdays_between(row.created_at.date(), located, legal_calendar())) if located else "",
        "kept_at": texts.KEPT_NAMES[row.kept_at] if row.kept_at else "",
        "volume": row.volume or "",
        "copies": "" if row.copies is None else str(row.copies),
    }
    return told | {name: open_(row) or "" for name, open_ in _PERSONAL.items() if name in columns}


REQUESTS = ExportDefinition(
    name="marriage.archive_requests",
    title=texts.EXPORT_TITLE,
    permission=Permission.READ_ARCHIVE,
    subject_kind=SUBJECT_KIND,
    columns=[
        ExportColumn(name, title, name in _PERSONAL, _WIDTHS.get(name, 12), _FIELDS.get(name))
        for name, title in texts.EXPORT_COLUMNS.items()
    ],
    read_arguments=lambda given: filter_arguments(read_filter(given)),
    describe=_describe,
    count=_count,
    page=_page,
)
