"""What the rooms' demonstration histories share: when things happened, and who did them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now, today


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here, for rooms that know nothing of staff.

    `note` leaves the audit row that the console would: action, kind and id of the subject, and its detail.
    """

    id: uuid.UUID
    note: Callable[..., None]


def moment_at(days_ago: int, hour: int, minute: int = 0) -> datetime:
    """A moment in office hours, so many workdays ago, but before now."""
    day, calendar = today(), legal_calendar()
    for _ in range(days_ago):
        day = calendar.previous_workday(day)
    return min(datetime.combine(day, time(hour, minute), BEIJING), now() - timedelta(minutes=5))
