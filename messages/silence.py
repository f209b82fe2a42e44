"""Nothing more is sent to somebody who was recorded dead, and again when that was a mistake (domain-rules §3.4-3, §7).

Two guards: what waits is cancelled at once, and delivery asks for a silence before every send, so that what is queued
later, or comes back from a failed send, stays unsaid too.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.storage import session
from messages.models import OutboxMessage, OutboxState, Reminder, ReminderState, Silence
from messages.outbox import Subject, add, message_row

# A message that is told again has a key of its own, which still begins as the old one did.
_OLD_KEY_CHARACTERS = 120


@dataclass(frozen=True)
class Stopped:
    """What a silence took away: reminders, each with the version it had, and messages."""

    reminders: Sequence[tuple[uuid.UUID, int]]
    messages: Sequence[uuid.UUID]


@dataclass(frozen=True)
class Resumed:
    """What came back, and what is too late to be told."""

    reminders: int
    messages: int
    late_reminders: Sequence[uuid.UUID]
    late_messages: Sequence[uuid.UUID]


def waiting_for(recipient_id: uuid.UUID) -> tuple[int, int]:
    """How many reminders and messages wait for a person."""
    reminders = sa.select(sa.func.count()).where(*_waiting_reminders(recipient_id))
    messages = sa.select(sa.func.count()).where(*_queued_messages(recipient_id))
    return session().scalar(reminders) or 0, session().scalar(messages) or 0


def silence(recipient_id: uuid.UUID) -> Stopped:
    """Stop all that waits for a person, and all that comes later, in the open transaction."""
    session().execute(insert(Silence).values(recipient_id=recipient_id, since=now()).on_conflict_do_nothing())
    # Reminders first: one that becomes a message meanwhile is found among the messages.
    reminders = session().execute(
        sa.update(Reminder)
        .where(*_waiting_reminders(recipient_id))
        .values(state=ReminderState.CANCELLED)
        .returning(Reminder.id, Reminder.version)
        .execution_options(synchronize_session=False)
    )
    stopped = [(row.id, row.version) for row in reminders]
    messages = session().scalars(
        sa.update(OutboxMessage)
        .where(*_queued_messages(recipient_id))
        .values(state=OutboxState.CANCELLED, settled_at=now())
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return Stopped(sorted(stopped), sorted(messages))


def end_silence(recipient_id: uuid.UUID, stopped: Stopped) -> Resumed:
    """Speak to a person again, in the open transaction, and bring back what `silence` stopped and still makes sense.

    A reminder that was set anew meanwhile is left as it is; what is too late to be told is named.
    """
    session().execute(sa.delete(Silence).where(Silence.recipient_id == recipient_id))
    reminders, late_reminders = _wait_again(stopped.reminders)
    messages, late_messages = _tell_again(stopped.messages)
    return Resumed(reminders, messages, late_reminders, late_messages)


def is_silenced(recipient_id: uuid.UUID) -> bool:
    """Whether nothing may be sent to a recipient."""
    return session().get(Silence, recipient_id) is not None


def _wait_again(stopped: Sequence[tuple[uuid.UUID, int]]) -> tuple[int, list[uuid.UUID]]:
    versions = dict(stopped)
    rows = session().scalars(
        sa.select(Reminder)
        .where(Reminder.id.in_(versions), Reminder.state == ReminderState.CANCELLED)
        .order_by(Reminder.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    unchanged = [row for row in rows if row.version == versions[row.id]]
    timely = [row for row in unchanged if row.not_after > now()]
    for row in timely:
        row.state, row.version = ReminderState.WAITING, row.version + 1
    session().flush()
    return len(timely), [row.id for row in unchanged if row not in timely]


def _tell_again(stopped: Sequence[uuid.UUID]) -> tuple[int, list[uuid.UUID]]:
    query = sa.select(OutboxMessage).where(OutboxMessage.id.in_(stopped), OutboxMessage.state == OutboxState.CANCELLED)
    rows = session().scalars(query.order_by(OutboxMessage.id)).all()
    timely = [row for row in rows if row.not_after is None or row.not_after > now()]
    add([_once_more(row) for row in timely])
    return len(timely), [row.id for row in rows if row not in timely]


def _once_more(row: OutboxMessage) -> dict[str, Any]:
    key = f"{row.key[:_OLD_KEY_CHARACTERS]}#{row.id.hex}"
    return message_row(
        row.notice, row.recipient_id, Subject(row.subject_kind, row.subject_id), row.data, key, row.not_after
    )


def _waiting_reminders(recipient_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Reminder.recipient_id == recipient_id, Reminder.state == ReminderState.WAITING


def _queued_messages(recipient_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return OutboxMessage.recipient_id == recipient_id, OutboxMessage.state == OutboxState.QUEUED
