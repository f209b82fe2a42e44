"""WeChat looks at guests' words before anybody else does (wechat-protocol §6.6). Any number of workers may ask.

`errcode` 0 is no verdict: what counts is the suggestion. Whom WeChat will not judge, because they have not used the
mini-program lately (61010) or at all, a member of staff reads.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import AFTER_CHECK, CLAIM, MOST_ATTEMPTS, PAUSES, BlessingState, Finding
from backend.people.identities import miniprogram_identity
from backend.storage import transaction
from backend.wechat.errors import QuotaExceeded, WeChatError
from backend.wechat.security import TextVerdict

log = logging.getLogger(__name__)

# App id and openid of the mini-program, and text, to WeChat's verdict. Raises `WeChatError`.
CheckWords = Callable[[str, str, str], TextVerdict]


@dataclass(frozen=True)
class _Claimed:
    id: uuid.UUID
    round: int
    attempts: int
    guest: tuple[str, str] | None = field(repr=False)
    said: str = field(repr=False)


def anything_due() -> bool:
    """Whether words wait to be looked at now."""
    with transaction() as db:
        return db.scalar(_due().with_only_columns(sa.literal(True)).limit(1)) is not None


def check_next(check: CheckWords) -> bool:
    """Have the words looked at that are due longest; False when none are. Must not join a transaction."""
    claimed = _claim()
    if claimed is None:
        return False
    if claimed.guest is None:
        _record(claimed, Finding.UNASKED, None)
        return True
    try:
        verdict = check(*claimed.guest, claimed.said)
    except WeChatError as error:
        _failed(claimed, error)
    else:
        _record(claimed, Finding(verdict.suggestion.value), verdict.label)
    return True


def _due() -> sa.Select[Blessing]:
    return sa.select(Blessing).where(Blessing.state == BlessingState.CHECKING, Blessing.next_at <= now())


def _claim() -> _Claimed | None:
    with transaction() as db:
        query = _due().order_by(Blessing.next_at).limit(1).with_for_update(skip_locked=True)
        row = db.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if row is None:
            return None
        row.next_at, row.round, row.attempts = now() + CLAIM, row.round + 1, row.attempts + 1
        said = f"{row.name}：{row.words}"
        return _Claimed(row.id, row.round, row.attempts, miniprogram_identity(row.person_id), said)


def _failed(claimed: _Claimed, error: WeChatError) -> None:
    log.warning("blessing_not_checked", extra={"kind": type(error).__name__, "errcode": error.errcode})
    if not error.retry or claimed.attempts >= MOST_ATTEMPTS:
        _record(claimed, Finding.UNASKED, None)
        return
    later = error.retry_at if isinstance(error, QuotaExceeded) else now() + PAUSES[claimed.attempts - 1]
    with transaction() as db:
        db.execute(_mine(claimed).values(next_at=later))


def _record(claimed: _Claimed, finding: Finding, label: int | None) -> None:
    state = AFTER_CHECK[finding]
    with transaction() as db:
        db.execute(_mine(claimed).values(state=state, finding=finding, label=label, next_at=None, changed_at=now()))


def _mine(claimed: _Claimed) -> sa.Update:
    """The row, unless the words are others meanwhile or another worker has them."""
    mine = (Blessing.id == claimed.id, Blessing.round == claimed.round, Blessing.state == BlessingState.CHECKING)
    return sa.update(Blessing).where(*mine).execution_options(synchronize_session=False)
