"""WeChat looks at a picture before any guest does (wechat-protocol §6.6). Any number of workers may ask.

WeChat takes the picture from an address of ours that nobody can guess, which ends after ten minutes or with the
verdict. The verdict comes later as a push; it is found by the row of the picture it was asked about. Whom WeChat will
not judge (61010), and what it says nothing of within half an hour, a member of staff looks at.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.marriage.blessings.rules import CLAIM, MOST_ATTEMPTS, PAUSES, Finding
from backend.marriage.covers.models import Cover
from backend.marriage.covers.rules import AFTER_CHECK, ANSWER_WITHIN, FETCHABLE_FOR, SUBJECT, CoverState
from backend.people.identities import miniprogram_identity
from backend.people.rights.notice import public_address
from backend.storage import transaction
from backend.wechat.errors import QuotaExceeded, WeChatError
from backend.wechat.media_checks import CheckedSubject, media_verdicts

log = logging.getLogger(__name__)

PATH = "/h5/ceremony/for-wechat/"
_KEY_BYTES = 32
_BATCH = 100

# App id and openid of the mini-program, address of the picture, whose it is. Raises `WeChatError`.
AskAbout = Callable[[str, str, str, CheckedSubject], object]


@dataclass(frozen=True)
class _Claimed:
    id: uuid.UUID
    attempts: int
    sender: tuple[str, str] | None = field(repr=False)
    key: str = field(repr=False)


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).digest()


def anything_to_ask() -> bool:
    """Whether WeChat is to be asked about a picture now."""
    with transaction() as db:
        return db.scalar(_to_ask().with_only_columns(sa.literal(True)).limit(1)) is not None


def ask_about_next(ask: AskAbout) -> bool:
    """Ask about the picture that is due longest; False when none is. Must not join a transaction."""
    claimed = _claim()
    if claimed is None:
        return False
    if claimed.sender is None:
        _record(claimed.id, Finding.UNASKED)
        return True
    try:
        ask(*claimed.sender, public_address(f"{PATH}{claimed.key}"), CheckedSubject(SUBJECT, claimed.id))
    except WeChatError as error:
        _failed(claimed, error)
    else:
        with transaction() as db:
            db.execute(_checking(claimed.id).values(asked_at=now(), next_at=now() + ANSWER_WITHIN))
    return True


def take_verdicts() -> int:
    """Follow what WeChat has said meanwhile, and give to the staff what it is silent about; returns how many."""
    with transaction() as db:
        asked = sa.select(Cover.id, Cover.next_at).where(
            Cover.state == CoverState.CHECKING, Cover.asked_at.is_not(None)
        )
        found = db.execute(asked.order_by(Cover.next_at).limit(_BATCH)).all()
        said = media_verdicts(SUBJECT, [row.id for row in found])
        done = 0
        for row in found:
            if row.id in said:
                done += _record(row.id, Finding(said[row.id].value))
            elif row.next_at <= now():
                done += _record(row.id, Finding.UNASKED)
        return done


def _to_ask() -> sa.Select[Cover]:
    due = Cover.state == CoverState.CHECKING, Cover.asked_at.is_(None), Cover.next_at <= now()
    return sa.select(Cover).where(*due)


def _claim() -> _Claimed | None:
    with transaction() as db:
        query = _to_ask().order_by(Cover.next_at).limit(1).with_for_update(skip_locked=True)
        row = db.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if row is None:
            return None
        key = secrets.token_urlsafe(_KEY_BYTES)
        row.next_at, row.attempts = now() + CLAIM, row.attempts + 1
        row.key_hash, row.key_until = hash_of(key), now() + FETCHABLE_FOR
        return _Claimed(row.id, row.attempts, miniprogram_identity(row.person_id), key)


def _failed(claimed: _Claimed, error: WeChatError) -> None:
    log.warning("cover_not_asked", extra={"kind": type(error).__name__, "errcode": error.errcode})
    if not error.retry or claimed.attempts >= MOST_ATTEMPTS:
        _record(claimed.id, Finding.UNASKED)
        return
    later = error.retry_at if isinstance(error, QuotaExceeded) else now() + PAUSES[claimed.attempts - 1]
    with transaction() as db:
        db.execute(_checking(claimed.id).where(Cover.asked_at.is_(None)).values(next_at=later))


def _record(cover_id: uuid.UUID, finding: Finding) -> int:
    """Note a verdict; 0 when the picture is another one meanwhile, or another worker was first."""
    over = {"next_at": None, "key_hash": None, "key_until": None, "changed_at": now()}
    with transaction() as db:
        noted = _checking(cover_id).values(state=AFTER_CHECK[finding], finding=finding, **over).returning(Cover.id)
        return len(db.execute(noted).all())


def _checking(cover_id: uuid.UUID) -> sa.Update:
    mine = Cover.id == cover_id, Cover.state == CoverState.CHECKING
    return sa.update(Cover).where(*mine).execution_options(synchronize_session=False)
