"""Numbers for operations, from partial indexes only: messages that are done are not counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.storage import transaction
from messages.models import OutboxMessage, OutboxState, Reminder, ReminderState

_UNDER_WAY = (OutboxState.QUEUED, OutboxState.SENDING)
_ON_THE_DESK = (OutboxState.DEAD, OutboxState.UNCERTAIN)


@dataclass(frozen=True)
class DeliveryFigures:
    """`messages`: how many stand in each unfinished state. `oldest_due`: for how long the first due one has waited."""

    messages: Mapping[OutboxState, int]
    oldest_due: timedelta
    reminders_waiting: int


def delivery_figures(moment: datetime) -> DeliveryFigures:
    """What there is to deliver at `moment`, and what waits for people."""
    with transaction() as db:
        counts = dict.fromkeys((*_UNDER_WAY, *_ON_THE_DESK), 0)
        for wanted in (
            OutboxMessage.state.in_(_UNDER_WAY),
            sa.and_(OutboxMessage.state.in_(_ON_THE_DESK), OutboxMessage.settled_at.is_(None)),
        ):
            grouped = sa.select(OutboxMessage.state, sa.func.count()).where(wanted).group_by(OutboxMessage.state)
            counts.update((state, count) for state, count in db.execute(grouped))
        oldest = db.scalar(sa.select(sa.func.min(OutboxMessage.next_at)).where(OutboxMessage.state.in_(_UNDER_WAY)))
        waiting = sa.select(sa.func.count()).select_from(Reminder).where(Reminder.state == ReminderState.WAITING)
        return DeliveryFigures(
            messages=counts,
            oldest_due=max(moment - oldest, timedelta(0)) if oldest else timedelta(0),
            reminders_waiting=db.scalar(waiting) or 0,
        )
