"""Use case `ask_export`: check who, what and why; start at once, or ask a second person first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.console.exports import texts
from backend.console.exports.definitions import Arguments, ExportColumn, ExportDefinition, Nodes, export_definition
from backend.console.exports.models import Export
from backend.console.exports.parameters import ALONE_ROWS
from backend.console.exports.queue import wake_up
from backend.console.exports.rules import (
    MOST_ROWS,
    MOST_UNFINISHED,
    UNFINISHED,
    ExportState,
    Format,
    ReasonKind,
    needs_second_person,
)
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.parameters import value_at
from backend.staff import Permission, StaffAccount, record
from backend.staff.approvals import ApprovalKind, ask, register_approval_kind
from backend.staff.models import Approval, OrganisationNode
from backend.storage import after_commit, session, transaction

KIND = "console.export"
SUBJECT = "export"


@dataclass(frozen=True)
class Place:
    """A place whose records, with all below it, may be taken away: its id, name, and all nodes it covers."""

    id: uuid.UUID
    name: str
    nodes: Nodes


@dataclass(frozen=True)
class _Node:
    id: uuid.UUID
    parent_id: uuid.UUID | None
    name: str


@dataclass(frozen=True)
class Wish:
    """What somebody asks for, whole and checked (`form.read_wish`)."""

    arguments: Arguments
    columns: Sequence[ExportColumn]
    format: Format
    reason_kind: ReasonKind
    reason: str
    place: Place


def places(nodes: Nodes) -> Sequence[Place]:
    """The topmost of the nodes with what lies below each, by name; one query."""
    rows = _tree(nodes)
    tops = [row for row in rows.values() if row.parent_id not in rows]
    found = [Place(row.id, row.name, _below(rows, row.id)) for row in tops]
    return sorted(found, key=lambda place: place.name)


def nodes_below(nodes: Nodes, top: uuid.UUID) -> Nodes:
    """Those of the nodes that are `top` or lie below it; one query."""
    return _below(_tree(nodes), top)


def _tree(nodes: Nodes) -> dict[uuid.UUID, _Node]:
    node = OrganisationNode
    with transaction() as opened:
        rows = opened.execute(sa.select(node.id, node.parent_id, node.name).where(node.id.in_(nodes)))
        return {row.id: _Node(*row) for row in rows}


def _below(rows: Mapping[uuid.UUID, _Node], top: uuid.UUID) -> Nodes:
    def leads_to_top(at: uuid.UUID | None) -> bool:
        while at is not None and at != top:
            at = rows[at].parent_id if at in rows else None
        return at == top

    return frozenset(node_id for node_id in rows if leads_to_top(node_id))


def alone_rows() -> int:
    """How many rows without personal columns one person may take away alone."""
    most: int = value_at(ALONE_ROWS, "", now())
    return most


def ask_export(definition: ExportDefinition, wish: Wish, account: StaffAccount) -> Export:
    """Ask for a file; that the account may ask for this list at the place is for the caller to check.

    Raises `AppError`: invalid when there is nothing or too much to take, state_conflict when too many of the account's
    exports are unfinished.
    """
    with transaction() as opened:
        export = _make(definition, wish, account)
        if needs_second_person(export.rows_expected, export.most_rows, personal=export.personal):
            reason = texts.REASON.format(kind=texts.REASONS[export.reason_kind], reason=export.reason)
            approval = ask(KIND, _payload(export), reason=reason, asked_by=account, node_id=export.node_id)
            export.approval_id = approval.id
            export.state, export.most_rows = ExportState.WAITING, MOST_ROWS
        else:
            after_commit(wake_up)
        opened.add(export)
        opened.flush()
        record("exports.asked", SUBJECT, export.id, account_id=account.id, **_told(export))
    return export


def _make(definition: ExportDefinition, wish: Wish, account: StaffAccount) -> Export:
    _require_few_unfinished(account)
    rows = definition.count(wish.place.nodes, wish.arguments, MOST_ROWS)
    if rows == 0:
        raise AppError("invalid", texts.NOTHING_THERE, 422)
    if rows > MOST_ROWS:
        raise AppError("invalid", texts.TOO_MANY_ROWS.format(most=MOST_ROWS), 422)
    return Export(
        id=new_id(),
        definition=definition.name,
        arguments=dict(wish.arguments),
        columns=[column.name for column in wish.columns],
        personal=any(column.personal for column in wish.columns),
        format=wish.format,
        node_id=wish.place.id,
        reason_kind=wish.reason_kind,
        reason=wish.reason,
        asked_by=account.id,
        asked_at=now(),
        state=ExportState.QUEUED,
        rows_expected=rows,
        most_rows=alone_rows(),
        rows_done=0,
        attempts=0,
    )


def _require_few_unfinished(account: StaffAccount) -> None:
    unfinished = sa.select(sa.func.count()).select_from(Export)
    unfinished = unfinished.where(Export.asked_by == account.id, Export.state.in_(UNFINISHED))
    # What was declined or has lapsed stays WAITING and is nobody's work any more.
    unfinished = unfinished.outerjoin(Approval, Approval.id == Export.approval_id)
    unfinished = unfinished.where(sa.or_(Approval.id.is_(None), Approval.state.in_(("pending", "approved"))))
    if (session().scalar(unfinished) or 0) >= MOST_UNFINISHED:
        raise AppError("state_conflict", texts.TOO_MANY_UNFINISHED.format(most=MOST_UNFINISHED), 409)


def _payload(export: Export) -> dict[str, str | int | list[str] | dict[str, str]]:
    return {
        "export": str(export.id),
        "definition": export.definition,
        "columns": list(export.columns),
        "arguments": dict(export.arguments),
        "rows": export.rows_expected,
    }


def _told(export: Export) -> dict[str, object]:
    return {
        "definition": export.definition,
        "columns": export.columns,
        "arguments": export.arguments,
        "rows": export.rows_expected,
        "reason_kind": export.reason_kind.value,
        "format": export.format.value,
        "second_person": export.approval_id is not None,
    }


def _start_approved(approval: Approval) -> None:
    """The second person has agreed: the file is made, by the same transaction that keeps the yes."""
    export_id = uuid.UUID(approval.payload["export"])
    export = session().get(Export, export_id, with_for_update=True)
    if export is not None and export.state is ExportState.WAITING:
        export.state = ExportState.QUEUED
        after_commit(wake_up)
        record("exports.approved", SUBJECT, export.id, account_id=approval.decided_by)


def _title(approval: Approval) -> str:
    told = approval.payload
    definition = export_definition(told["definition"])
    if definition is None:
        return str(told["definition"])
    personal = [column.title for column in definition.personal(told["columns"])]
    return texts.APPROVAL_TITLE.format(
        title=definition.title,
        filter=definition.describe(told["arguments"]),
        rows=told["rows"],
        columns=texts.PERSONAL_COLUMNS.format(columns=texts.ENDS_IN_COLUMNS.join(personal))
        if personal
        else texts.NO_PERSONAL_COLUMNS,
    )


register_approval_kind(ApprovalKind(KIND, Permission.APPROVE_EXPORT, _start_approved, _title))
