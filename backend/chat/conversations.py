"""Conversation rows: locked for a turn, opened into `Progress`, written back with the reply in one statement."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.chat.inbox import AlreadyAnswered, Claimed, answered_before, find_answer
from backend.kernel.clock import BEIJING, now
from backend.kernel.ids import new_id
from backend.people import identity_for
from backend.storage import key_ring, run, session
from backend.storage.sealing import sealed_context
from messages import Product
from workflows.chat.engine import Progress

# Shorter than the 48 hours in which a customer-service message may still say how to go on (wechat-protocol §5.4).
LIFETIME = timedelta(hours=47)


@dataclass(frozen=True)
class OpenConversation:
    """A locked conversation row: whose it is, where it stands, and the push of it that is ours to answer.

    `notice_version`: the newest privacy rules this chat has named. `followed_at`, `left_at`: as in `models`.
    """

    id: uuid.UUID
    person_id: uuid.UUID
    progress: Progress | None
    push: Claimed
    notice_version: int = 0
    followed_at: datetime | None = None
    left_at: datetime | None = None


# The claim reads from the locked row, so the lock comes first: one person's messages are answered one at a time.
_OPEN = sa.text(
    """
    WITH conversation AS MATERIALIZED (
        SELECT id, person_id, state_sealed, notice_version, followed_at, left_at FROM conversations
        WHERE app_id = :app_id AND openid = :openid FOR UPDATE
    ),
    push AS (
        INSERT INTO inbound_pushes (id, app_id, dedup_key, received_at)
        SELECT :push_id, :app_id, :dedup_key, :now FROM conversation
        ON CONFLICT ON CONSTRAINT uq_inbound_pushes_app_id_dedup_key DO NOTHING
        RETURNING id
    )
    SELECT conversation.id, person_id, state_sealed, notice_version, followed_at, left_at, push.id AS push_id
    FROM conversation LEFT JOIN push ON true
    """
)
_NEW = sa.text(
    """
    INSERT INTO conversations (id, app_id, openid, person_id, updated_at)
    VALUES (:id, :app_id, :openid, :person_id, :now)
    ON CONFLICT ON CONSTRAINT uq_conversations_app_id_openid DO NOTHING
    """
)
_STORE = sa.text(
    """
    WITH answered AS (UPDATE inbound_pushes SET reply_sealed = :reply WHERE id = :push_id)
    UPDATE conversations
    SET flow = :flow, state_sealed = :state, expires_at = :expires_at, updated_at = :now
    WHERE id = :id
    """
)


def open_conversation(app_id: str, openid: str, dedup_key: str) -> OpenConversation | AlreadyAnswered:
    """Lock the conversation of an openid and claim its push, inside the open transaction.

    The conversation is made on first contact.
    """
    values = {"app_id": app_id, "openid": openid, "dedup_key": dedup_key, "push_id": new_id(), "now": now()}
    row = run(_OPEN, values).fetchone()
    if row is None:
        # WeChat may repeat the push by which somebody closed their account: that must not make them anew.
        before = find_answer(app_id, dedup_key)
        if before is not None:
            return before
        identity = identity_for(Product.ACCOUNT, app_id, openid)
        new = {"id": new_id(), "app_id": app_id, "openid": openid, "person_id": identity.person_id, "now": now()}
        run(_NEW, new)
        [row] = run(_OPEN, values)
    if row.push_id is None:
        return answered_before(app_id, dedup_key)
    progress, push = read_progress(row.id, row.state_sealed), Claimed(row.push_id)
    return OpenConversation(
        row.id, row.person_id, progress, push, row.notice_version, _local(row.followed_at), _local(row.left_at)
    )


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(BEIJING)


def store_turn(conversation: OpenConversation, progress: Progress | None, reply_xml: str | None) -> None:
    """Write where the conversation stands now and what the push was answered."""
    run(
        _STORE,
        {
            "id": conversation.id,
            "push_id": conversation.push.id,
            "reply": None if reply_xml is None else conversation.push.seal(reply_xml),
            "flow": progress.flow if progress else None,
            "state": seal_progress(conversation.id, progress),
            "expires_at": now() + LIFETIME if progress else None,
            "now": now(),
        },
    )


@dataclass(frozen=True)
class Expired:
    """A conversation that was left lying; its person is told how to go on."""

    id: uuid.UUID
    person_id: uuid.UUID
    progress: Progress | None
    expired_at: datetime


_EXPIRED = sa.text(
    """
    SELECT id, person_id, state_sealed, expires_at FROM conversations
    WHERE expires_at <= :now ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
    """
)
_END = sa.text("UPDATE conversations SET flow = NULL, state_sealed = NULL, expires_at = NULL WHERE id = :id")


def take_expired(limit: int) -> list[Expired]:
    """End conversations nobody answered any more, inside the open transaction."""
    rows = session().execute(_EXPIRED, {"now": now(), "limit": limit}).all()
    for row in rows:
        session().execute(_END, {"id": row.id})
    return [Expired(row.id, row.person_id, read_progress(row.id, row.state_sealed), row.expires_at) for row in rows]


def seal_progress(row_id: uuid.UUID, progress: Progress | None) -> bytes | None:
    """Where the conversation of a row stands, as it is stored; None for one that is over."""
    if progress is None:
        return None
    return key_ring().seal(json.dumps(vars(progress), ensure_ascii=False), _context(row_id))


def read_progress(row_id: uuid.UUID, sealed: bytes | None) -> Progress | None:
    """What `seal_progress` stored."""
    return None if sealed is None else Progress(**json.loads(key_ring().open(sealed, _context(row_id))))


def _context(row_id: uuid.UUID) -> str:
    return sealed_context("conversations", "state_sealed", row_id)
