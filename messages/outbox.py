"""The outbox: what is to be told is a row, written in the transaction of what it tells about. Nothing is sent here.

`move` is the only way a message changes its state. `MOVES` is the whole table of what may follow what.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import after_commit, run_along, session
from messages.models import OutboxMessage, OutboxState
from messages.notices import notice

log = logging.getLogger(__name__)

MOVES: Mapping[OutboxState, frozenset[OutboxState]] = MappingProxyType(
    {
        OutboxState.QUEUED: frozenset(
            {
                OutboxState.SENDING,  # claimed
                OutboxState.SENT,  # a push says that the call without an answer was carried out
                OutboxState.UNCERTAIN,  # a call without an answer is too old to be repeated
                OutboxState.DEAD,  # no way out
                OutboxState.EXPIRED,
                OutboxState.CANCELLED,
            }
        ),
        OutboxState.SENDING: frozenset(
            {
                OutboxState.SENT,
                OutboxState.QUEUED,  # refused, to be tried again or another way; or the claim ran out
                OutboxState.UNCERTAIN,
                OutboxState.DEAD,
            }
        ),
        OutboxState.SENT: frozenset({OutboxState.QUEUED}),  # a push says that it did not arrive: another way
        OutboxState.UNCERTAIN: frozenset(
            {
                OutboxState.SENT,  # a push, a late answer, or a member of staff settles it
                OutboxState.QUEUED,  # a push says that it did not arrive, or staff send it again
                OutboxState.EXPIRED,
            }
        ),
        OutboxState.DEAD: frozenset(
            {
                OutboxState.SENT,  # a member of staff told the person
                OutboxState.QUEUED,  # staff send it again
                OutboxState.EXPIRED,
            }
        ),
        OutboxState.CANCELLED: frozenset(),
        OutboxState.EXPIRED: frozenset(),
    }
)

_NOBODY_ACTS = frozenset({OutboxState.SENT, OutboxState.CANCELLED, OutboxState.EXPIRED})


@dataclass(frozen=True)
class Subject:
    """What a message is about, such as an appointment: `kind` of up to 40 characters, and the id of the row."""

    kind: str
    id: uuid.UUID


class _Process:
    wake: Callable[[], object] | None = None


def use_wake(wake: Callable[[], object]) -> None:
    """Choose what is called after a commit that queued messages. Without one the tick's sweep finds them."""
    _Process.wake = wake


def wake_up() -> None:
    """Tell the workers that there is something to send."""
    if _Process.wake is not None:
        _Process.wake()


# What `add` writes, for one row and as text: every booking posts, and building the statement would cost most of it.
_ADD_ONE = sa.text(
    """
    INSERT INTO outbox_messages (id, key, notice, recipient_id, subject_kind, subject_id, data, state, attempts, round,
        next_at, not_after, created_at)
    VALUES (:id, :key, :notice, :recipient_id, :subject_kind, :subject_id, CAST(:data AS jsonb), 'queued', 0, 1,
        :next_at, :not_after, :created_at)
    ON CONFLICT (key) DO NOTHING
    """
)


def post(
    notice_key: str,
    *,
    recipient_id: uuid.UUID,
    subject: Subject,
    data: Mapping[str, str],
    key: str,
    not_after: datetime | None = None,
) -> None:
    """Queue a notice, in the caller's open transaction. The same `key` (up to 160 characters) is queued once.

    Raises `KeyError` for an unknown notice and `ValueError` for data it does not take (`Notice.check`).
    `not_after`: from then on telling it would mislead.
    """
    notice(notice_key).check(data)
    row = message_row(notice_key, recipient_id, subject, data, key, not_after)
    run_along(_ADD_ONE, row | {"data": json.dumps(row["data"], ensure_ascii=False)})
    after_commit(wake_up)


def message_row(
    notice_key: str,
    recipient_id: uuid.UUID,
    subject: Subject,
    data: Mapping[str, str],
    key: str,
    not_after: datetime | None,
) -> dict[str, Any]:
    """The columns of a new message, due at once."""
    moment = now()
    return {
        "id": new_id(),
        "key": key,
        "notice": notice_key,
        "recipient_id": recipient_id,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "data": dict(data),
        "next_at": moment,
        "not_after": not_after,
        "created_at": moment,
    }


def add(rows: Collection[Mapping[str, Any]]) -> None:
    """Insert messages made by `message_row`; keys that are there already are left as they are."""
    if not rows:
        return
    session().execute(insert(OutboxMessage).values(list(rows)).on_conflict_do_nothing(index_elements=["key"]))
    after_commit(wake_up)


def move(
    message_id: uuid.UUID,
    to: OutboxState,
    *,
    only_from: Collection[OutboxState] = frozenset(OutboxState),
    **changes: Any,
) -> bool:
    """Bring a message into state `to` together with `changes`, in one statement; False if its state does not allow it.

    A change that comes late or twice is logged and dropped. `settled_at` follows from the state unless given.
    """
    allowed = [state for state, targets in MOVES.items() if to in targets and state in only_from]
    values = {"settled_at": now() if to in _NOBODY_ACTS else None} | changes
    statement = sa.update(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.state.in_(allowed))
    moved = session().execute(
        statement.values(state=to, **values).returning(OutboxMessage.id).execution_options(synchronize_session=False)
    )
    if moved.first() is None:
        log.info("outbox_move_dropped message=%s to=%s", message_id, to)
        return False
    return True


def another_way(message_id: uuid.UUID, failure: str) -> None:
    """The way used last is closed: let the message look for the next one at once."""
    move(message_id, OutboxState.QUEUED, next_at=now(), failure=failure)


def cancel_for(subject: Subject, *, key_prefix: str = "", keep: Collection[str] = ()) -> int:
    """Cancel what is queued about a subject and not yet on its way; returns how many.

    Limited to keys that begin with `key_prefix` and are not in `keep`.
    """
    statement = sa.update(OutboxMessage).where(
        OutboxMessage.subject_kind == subject.kind,
        OutboxMessage.subject_id == subject.id,
        OutboxMessage.key.startswith(key_prefix, autoescape=True),
        OutboxMessage.key.not_in(keep),
    )
    return _cancel(statement)


def cancel_for_recipient(recipient_id: uuid.UUID) -> int:
    """Cancel all that is queued for a person who is to be left alone; returns how many."""
    return _cancel(sa.update(OutboxMessage).where(OutboxMessage.recipient_id == recipient_id))


def _cancel(statement: sa.Update) -> int:
    cancelled = session().execute(
        statement.where(OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.CANCELLED, settled_at=now())
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(cancelled.all())
