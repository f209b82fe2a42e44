"""The filtered trail as a file, through the console's exports: with a reason, and a second person for many rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from backend.console.audit_pages import texts
from backend.console.audit_pages.filters import read_trail, trail_arguments
from backend.console.audit_pages.show import role_names, unusual_names
from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, ExportPage, Nodes
from backend.staff import Permission
from backend.staff.audit.models import AuditEntry, AuditLink
from backend.staff.audit.queries import count_lines, lines
from backend.staff.audit.texts import ACTIONS, FIELDS, SUBJECTS
from backend.staff.names import account_names
from backend.storage import transaction

# A list's look names each record seen; a cell holds so many of them.
_MOST_SUBJECTS = 200


def _read(arguments: Arguments) -> dict[str, str]:
    return trail_arguments(read_trail(arguments))


def _describe(arguments: Arguments) -> str:
    told = {
        "username": arguments.get("username"),
        "action": ACTIONS.get(arguments.get("action", ""), arguments.get("action")),
        "subject": arguments.get("id"),
        "first": arguments.get("first"),
        "last": arguments.get("last"),
    }
    parts = [texts.EXPORT_DESCRIBED[name].format(value=value) for name, value in told.items() if value]
    return texts.BETWEEN.join(parts) or texts.EXPORT_ALL


def _count(nodes: Nodes, arguments: Arguments, most: int) -> int:
    return count_lines(nodes, read_trail(arguments), most + 1)


def _page(nodes: Nodes, arguments: Arguments, _columns: Collection[str], after: str | None, limit: int) -> ExportPage:
    query = lines(nodes, read_trail(arguments)).where(AuditEntry.id > int(after or 0))
    query = query.add_columns(AuditLink.position, AuditLink.hash)
    query = query.outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id).order_by(AuditEntry.id).limit(limit)
    with transaction() as session:
        rows = session.execute(query).all()
        absent = account_names({row[0].stand_in_for for row in rows if row[0].stand_in_for is not None})
    following = str(rows[-1][0].id) if len(rows) == limit else None
    return ExportPage([_cells(row, absent) for row in rows], (), following)


def _cells(row: sa.Row[*tuple[Any, ...]], absent: Mapping[Any, str]) -> dict[str, str]:
    entry, username, display_name, position, digest = row
    subjects = [entry.subject_id] if entry.subject_id else entry.subject_ids[:_MOST_SUBJECTS]
    return {
        "id": str(entry.id),
        "at": entry.at.isoformat(),
        "username": username or "",
        "display_name": display_name or "",
        "role": role_names(entry.role),
        "stand_in_for": absent.get(entry.stand_in_for, ""),
        "action": ACTIONS.get(entry.action, entry.action),
        "subject_kind": SUBJECTS.get(entry.subject_kind, entry.subject_kind),
        "subjects": " ".join(subjects),
        "fields": "、".join(FIELDS.get(name, name) for name in entry.fields),
        "task": entry.task or "",
        "purpose": entry.purpose or "",
        "address": entry.address or "",
        "request_id": entry.request_id or "",
        "unusual": "、".join(unusual_names(entry)),
        "position": "" if position is None else str(position),
        "hash": "" if digest is None else digest.hex(),
    }


trail_export = ExportDefinition(
    name="audit.trail",
    title=texts.TRAIL,
    permission=Permission.READ_AUDIT,
    subject_kind="audit_trail",
    columns=[ExportColumn(name, title) for name, title in texts.COLUMNS.items()],
    read_arguments=_read,
    describe=_describe,
    count=_count,
    page=_page,
)
