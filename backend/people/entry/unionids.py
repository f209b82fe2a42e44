"""Asks WeChat for a new follower's unionid, so that their mini-program and their chat are one person (§4.2).

The turn only writes a row; a worker asks, with no transaction open. Where WeChat tells none, because the products are
not on one Open Platform account, nothing is lost: people link them by a code (`linking`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.people.entry.models import UnionidLookup
from backend.people.identities import identity_for
from backend.storage import after_commit, run, transaction
from backend.wechat.errors import QuotaExceeded, RecipientRefuses, WeChatError
from messages import Product

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)
MAX_ATTEMPTS = 6
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))

# The unionid of a follower of an app (app id, openid), None where there is none. Raises `WeChatError`.
AskUnionid = Callable[[str, str], str | None]


class _Process:
    wake: Callable[[], object] | None = None


def use_wake(wake: Callable[[], object]) -> None:
    """Choose what is called after a commit that wants to know about a follower."""
    _Process.wake = wake


def _wake() -> None:
    if _Process.wake is not None:
        _Process.wake()


_WANT = sa.text(
    """
    INSERT INTO unionid_lookups (identity_id, due_at, attempts)
    SELECT id, :now, 0 FROM wechat_identities WHERE app_id = :app_id AND openid = :openid AND unionid IS NULL
    ON CONFLICT (identity_id) DO UPDATE SET due_at = :now, attempts = 0
    """
)
_FORGET = sa.text(
    """
    DELETE FROM unionid_lookups WHERE identity_id IN (
        SELECT id FROM wechat_identities WHERE app_id = :app_id AND openid = :openid
    )
    """
)
_CLAIM = sa.text(
    """
    UPDATE unionid_lookups AS lookup SET due_at = :until, attempts = lookup.attempts + 1
    FROM wechat_identities AS identity
    WHERE identity.id = lookup.identity_id AND lookup.identity_id = (
        SELECT identity_id FROM unionid_lookups WHERE due_at <= :now
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING lookup.identity_id, lookup.attempts, identity.app_id, identity.openid
    """
)


@dataclass(frozen=True)
class _Claimed:
    identity_id: uuid.UUID
    attempts: int
    app_id: str
    openid: str = field(repr=False)


def want_unionid(app_id: str, openid: str) -> None:
    """Have WeChat asked about a follower whose unionid is not known, after the open transaction has committed."""
    run(_WANT, {"app_id": app_id, "openid": openid, "now": now()})
    after_commit(_wake)


def forget_wish(app_id: str, openid: str) -> None:
    """The person has left: WeChat would tell nothing (§4.2)."""
    run(_FORGET, {"app_id": app_id, "openid": openid})


def anything_due() -> bool:
    """Whether somebody is to be asked about now."""
    with transaction() as db:
        return db.scalar(sa.select(sa.literal(1)).where(UnionidLookup.due_at <= now()).limit(1)) is not None


def ask_next(ask: AskUnionid) -> bool:
    """Ask about the follower that is due longest; False when nobody is. Must not join a transaction."""
    moment = now()
    with transaction():
        row = run(_CLAIM, {"now": moment, "until": moment + CLAIM}).fetchone()
    if row is None:
        return False
    claimed = _Claimed(row.identity_id, row.attempts, row.app_id, row.openid)
    try:
        unionid = ask(claimed.app_id, claimed.openid)
    except WeChatError as error:
        _failed(claimed, error)
        return True
    with transaction():
        if unionid is not None:
            identity_for(Product.ACCOUNT, claimed.app_id, claimed.openid, unionid)
        _done(claimed)
    return True


def _failed(claimed: _Claimed, error: WeChatError) -> None:
    log.info("unionid_not_told", extra={"kind": type(error).__name__, "attempts": claimed.attempts})
    with transaction() as db:
        if isinstance(error, RecipientRefuses) or claimed.attempts >= MAX_ATTEMPTS:
            _done(claimed)
            return
        later = error.retry_at if isinstance(error, QuotaExceeded) else now() + _PAUSES[claimed.attempts - 1]
        db.execute(
            sa.update(UnionidLookup).where(UnionidLookup.identity_id == claimed.identity_id).values(due_at=later)
        )


def _done(claimed: _Claimed) -> None:
    with transaction() as db:
        db.execute(sa.delete(UnionidLookup).where(UnionidLookup.identity_id == claimed.identity_id))
