"""What became of the notices of the demonstration's past: nobody in it has a telephone, so some wait on the desk."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage import session
from messages.models import Channel, OutboxMessage, OutboxState
from messages.notices import all_notices

# In turn, so that the desk's list shows why such things happen.
_FAILURES = ("no_channel", "window_closed", "recipient_refuses", "not_delivered")


def leave_undelivered() -> None:
    """Put down everything queued so far: on the desk where a notice must reach its person, else given up quietly."""
    must_arrive = [entry.key for entry in all_notices() if Channel.DESK in entry.channels]
    queued = sa.select(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED)
    for place, message in enumerate(session().scalars(queued.order_by(OutboxMessage.created_at, OutboxMessage.id))):
        message.state = OutboxState.DEAD
        message.failure = _FAILURES[place % len(_FAILURES)]
        message.settled_at = None if message.notice in must_arrive else message.created_at
    session().flush()
