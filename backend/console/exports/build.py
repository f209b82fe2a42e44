"""Use case `build_next`: make one file that is due. Any number of workers may try; a claim lets one build each."""

from __future__ import annotations

import base64
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from backend.console.exports import texts
from backend.console.exports.ask import SUBJECT, nodes_below
from backend.console.exports.definitions import ExportDefinition, Nodes, export_definition
from backend.console.exports.files import write_file
from backend.console.exports.models import Export, ExportPiece
from backend.console.exports.rules import BATCH, CLAIM, KEPT_FOR, MOST_ATTEMPTS, ExportState, Failure
from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff import Permission, StaffAccount, grants_of, record
from backend.staff.audit import record_look
from backend.staff.models import Approval, OrganisationNode
from backend.storage import transaction

log = logging.getLogger(__name__)

# Bytes of a file in one piece: small enough that a rotation of keys can hold hundreds at once.
PIECE_BYTES = 64 * 1024


class _Refused(Exception):
    """The file may not be made."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class _TakenOver(Exception):
    """Another worker has taken this one to be dead and builds the file."""


@dataclass
class _Work:
    """An export this worker has claimed, for its `attempt`; `rows` counts those written."""

    export: Export
    attempt: int
    definition: ExportDefinition
    nodes: Nodes
    place: str
    asker: StaffAccount
    rows: int = 0


def build_next() -> bool:
    """Build the oldest file that is due; False when none is. What fails is tried again, three times at most."""
    export = _claim()
    if export is None:
        return False
    attempt = export.attempts
    try:
        _build(export)
    except _Refused as refused:
        _end(export, attempt, failure=refused.failure)
    except _TakenOver:
        log.warning("export_taken_over export=%s", export.id)
    except Exception:
        log.exception("export_failed export=%s attempt=%s", export.id, attempt)
        _end(export, attempt, failure=Failure.GAVE_UP if attempt >= MOST_ATTEMPTS else None)
    return True


def anything_due() -> bool:
    """Whether a file waits to be made and nobody makes it."""
    with transaction() as session:
        return session.scalar(sa.select(Export.id).where(_due()).limit(1)) is not None


def _due() -> sa.ColumnElement[bool]:
    lost = sa.and_(Export.state == ExportState.BUILDING, Export.claimed_until <= now())
    return sa.or_(Export.state == ExportState.QUEUED, lost)


def _claim() -> Export | None:
    with transaction() as session:
        due = sa.select(Export).where(_due()).order_by(Export.asked_at).limit(1)
        export = session.scalars(due.with_for_update(skip_locked=True)).one_or_none()
        if export is None:
            return None
        if export.attempts >= MOST_ATTEMPTS:  # each of its workers has died
            _close(export, Failure.GAVE_UP)
        else:
            export.state, export.claimed_until = ExportState.BUILDING, now() + CLAIM
            export.attempts, export.rows_done = export.attempts + 1, 0
        session.flush()
        session.expunge(export)
    return export if export.state is ExportState.BUILDING else _claim()


def _build(export: Export) -> None:
    work = _begin(export)
    definition = work.definition
    body = write_file(export.format, _about(work), definition.chosen(export.columns), _rows(work))
    with transaction() as session:
        if not _touch(work, state=ExportState.READY, claimed_until=None, expires_at=now() + KEPT_FOR):
            raise _TakenOver
        session.execute(sa.delete(ExportPiece).where(ExportPiece.export_id == export.id))
        for position, start in enumerate(range(0, len(body), PIECE_BYTES)):
            piece = ExportPiece(id=new_id(), export_id=export.id, position=position)
            piece.body = base64.b64encode(body[start : start + PIECE_BYTES]).decode()
            session.add(piece)
        record("exports.built", SUBJECT, export.id, definition=definition.name, rows=work.rows, bytes=len(body))


def _begin(export: Export) -> _Work:
    """Ask anew whether the asker may: hours may lie between the wish and the file."""
    definition = export_definition(export.definition)
    with transaction() as session:
        asker = session.get_one(StaffAccount, export.asked_by)
        place = session.get_one(OrganisationNode, export.node_id).name
    grants = grants_of(asker)
    if definition is None or not (grants.hold(Permission.ASK_EXPORT) and asker.active):
        raise _Refused(Failure.NOT_PERMITTED)
    nodes = nodes_below(grants.nodes(definition.permission), export.node_id)
    if not nodes:
        raise _Refused(Failure.NOT_PERMITTED)
    return _Work(export, export.attempts, definition, nodes, place, asker)


def _about(work: _Work) -> list[tuple[str, str]]:
    export = work.export
    with transaction() as session:
        second = session.scalar(
            sa.select(StaffAccount.display_name)
            .join(Approval, Approval.decided_by == StaffAccount.id)
            .where(Approval.id == export.approval_id)
        )
    lines = [
        (texts.ABOUT_LIST, work.definition.title),
        (texts.ABOUT_FILTER, work.definition.describe(export.arguments)),
        (texts.ABOUT_PLACE, work.place),
        (texts.ABOUT_ASKER, work.asker.display_name),
        (texts.ABOUT_SECOND, second or ""),
        (texts.ABOUT_TIME, template_moment(now())),
        (
            texts.ABOUT_REASON,
            texts.REASON.format(kind=texts.REASONS[export.reason_kind], reason=export.reason),
        ),
        (texts.ABOUT_NOTE, texts.NOTE_PERSONAL if export.personal else texts.NOTE_PLAIN),
    ]
    return [line for line in lines if line[1]]


def _rows(work: _Work) -> Iterator[Mapping[str, str]]:
    """The rows, batch by batch; every batch leaves its records in the audit trail and moves the progress."""
    export, position, end = work.export, None, False
    chosen = work.definition.chosen(export.columns)
    fields = list(dict.fromkeys(column.field for column in chosen if column.field))
    while not end:
        with transaction():
            page = work.definition.page(work.nodes, export.arguments, export.columns, position, BATCH)
            work.rows += len(page.rows)
            if work.rows > export.most_rows:
                raise _Refused(Failure.GROWN)
            record_look(
                "exports.rows_taken",
                work.definition.subject_kind,
                page.subjects,
                account_id=export.asked_by,
                task=f"{SUBJECT}:{export.id}",
                fields=fields,
                purpose=export.reason,
            )
            if not _touch(work, rows_done=work.rows, claimed_until=now() + CLAIM):
                raise _TakenOver
        yield from page.rows
        position, end = page.next, page.next is None


def _touch(work: _Work, **values: object) -> bool:
    """Change the row while it is ours."""
    return _change(work.export.id, work.attempt, values)


def _change(export_id: uuid.UUID, attempt: int, values: Mapping[str, object]) -> bool:
    mine = (Export.id == export_id, Export.state == ExportState.BUILDING, Export.attempts == attempt)
    with transaction() as session:
        return session.scalar(sa.update(Export).where(*mine).values(**values).returning(Export.id)) is not None


def _end(export: Export, attempt: int, *, failure: Failure | None) -> None:
    """Give it up, or leave it to the next attempt."""
    state = ExportState.QUEUED if failure is None else ExportState.FAILED
    with transaction():
        values = {"state": state, "claimed_until": None, "failure": failure.value if failure else None}
        if _change(export.id, attempt, values) and failure:
            record("exports.failed", SUBJECT, export.id, failure=failure.value)


def _close(export: Export, failure: Failure) -> None:
    export.state, export.claimed_until, export.failure = ExportState.FAILED, None, failure.value
    record("exports.failed", SUBJECT, export.id, failure=failure.value)
