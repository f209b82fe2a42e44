"""Recipients who want no reminders. Their reminders stay and follow their subject, but are dropped when due; so a
recipient who changes their mind gets those that are still ahead."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.storage import session
from messages.models import ReminderRefusal


def refuse_reminders(recipient_id: uuid.UUID) -> None:
    """Send this recipient no reminders from now on, in the open transaction."""
    row = insert(ReminderRefusal).values(recipient_id=recipient_id, at=now())
    session().execute(row.on_conflict_do_nothing())


def allow_reminders(recipient_id: uuid.UUID) -> None:
    """Send this recipient reminders again, in the open transaction."""
    session().execute(sa.delete(ReminderRefusal).where(ReminderRefusal.recipient_id == recipient_id))
