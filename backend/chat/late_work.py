"""Work on late pushes that nobody does any more: its process died, or had no thread free (run by the tick)."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from backend.chat.answering import answer_alone, answer_miniprogram_push
from backend.chat.inbox import AlreadyAnswered, claim, find_answer
from backend.chat.kinds import is_personal
from backend.chat.late import answer_text, finish, open_message
from backend.kernel.clock import now
from backend.storage import run, transaction
from backend.wechat.parsing import parse_inbound
from messages import Product, note_interaction
from workflows.chat.texts import FAULT, SAY_AGAIN

log = logging.getLogger(__name__)

# A turn that still runs holds the conversation; it is waited for another time.
WAIT_MILLISECONDS = 1000
RETRY = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))

_DUE = sa.text(
    """
    SELECT id, attempts FROM late_pushes WHERE settled_at IS NULL AND next_at <= :now
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_CLAIM = sa.text("UPDATE late_pushes SET attempts = attempts + 1, next_at = :next_at WHERE id = :id")
_LOCK = sa.text("SELECT * FROM late_pushes WHERE id = :id AND settled_at IS NULL FOR UPDATE")
_PATIENCE = sa.text(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
_CONVERSATION = sa.text("SELECT updated_at FROM conversations WHERE app_id = :app_id AND openid = :openid FOR UPDATE")


def answer_late(limit: int = 20) -> int:
    """Do what is left of late pushes, and post the answers; returns how many were looked at."""
    for done in range(limit):
        if not _one():
            return done
    return limit


def _one() -> bool:
    with transaction():
        due = run(_DUE, {"now": now()}).fetchone()
        if due is None:
            return False
        last = due.attempts >= len(RETRY)
        run(_CLAIM, {"id": due.id, "next_at": now() + RETRY[-1 if last else due.attempts]})
    try:
        _work(due.id)
    except Exception:
        log.exception("late_push_failed", extra={"attempt": due.attempts})
        if last:
            _give_up(due.id)
    return True


def _work(row_id: uuid.UUID) -> None:
    with transaction():
        run(_PATIENCE, {})
        row = run(_LOCK, {"id": row_id}).fetchone()
        if row is None:
            return
        if find_answer(row.app_id, row.dedup_key) is None:
            text = _redone(row)
            if text is not None:
                finish(row.id, text)
                return
        # Read again: the thread that was at it may have been quicker while we waited for the conversation.
        answered = find_answer(row.app_id, row.dedup_key)
        finish(row.id, answer_text(answered.reply_xml) if answered else None)


def _redone(row: Any) -> str | None:
    """Do the work now; a text where the answer is not the stored reply.

    A conversation that has gone on since is left as it is: the same words can mean something else in it.
    """
    message = parse_inbound(open_message(row.id, row.message_sealed))
    if row.product != Product.ACCOUNT:
        answer_miniprogram_push(row.app_id, message)
        return None
    if is_personal(message):
        conversation = run(_CONVERSATION, {"app_id": row.app_id, "openid": row.openid}).fetchone()
        if conversation is not None and conversation.updated_at > row.received_at:
            claimed = claim(row.app_id, row.dedup_key)
            return None if isinstance(claimed, AlreadyAnswered) or message.is_event else SAY_AGAIN
    answer_alone(row.app_id, message)
    return None


def _give_up(row_id: uuid.UUID) -> None:
    with transaction():
        row = run(_LOCK, {"id": row_id}).fetchone()
        if row is None:
            return
        message = parse_inbound(open_message(row.id, row.message_sealed))
        claim(row.app_id, row.dedup_key)
        if row.product == Product.ACCOUNT and not message.is_event:
            note_interaction(row.app_id, row.openid, "message", row.received_at)
            finish(row.id, FAULT)
        else:
            finish(row.id, None)
