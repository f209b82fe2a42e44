"""Old rows of this room go away, in batches small enough not to be in anyone's way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState

# Long enough to answer "was I told?" through a review period; then the texts are personal data without a purpose.
KEPT_FOR = timedelta(days=180)


def remove_old(limit: int = 500, held: Sequence[uuid.UUID] = ()) -> int:
    """Delete up to `limit` settled messages, with their attempts, and as many done reminders; returns how many.

    Those of the recipients in `held` stay.
    """
    before = now() - KEPT_FOR
    old_messages = sa.select(OutboxMessage.id).where(OutboxMessage.settled_at < before)
    old_reminders = sa.select(Reminder.id).where(Reminder.state != ReminderState.WAITING, Reminder.due_at < before)
    with transaction() as db:
        removed = 0
        for table, old in ((OutboxMessage, old_messages), (Reminder, old_reminders)):
            batch = old.where(table.recipient_id.not_in(held)).limit(limit).with_for_update(skip_locked=True)
            removed += len(db.execute(sa.delete(table).where(table.id.in_(batch)).returning(table.id)).all())
        return removed
