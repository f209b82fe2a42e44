"""Pushes whose answer is late: put down when the person is told so, settled when the real answer is in the outbox.

A row of `late_pushes` decides, for all processes, how a push is answered. While there is none, the reply stands with
the push and is the passive one. Once there is one, every delivery of the push hears the same "it has arrived", and the
real answer leaves by customer-service message, once. WeChat, having been answered, does not repeat the push, so its
message is kept sealed in the row until the work is done; whoever dies, the tick does the work again (`answer_late`).
"""

from __future__ import annotations

import json
import logging
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.chat.inbox import AlreadyAnswered, find_answer
from backend.chat.kinds import is_personal
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import ask, key_ring, look, run, transaction
from backend.storage.sealing import sealed_context
from backend.wechat.inbound import Inbound, Unsubscribed
from backend.wechat.replies import said_in, text_reply
from messages import Product, Subject, post
from workflows.chat.texts import HAND_OVER_LATE, LATE

log = logging.getLogger(__name__)

NOTICE = "chat.late_answer"

# The thread at work settles it by itself; after this the tick looks.
FIRST_LOOK = timedelta(seconds=10)

_PUT_DOWN = sa.text(
    """
    INSERT INTO late_pushes (id, product, app_id, openid, dedup_key, received_at, next_at, attempts, message_sealed)
    SELECT :id, :product, push.app_id, :openid, push.dedup_key, :now, :next_at, 0, :message
    FROM (VALUES (CAST(:app_id AS text), CAST(:dedup_key AS text))) AS push(app_id, dedup_key)
    WHERE CAST(:although_answered AS boolean) OR NOT EXISTS (
        SELECT FROM inbound_pushes AS done WHERE done.app_id = push.app_id AND done.dedup_key = push.dedup_key
    )
    ON CONFLICT ON CONSTRAINT uq_late_pushes_app_id_dedup_key DO NOTHING
    RETURNING id
    """
)
# The push, and what the same person said before it: threads that have answered come here in any order.
_FIND = sa.text(
    """
    SELECT late.id, late.dedup_key, late.settled_at IS NOT NULL AS settled
    FROM late_pushes AS late JOIN late_pushes AS mine ON mine.app_id = late.app_id AND mine.openid = late.openid
    WHERE mine.app_id = :app_id AND mine.dedup_key = :dedup_key
        AND (late.settled_at IS NULL OR late.id = mine.id)
        AND (late.received_at, late.id) <= (mine.received_at, mine.id)
    ORDER BY late.received_at, late.id FOR UPDATE OF late
    """
)
_SETTLE = sa.text(
    """
    UPDATE late_pushes SET settled_at = :now, message_sealed = NULL, answer_sealed = :answer WHERE id = :id
    RETURNING app_id, openid
    """
)
_WHOSE = sa.text("SELECT person_id FROM conversations WHERE app_id = :app_id AND openid = :openid")
_ANSWER = sa.text("SELECT answer_sealed FROM late_pushes WHERE id = :id")
_FORGET = sa.text(
    "DELETE FROM late_pushes WHERE id IN (SELECT id FROM late_pushes WHERE settled_at < :before LIMIT :limit)"
)


def put_down(
    product: Product, app_id: str, message: Inbound, *, although_answered: bool = False
) -> AlreadyAnswered | None:
    """Put a push down as late, unless it has been answered meanwhile: then its answer. Outside any transaction."""
    row_id, moment = new_id(), now()
    raw = json.dumps(message.raw, ensure_ascii=False)
    values = {
        "id": row_id,
        "product": product.value,
        "app_id": app_id,
        "openid": message.sender,
        "dedup_key": message.dedup_key,
        "now": moment,
        "next_at": moment + FIRST_LOOK,
        "message": key_ring().seal(raw, _context(row_id, "message_sealed")),
        "although_answered": although_answered,
    }
    if ask(_PUT_DOWN, values):
        return None
    answered = find_answer(app_id, message.dedup_key)
    return None if answered is None or answered.late else answered


def late_reply(product: Product, message: Inbound) -> str | None:
    """What every delivery of a late push hears; None where WeChat shows no text (§1.4, §1.7) or nobody waits."""
    waits = product is Product.ACCOUNT and is_personal(message) and not isinstance(message, Unsubscribed)
    return text_reply(message, LATE) if waits else None


def settle(app_id: str, dedup_key: str) -> bool:
    """If a push is late and has been answered, post the answer; whether it is late.

    Answers to what the person said before it are posted first, if their threads have not come to it.
    """
    with transaction():
        rows = run(_FIND, {"app_id": app_id, "dedup_key": dedup_key}).fetchall()
        for row in rows:
            answered = None if row.settled else find_answer(app_id, row.dedup_key)
            if answered is not None:
                finish(row.id, answer_text(answered.reply_xml))
        return bool(rows)


def answer_text(reply_xml: str | None) -> str | None:
    """What a passive reply says, for a customer-service message: a chat can only be handed over passively (§1.5)."""
    if reply_xml is None:
        return None
    return said_in(reply_xml) or HAND_OVER_LATE


def finish(row_id: uuid.UUID, text: str | None) -> None:
    """Settle a late push, its row locked, in the open transaction; `text` is told to the person if it is known who."""
    answer = None if text is None else key_ring().seal(text, _context(row_id, "answer_sealed"))
    [row] = run(_SETTLE, {"id": row_id, "answer": answer, "now": now()}).fetchall()
    person = run(_WHOSE, {"app_id": row.app_id, "openid": row.openid}).fetchone()
    if text is None or person is None:
        return
    post(
        NOTICE,
        recipient_id=person.person_id,
        subject=Subject("late_push", row_id),
        data={"answer": str(row_id)},
        key=f"{NOTICE}:{row_id}",
    )


def read_late_answer(row_id: uuid.UUID) -> str | None:
    """The words of a late answer, for the moment at which it leaves; None once they are forgotten."""
    row = look(_ANSWER, {"id": row_id})
    if row is None or row.answer_sealed is None:
        return None
    return key_ring().open(row.answer_sealed, _context(row_id, "answer_sealed"))


def open_message(row_id: uuid.UUID, sealed: bytes) -> dict[str, object]:
    """The tree of a push that was put down."""
    tree: dict[str, object] = json.loads(key_ring().open(sealed, _context(row_id, "message_sealed")))
    return tree


def forget_settled(before: datetime, limit: int) -> int:
    """Delete what was settled before a moment; returns how many."""
    with transaction() as session:
        return session.execute(_FORGET, {"before": before, "limit": limit}).rowcount  # type: ignore[attr-defined,no-any-return]


def _context(row_id: uuid.UUID, column: str) -> str:
    return sealed_context("late_pushes", column, row_id)
