"""Reminders: things to be told later, which move and go away with their subject.

A reminder is one row per subject, recipient and notice. When it is due it becomes a message with the key
`reminder:<id>:<version>`; each move makes a new version, so what was posted for the old time can be told apart.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.storage import run_along, session, transaction
from messages.models import Reminder, ReminderRefusal, ReminderState
from messages.notices import notice
from messages.outbox import Subject, add, cancel_for, cancel_for_recipient, message_row

log = logging.getLogger(__name__)

_KEY_PREFIX = "reminder:"


@dataclass(frozen=True)
class ReminderPlan:
    """One reminder as it should be: told at `due_at` or soon after, and not any more at `not_after` (aware times)."""

    notice: str
    recipient_id: uuid.UUID
    due_at: datetime
    not_after: datetime
    data: Mapping[str, str]


def set_reminders(subject: Subject, plans: Sequence[ReminderPlan]) -> None:
    """Make the reminders of a subject be exactly `plans`, in the caller's open transaction.

    New ones are added, changed ones wait again under a new version, others are cancelled, and so are messages queued
    for what no longer holds. Setting the same plans twice changes nothing. Leave out plans whose time is past.
    Raises `KeyError` / `ValueError` as `post` does, and `ValueError` for two plans of one notice and recipient.
    """
    _check(plans)
    if plans:
        session().execute(_upsert(subject, plans))
    _cancel_others(subject, plans)
    cancel_for(subject, key_prefix=_KEY_PREFIX, keep=_current_keys(subject))


# The plans travel as one JSON text: lists of PostgreSQL take the driver ten times as long.
_ADD = sa.text(
    """
    INSERT INTO reminders (id, notice, recipient_id, subject_kind, subject_id, data, due_at, not_after, state, version)
    SELECT id, notice, recipient_id, :subject_kind, :subject_id, data, due_at, not_after, 'waiting', 1
    FROM jsonb_to_recordset(CAST(:plans AS jsonb)) AS plan (
        id uuid, notice text, recipient_id uuid, data jsonb, due_at timestamptz, not_after timestamptz
    )
    """
)


def add_reminders(subject: Subject, plans: Sequence[ReminderPlan]) -> None:
    """Set the first reminders of a subject that is new, in the caller's open transaction.

    What `set_reminders` does, by one statement instead of four: nothing can have to be moved or cancelled yet. Raises
    as that does, and `IntegrityError` for a subject that has one of them already.
    """
    _check(plans)
    if not plans:
        return
    rows = [
        {
            "id": str(new_id()),
            "notice": plan.notice,
            "recipient_id": str(plan.recipient_id),
            "data": dict(plan.data),
            "due_at": plan.due_at.isoformat(),
            "not_after": plan.not_after.isoformat(),
        }
        for plan in plans
    ]
    values = {
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "plans": json.dumps(rows, ensure_ascii=False),
    }
    run_along(_ADD, values)


def _check(plans: Sequence[ReminderPlan]) -> None:
    for plan in plans:
        notice(plan.notice).check(plan.data)
    if len({(plan.recipient_id, plan.notice) for plan in plans}) != len(plans):
        raise ValueError("two plans for one recipient and notice")


def cancel_reminders(subject: Subject) -> None:
    """Nothing more is due for this subject; messages that came from its reminders and still wait are cancelled too."""
    set_reminders(subject, [])


def leave_alone(recipient_id: uuid.UUID) -> None:
    """Cancel all that waits for a person, reminders and messages: after death, withdrawal or opting out (§7)."""
    session().execute(
        sa.update(Reminder)
        .where(Reminder.recipient_id == recipient_id, Reminder.state == ReminderState.WAITING)
        .values(state=ReminderState.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    cancel_for_recipient(recipient_id)


def _upsert(subject: Subject, plans: Sequence[ReminderPlan]) -> sa.Executable:
    rows = [
        {
            "id": new_id(),
            "notice": plan.notice,
            "recipient_id": plan.recipient_id,
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "data": dict(plan.data),
            "due_at": plan.due_at,
            "not_after": plan.not_after,
        }
        # In one order, so that two transactions that set the same reminders cannot wait for each other.
        for plan in sorted(plans, key=lambda plan: (plan.recipient_id, plan.notice))
    ]
    statement = insert(Reminder).values(rows)
    wanted = statement.excluded
    moved = [getattr(Reminder, name).is_distinct_from(wanted[name]) for name in ("due_at", "not_after", "data")]
    return statement.on_conflict_do_update(
        constraint="uq_reminders_subject",
        set_={
            "due_at": wanted.due_at,
            "not_after": wanted.not_after,
            "data": wanted.data,
            "state": ReminderState.WAITING,
            "version": Reminder.version + 1,
        },
        where=sa.or_(*moved, Reminder.state == ReminderState.CANCELLED),
    )


def _cancel_others(subject: Subject, plans: Sequence[ReminderPlan]) -> None:
    kept = [(plan.recipient_id, plan.notice) for plan in plans]
    session().execute(
        sa.update(Reminder)
        .where(
            _of(subject),
            Reminder.state != ReminderState.CANCELLED,
            sa.tuple_(Reminder.recipient_id, Reminder.notice).not_in(kept),
        )
        .values(state=ReminderState.CANCELLED)
        .execution_options(synchronize_session=False)
    )


def _current_keys(subject: Subject) -> list[str]:
    """Keys of messages that reminders of the subject have posted and that still hold."""
    posted = session().execute(
        sa.select(Reminder.id, Reminder.version).where(_of(subject), Reminder.state == ReminderState.POSTED)
    )
    return [_key(reminder_id, version) for reminder_id, version in posted]


def _of(subject: Subject) -> sa.ColumnElement[bool]:
    return sa.and_(Reminder.subject_kind == subject.kind, Reminder.subject_id == subject.id)


def _key(reminder_id: uuid.UUID, version: int) -> str:
    return f"{_KEY_PREFIX}{reminder_id}:{version}"


def post_due(limit: int = 200) -> int:
    """Turn one batch of due reminders into messages, in one transaction; returns how many were looked at.

    Any number of processes may do so at once. What came too late, because nothing ran for a long time, is cancelled,
    and so is what the recipient does not want (`messages.wishes`).
    """
    moment = now()
    with transaction() as db:
        due = db.scalars(
            sa.select(Reminder)
            .where(Reminder.state == ReminderState.WAITING, Reminder.due_at <= moment)
            .order_by(Reminder.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        refusing = _refusing(due)
        late = [reminder.id for reminder in due if reminder.not_after <= moment]
        timely = [reminder for reminder in due if reminder.not_after > moment and reminder.recipient_id not in refusing]
        unwanted = [reminder.id for reminder in due if reminder.recipient_id in refusing]
        add([_message(reminder) for reminder in timely])
        _mark([*late, *unwanted], ReminderState.CANCELLED)
        _mark([reminder.id for reminder in timely], ReminderState.POSTED)
    if late:
        log.warning("reminders_too_late count=%d", len(late))
    return len(due)


def _refusing(due: Sequence[Reminder]) -> frozenset[uuid.UUID]:
    """The recipients among these who want no reminders."""
    if not due:
        return frozenset()
    asked = {reminder.recipient_id for reminder in due}
    found = session().scalars(sa.select(ReminderRefusal.recipient_id).where(ReminderRefusal.recipient_id.in_(asked)))
    return frozenset(found)


def _message(reminder: Reminder) -> dict[str, Any]:
    subject = Subject(reminder.subject_kind, reminder.subject_id)
    key = _key(reminder.id, reminder.version)
    return message_row(reminder.notice, reminder.recipient_id, subject, reminder.data, key, reminder.not_after)


def _mark(reminder_ids: Sequence[uuid.UUID], state: ReminderState) -> None:
    session().execute(
        sa.update(Reminder)
        .where(Reminder.id.in_(reminder_ids))
        .values(state=state)
        .execution_options(synchronize_session=False)
    )
