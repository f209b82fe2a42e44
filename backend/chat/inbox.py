"""Each push is answered once, and a repeat gets the first answer (wechat-protocol §1.6).

The row with the push's unique key is written in the transaction that does the work. A second delivery that comes while
the first is still working waits at the unique index until the first has committed, then finds the stored reply.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import key_ring, look, run, transaction
from backend.storage.sealing import sealed_context

KEPT_DAYS = 7

_CLAIM = sa.text(
    """
    INSERT INTO inbound_pushes (id, app_id, dedup_key, received_at)
    VALUES (:id, :app_id, :dedup_key, :now)
    ON CONFLICT ON CONSTRAINT uq_inbound_pushes_app_id_dedup_key DO NOTHING
    RETURNING id
    """
)
_STORED = sa.text(
    """
    SELECT id, reply_sealed, EXISTS (
        SELECT FROM late_pushes WHERE app_id = :app_id AND dedup_key = :dedup_key
    ) AS late
    FROM inbound_pushes WHERE app_id = :app_id AND dedup_key = :dedup_key
    """
)
_FORGET = sa.text(
    "DELETE FROM inbound_pushes WHERE id IN (SELECT id FROM inbound_pushes WHERE received_at < :before LIMIT :limit)"
)


@dataclass(frozen=True)
class Claimed:
    """A push that is ours to answer."""

    id: uuid.UUID

    def seal(self, reply_xml: str) -> bytes:
        """The reply as it is stored; the caller writes it together with the conversation."""
        return key_ring().seal(reply_xml, _context(self.id))


@dataclass(frozen=True)
class AlreadyAnswered:
    """A repeat; `reply_xml` is the first answer, None where there was nothing to say.

    `late`: the person was told to wait instead, so the answer is not for a passive reply (`late`).
    """

    reply_xml: str | None
    late: bool = False


def claim(app_id: str, dedup_key: str) -> Claimed | AlreadyAnswered:
    """Take a push inside the open transaction, or learn what was answered before."""
    row_id = new_id()
    parameters = {"id": row_id, "app_id": app_id, "dedup_key": dedup_key, "now": now()}
    if run(_CLAIM, parameters).fetchone():
        return Claimed(row_id)
    return answered_before(app_id, dedup_key)


def answered_before(app_id: str, dedup_key: str) -> AlreadyAnswered:
    """What a push that has been claimed and committed was answered."""
    found = find_answer(app_id, dedup_key)
    if found is None:
        raise LookupError("this push has not been claimed")
    return found


def find_answer(app_id: str, dedup_key: str) -> AlreadyAnswered | None:
    """What a push was answered; None for one that nobody has claimed."""
    stored = look(_STORED, {"app_id": app_id, "dedup_key": dedup_key})
    if stored is None:
        return None
    sealed = stored.reply_sealed
    return AlreadyAnswered(None if sealed is None else key_ring().open(sealed, _context(stored.id)), stored.late)


def forget_older(days: int = KEPT_DAYS, limit: int = 1000) -> int:
    """Delete pushes that WeChat will not repeat any more; returns how many."""
    with transaction() as opened:
        done = opened.execute(_FORGET, {"before": now() - timedelta(days=days), "limit": limit})
        return done.rowcount  # type: ignore[attr-defined,no-any-return]


def _context(row_id: uuid.UUID) -> str:
    return sealed_context("inbound_pushes", "reply_sealed", row_id)
