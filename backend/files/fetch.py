"""Use case `fetch_next`: fetch one file that is owed, check it, keep it. Any number of workers may try.

A worker claims the row, then fetches, checks, scans and writes with no transaction open, then records what came of it
on condition that the claim is still its own. Each claim has a file name and a key of its own, so a worker that was
taken to be dead cannot spoil the file of the one that came after it.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.files import vault
from backend.files.clamd import ScannerAway
from backend.files.models import Upload
from backend.files.receive import settled
from backend.files.rules import CLAIM, FETCHABLE_FOR, RETRY, Refusal, Unfit, UploadState, content_type
from backend.kernel.clock import now
from backend.storage import transaction

log = logging.getLogger(__name__)


class NotNow(Exception):
    """The file could not be fetched at present."""


class Gone(Exception):
    """WeChat does not have the file, and will not have it later."""


# App id and media_id to the bytes; raises `NotNow` or `Gone`.
Fetch = Callable[[str, str], bytes]


@dataclass(frozen=True)
class _Claimed:
    id: uuid.UUID
    app_id: str
    media_id: str
    attempt: int
    name: str
    created_at: datetime


def fetch_next(fetch: Fetch) -> bool:
    """Deal with the file that has been due longest; False when none is."""
    claimed = _claim()
    if claimed is None:
        return False
    try:
        body = fetch(claimed.app_id, claimed.media_id)
        kind = content_type(body)
        _scan(body)
    except Unfit as unfit:
        _refuse(claimed, unfit.refusal)
    except Gone:
        _refuse(claimed, Refusal.GONE)
    except (NotNow, ScannerAway) as error:
        log.warning("upload_not_fetched upload=%s error=%s", claimed.id, type(error).__name__)
        if now() - claimed.created_at >= FETCHABLE_FOR:
            _refuse(claimed, Refusal.GONE)
    else:
        _keep(claimed, body, kind)
    return True


def anything_due() -> bool:
    """Whether a file waits to be fetched."""
    with transaction() as session:
        return session.scalar(_due().with_only_columns(Upload.id).limit(1)) is not None


def _due() -> sa.Select[Upload]:
    return sa.select(Upload).where(Upload.state == UploadState.OWED, Upload.next_at <= now())


def _claim() -> _Claimed | None:
    with transaction() as session:
        row = session.scalars(_due().order_by(Upload.next_at).limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        if row.stored_name is not None:  # of an attempt that came to nothing
            vault.remove(row.stored_name)
        row.stored_name = vault.new_name()
        row.next_at = now() + max(CLAIM, RETRY[min(row.attempts, len(RETRY) - 1)])
        row.attempts += 1
        return _Claimed(row.id, row.app_id, row.media_id or "", row.attempts, row.stored_name, row.created_at)


def _scan(body: bytes) -> None:
    is_clean = vault.scanner()
    if is_clean is not None and not is_clean(body):
        raise Unfit(Refusal.INFECTED)


def _keep(claimed: _Claimed, body: bytes, kind: str) -> None:
    key = vault.new_key()
    vault.write(claimed.name, claimed.id, key, body)
    with transaction():
        row = _mine(claimed)
        if row is not None:
            row.state, row.fetched_at, row.media_id = UploadState.FETCHED, now(), None
            row.content_type, row.size, row.sha256 = kind, len(body), hashlib.sha256(body).digest()
            row.file_key = key
            settled(row)
    if row is None:
        vault.remove(claimed.name)


def _refuse(claimed: _Claimed, refusal: Refusal) -> None:
    log.info("upload_refused upload=%s refusal=%s", claimed.id, refusal)
    with transaction():
        row = _mine(claimed)
        if row is not None:
            row.state, row.refusal, row.ended_at = UploadState.REFUSED, refusal, now()
            row.media_id = row.stored_name = None
            settled(row)


def _mine(claimed: _Claimed) -> Upload | None:
    """The row, locked, while it is this worker's: neither erased meanwhile nor taken over."""
    with transaction() as session:
        mine = sa.select(Upload).where(
            Upload.id == claimed.id, Upload.state == UploadState.OWED, Upload.attempts == claimed.attempt
        )
        return session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one_or_none()
