"""Use case `fetch_file`: the asker takes the file, once."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.console.exports import texts
from backend.console.exports.ask import SUBJECT
from backend.console.exports.definitions import ExportDefinition, export_definition
from backend.console.exports.models import Export, ExportPiece
from backend.console.exports.rules import ExportState, Format
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff import StaffAccount, record
from backend.storage import transaction


@dataclass(frozen=True)
class File:
    """A file on its way out."""

    name: str
    format: Format
    body: bytes = field(repr=False)


def fetch_file(export_id: uuid.UUID, account: StaffAccount) -> File:
    """The bytes, which are kept no longer. Of two who fetch at once the second is refused.

    Raises `AppError` not_found (404) for what the account has not asked for, state_conflict (409) for what was fetched,
    is over or not ready yet.
    """
    with transaction() as session:
        export = session.get(Export, export_id, with_for_update=True)
        definition = export_definition(export.definition) if export else None
        if export is None or definition is None or export.asked_by != account.id:
            raise AppError("not_found", texts.GONE, 404)
        if export.state is not ExportState.READY or not export.expires_at or export.expires_at <= now():
            raise AppError("state_conflict", texts.GONE, 409)
        body = _body(export_id)
        export.state, export.downloaded_at = ExportState.DOWNLOADED, now()
        session.execute(sa.delete(ExportPiece).where(ExportPiece.export_id == export_id))
        record("exports.downloaded", SUBJECT, export_id, account_id=account.id, rows=export.rows_done, bytes=len(body))
    return File(_name(definition, export), export.format, body)


def _body(export_id: uuid.UUID) -> bytes:
    pieces = sa.select(ExportPiece).where(ExportPiece.export_id == export_id).order_by(ExportPiece.position)
    with transaction() as session:
        return b"".join(base64.b64decode(piece.body or "") for piece in session.scalars(pieces))


def _name(definition: ExportDefinition, export: Export) -> str:
    return texts.FILE_NAME.format(title=definition.title, moment=export.asked_at, extension=export.format.value)
