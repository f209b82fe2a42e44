"""Taking files away: the key goes with the commit; the file, unreadable by then, right after it or with the tick."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from backend.files import vault
from backend.files.models import Upload
from backend.files.rules import UploadState
from backend.kernel.clock import now
from backend.storage import after_commit, session, transaction


def erase_of(subject_kind: str, subject_id: uuid.UUID) -> int:
    """Erase all files of a matter, joining the open transaction; returns how many."""
    with transaction():
        return erase_where(Upload.subject_kind == subject_kind, Upload.subject_id == subject_id)


def erase_where(*wanted: sa.ColumnElement[bool], limit: int | None = None) -> int:
    """Erase files by a condition, in the open transaction; returns how many."""
    rows = session().scalars(
        sa.select(Upload)
        .where(Upload.state != UploadState.DELETED, *wanted)
        .order_by(Upload.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return _erase(rows.all())


def erase_loose(before: datetime, limit: int, held: Sequence[uuid.UUID] = ()) -> int:
    """Erase what came before a moment and no matter has taken; persons on legal hold are left alone."""
    with transaction():
        free = sa.or_(Upload.owner_id.is_(None), Upload.owner_id.not_in(held))
        return erase_where(Upload.subject_id.is_(None), Upload.created_at < before, free, limit=limit)


def _erase(rows: Iterable[Upload]) -> int:
    erased = 0
    for row in rows:
        row.state, row.ended_at = UploadState.DELETED, now()
        row.owner_id = row.media_id = row.subject_kind = row.subject_id = row.refusal = None
        row.content_type = row.size = row.sha256 = row.file_key_sealed = None
        erased += 1
    session().flush()
    if erased:
        after_commit(_remove_now)
    return erased


def _remove_now() -> None:
    remove_files()


def remove_files(limit: int = 100) -> int:
    """Remove the files of erased rows, also those whose remover died; returns how many."""
    left = Upload.state.in_((UploadState.REFUSED, UploadState.DELETED)), Upload.stored_name.is_not(None)
    with transaction() as opened:
        rows = opened.scalars(sa.select(Upload).where(*left).limit(limit).with_for_update(skip_locked=True)).all()
        for row in rows:
            if row.stored_name is not None:
                vault.remove(row.stored_name)
            row.stored_name = None
        return len(rows)


def forget_ended(before: datetime, limit: int) -> int:
    """Delete the empty rows of files that were erased before a moment; returns how many."""
    over = sa.select(Upload.id).where(
        Upload.state == UploadState.DELETED, Upload.ended_at < before, Upload.stored_name.is_(None)
    )
    with transaction() as opened:
        done = opened.execute(
            sa.delete(Upload).where(Upload.id.in_(over.limit(limit))).execution_options(synchronize_session=False)
        )
        return done.rowcount  # type: ignore[attr-defined,no-any-return]
