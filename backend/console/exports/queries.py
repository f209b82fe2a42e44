"""The asker's own exports, for the pages and the worklist."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.console.exports import texts
from backend.console.exports.definitions import export_definition
from backend.console.exports.models import Export
from backend.console.exports.rules import UNFINISHED, ExportState, Failure
from backend.console.paging import Cursor, Page
from backend.staff import StaffAccount
from backend.staff.models import Approval, ApprovalState
from backend.storage import transaction

_CLOSED = {
    ApprovalState.DECLINED: texts.DECLINED,
    ApprovalState.WITHDRAWN: texts.WITHDRAWN,
    ApprovalState.EXPIRED: texts.LAPSED,
}


@dataclass(frozen=True)
class ExportLine:
    """One export as its asker sees it. `waits`: something will still happen by itself; `note`: why not."""

    export: Export
    title: str
    described: str
    columns: Sequence[str]
    reason: str
    state: str
    waits: bool
    note: str | None
    second: str | None

    @property
    def ready(self) -> bool:
        """Whether the file can be fetched."""
        return self.export.state is ExportState.READY


def own_exports(account: StaffAccount, cursor: Cursor | None, limit: int) -> Page[ExportLine]:
    """A page of what the account has asked for, newest first; one query."""
    query = _with_approval(account).order_by(Export.asked_at.desc(), Export.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(sa.tuple_(Export.asked_at, Export.id) < sa.tuple_(cursor.at, cursor.id))
    with transaction() as session:
        rows = session.execute(query).all()
    lines = [_line(*row) for row in rows[:limit]]
    last = lines[-1].export if len(rows) > limit else None
    return Page(lines, Cursor(last.asked_at, last.id) if last else None)


def own_export(account: StaffAccount, export_id: uuid.UUID) -> ExportLine | None:
    """One of the account's exports, or None."""
    with transaction() as session:
        row = session.execute(_with_approval(account).where(Export.id == export_id)).one_or_none()
    return _line(*row) if row else None


@dataclass(frozen=True)
class ReadyFile:
    """A file that waits to be fetched."""

    id: uuid.UUID
    title: str
    asked_at: datetime
    expires_at: datetime


def ready_files(account: StaffAccount, limit: int) -> Sequence[ReadyFile]:
    """The files that wait for the account, the one that goes first, first."""
    query = sa.select(Export).where(Export.asked_by == account.id, Export.state == ExportState.READY)
    with transaction() as session:
        rows = session.scalars(query.order_by(Export.expires_at).limit(limit)).all()
    return [ReadyFile(row.id, _title(row), row.asked_at, row.expires_at) for row in rows if row.expires_at]


def _with_approval(account: StaffAccount) -> sa.Select[Export, Approval | None, str | None]:
    query = sa.select(Export, Approval, StaffAccount.display_name).where(Export.asked_by == account.id)
    query = query.outerjoin(Approval, Approval.id == Export.approval_id)
    return query.outerjoin(StaffAccount, StaffAccount.id == Approval.decided_by)


def _line(export: Export, approval: Approval | None, decided_by: str | None) -> ExportLine:
    definition = export_definition(export.definition)
    closed = _CLOSED.get(approval.state) if approval and export.state is ExportState.WAITING else None
    note = approval.note if approval and closed else None
    if export.failure:
        note = texts.FAILURES[Failure(export.failure)]
    return ExportLine(
        export=export,
        title=_title(export),
        described=definition.describe(export.arguments) if definition else "",
        columns=[column.title for column in definition.chosen(export.columns)] if definition else export.columns,
        reason=texts.REASON.format(kind=texts.REASONS[export.reason_kind], reason=export.reason),
        state=closed or texts.STATES[export.state],
        waits=export.state in UNFINISHED and not closed,
        note=note,
        second=decided_by,
    )


def _title(export: Export) -> str:
    definition = export_definition(export.definition)
    return definition.title if definition else export.definition
