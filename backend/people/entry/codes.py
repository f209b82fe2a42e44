"""A login code is exchanged with WeChat once, however often and wherever it arrives (wechat-protocol §3.1, §4.1).

Whoever writes the code's row first asks WeChat; whoever comes while the answer is still out waits for it and gets the
same. Later the code is used, as WeChat would say. Only the browser that began a web login gets its outcome again, for
phones like to load the page they come back to twice.

No transaction is open while WeChat is asked. A row whose asker died is taken over.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.people.entry.models import LoginCode
from backend.people.rules import CodeOutcome
from backend.storage import look, transaction
from backend.wechat.errors import CodeRejected, HighRiskUser, Unreachable

# A code lives five minutes at WeChat; the row outlives it, and a page that is loaded again.
KEPT_FOR = timedelta(minutes=15)
# Two calls of seven seconds at most; then whoever asked must have died.
ABANDONED_AFTER = timedelta(seconds=20)
WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Vouched:
    """Whom WeChat says a code belongs to. `answered_at`: when it said so. No `session_key` comes with a web login."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str | None = field(repr=False)
    answered_at: datetime


@dataclass(frozen=True)
class HandedIn:
    """A code as it arrived; `browser` is the secret of the browser that began a web login."""

    app_id: str
    code: str = field(repr=False)
    browser: str | None = field(default=None, repr=False)

    @property
    def key(self) -> dict[str, object]:
        """The row's key."""
        return {"app_id": self.app_id, "code_hash": hashlib.sha256(self.code.encode()).digest()}

    @property
    def browser_hash(self) -> bytes | None:
        """What is kept of the browser's secret."""
        return None if self.browser is None else hashlib.sha256(self.browser.encode()).digest()


def redeem(handed: HandedIn, ask: Callable[[], Vouched], take_in: Callable[[Vouched], uuid.UUID]) -> uuid.UUID:
    """The identity a code belongs to. `ask` asks WeChat; `take_in` notes the answer, in the open transaction.

    Raises what `ask` raises, `CodeRejected` for a code that is used, and `Unreachable` where another request is asking
    and comes to no end. Must not join a transaction.
    """
    if _claim(handed):
        return _carry_out(handed, ask, take_in)
    found = _look(handed)
    if found is None or found.outcome is None:
        return _awaited(handed)
    if found.outcome == CodeOutcome.TAKEN and handed.browser is not None and _same_browser(handed, found):
        return _identity(found)
    raise CodeRejected


def forget_old(limit: int = 500) -> int:
    """Delete rows of codes that nobody can use any more; returns how many."""
    old = sa.select(LoginCode.app_id, LoginCode.code_hash).where(LoginCode.claimed_at < now() - KEPT_FOR).limit(limit)
    key = sa.tuple_(LoginCode.app_id, LoginCode.code_hash)
    with transaction() as db:
        return len(db.execute(sa.delete(LoginCode).where(key.in_(old)).returning(LoginCode.code_hash)).all())


_CLAIM = sa.text(
    """
    INSERT INTO login_codes (app_id, code_hash, browser_hash, claimed_at)
    VALUES (:app_id, :code_hash, :browser_hash, :now)
    ON CONFLICT (app_id, code_hash) DO UPDATE SET claimed_at = :now, browser_hash = :browser_hash
    WHERE login_codes.finished_at IS NULL AND login_codes.claimed_at < :abandoned
    RETURNING app_id
    """
)
_LOOK = sa.text(
    "SELECT outcome, browser_hash, identity_id FROM login_codes WHERE app_id = :app_id AND code_hash = :code_hash"
)


def _claim(handed: HandedIn) -> bool:
    moment = now()
    values = {"browser_hash": handed.browser_hash, "now": moment, "abandoned": moment - ABANDONED_AFTER}
    return look(_CLAIM, {**handed.key, **values}) is not None


def _look(handed: HandedIn) -> Any:
    return look(_LOOK, handed.key)


def _carry_out(handed: HandedIn, ask: Callable[[], Vouched], take_in: Callable[[Vouched], uuid.UUID]) -> uuid.UUID:
    try:
        vouched = ask()
        with transaction():
            identity_id = take_in(vouched)
            _finish(handed, CodeOutcome.TAKEN, identity_id)
    except (CodeRejected, HighRiskUser):
        _finish(handed, CodeOutcome.REFUSED, None)
        raise
    except BaseException:
        _let_go(handed)  # nobody knows what became of it: the next who brings it may ask
        raise
    return identity_id


def _awaited(handed: HandedIn) -> uuid.UUID:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        found = _look(handed)
        if found is None:
            raise Unreachable
        if found.outcome == CodeOutcome.TAKEN and _same_browser(handed, found):
            return _identity(found)
        if found.outcome is not None:
            raise CodeRejected
    raise Unreachable


def _same_browser(handed: HandedIn, found: Any) -> bool:
    kept = None if found.browser_hash is None else bytes(found.browser_hash)
    return kept == handed.browser_hash


def _identity(found: Any) -> uuid.UUID:
    return uuid.UUID(str(found.identity_id))


def _finish(handed: HandedIn, outcome: CodeOutcome, identity_id: uuid.UUID | None) -> None:
    mine = sa.update(LoginCode).where(*_of(handed), LoginCode.finished_at.is_(None))
    with transaction() as db:
        db.execute(
            mine.values(finished_at=now(), outcome=outcome, identity_id=identity_id),
            execution_options={"synchronize_session": False},
        )


def _let_go(handed: HandedIn) -> None:
    with transaction() as db:
        db.execute(sa.delete(LoginCode).where(*_of(handed), LoginCode.finished_at.is_(None)))


def _of(handed: HandedIn) -> tuple[sa.ColumnElement[bool], ...]:
    key = handed.key
    return LoginCode.app_id == key["app_id"], LoginCode.code_hash == key["code_hash"]
