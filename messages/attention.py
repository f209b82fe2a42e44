"""What a member of staff has to do by hand: messages that WeChat could not carry, or may have carried."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import after_commit, transaction
from messages.models import Channel, OutboxMessage, OutboxState
from messages.notices import Notice, find_notice
from messages.outbox import Subject, move, wake_up

ON_THE_DESK = (OutboxState.DEAD, OutboxState.UNCERTAIN)


@dataclass(frozen=True)
class Attention:
    """A message on the desk. `text` is what to say; `failure` why it is here, a stable code."""

    message_id: uuid.UUID
    notice: str
    recipient_id: uuid.UUID
    subject: Subject
    text: str
    state: OutboxState
    failure: str | None
    created_at: datetime
    not_after: datetime | None


@dataclass(frozen=True)
class AttentionPage:
    """Part of the desk's list, oldest first; `next_cursor` is None at its end."""

    items: tuple[Attention, ...]
    next_cursor: str | None


def needing_attention(
    cursor: str | None = None, limit: int = 50, among: sa.ColumnElement[bool] | None = None
) -> AttentionPage:
    """Messages that a person has to pass on and still can, oldest first; `among` is a condition on their subjects.

    Raises `ValueError` for a cursor that is not one of ours.
    """
    statement = sa.select(OutboxMessage).where(
        OutboxMessage.state.in_(ON_THE_DESK),
        OutboxMessage.settled_at.is_(None),
        sa.or_(OutboxMessage.not_after.is_(None), OutboxMessage.not_after > now()),
    )
    if among is not None:
        statement = statement.where(among)
    if cursor is not None:
        place = sa.tuple_(OutboxMessage.created_at, OutboxMessage.id)
        statement = statement.where(place > sa.tuple_(*_read_cursor(cursor)))
    with transaction() as db:
        rows = db.scalars(statement.order_by(OutboxMessage.created_at, OutboxMessage.id).limit(limit + 1)).all()
    items = tuple(_attention(row) for row in rows[:limit])
    return AttentionPage(items, _cursor(items[-1]) if len(rows) > limit else None)


def send_again(message_id: uuid.UUID) -> bool:
    """Queue a message of the desk afresh, with every way open again; False if it is not on the desk any more."""
    with transaction():
        moved = move(
            message_id,
            OutboxState.QUEUED,
            only_from=ON_THE_DESK,
            next_at=now(),
            attempts=0,
            round=OutboxMessage.round + 1,
            failure=None,
        )
        after_commit(wake_up)
        return moved


def settle(message_id: uuid.UUID) -> bool:
    """Record that a person told it, for example by telephone; False if it is not on the desk any more."""
    with transaction():
        return move(message_id, OutboxState.SENT, only_from=ON_THE_DESK, channel=Channel.DESK)


def expire_moot(limit: int = 500) -> int:
    """Take messages off the desk which it is now too late to pass on; returns how many."""
    with transaction() as db:
        moot = (
            sa.select(OutboxMessage.id)
            .where(
                OutboxMessage.state.in_(ON_THE_DESK),
                OutboxMessage.settled_at.is_(None),
                OutboxMessage.not_after <= now(),
            )
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return sum(move(message_id, OutboxState.EXPIRED) for message_id in db.scalars(moot).all())


def _attention(row: OutboxMessage) -> Attention:
    known = find_notice(row.notice)
    return Attention(
        message_id=row.id,
        notice=row.notice,
        recipient_id=row.recipient_id,
        subject=Subject(row.subject_kind, row.subject_id),
        text=_text(known, row.data),
        state=row.state,
        failure=row.failure,
        created_at=row.created_at,
        not_after=row.not_after,
    )


def _text(known: Notice | None, data: Mapping[str, str]) -> str:
    """The wording; empty for a notice that is gone, or whose wording has come to need what this row does not hold."""
    try:
        return known.wording(data) if known else ""
    except KeyError:
        return ""


def _cursor(last: Attention) -> str:
    return f"{last.created_at.isoformat()}~{last.message_id}"


def _read_cursor(cursor: str) -> tuple[sa.BindParameter[datetime], sa.BindParameter[uuid.UUID]]:
    moment, _, message_id = cursor.partition("~")
    created_at = datetime.fromisoformat(moment)
    if created_at.tzinfo is None:
        raise ValueError("a cursor needs an aware time")
    return (
        sa.bindparam("after_moment", created_at, OutboxMessage.created_at.type),
        sa.bindparam("after_id", uuid.UUID(message_id), OutboxMessage.id.type),
    )
