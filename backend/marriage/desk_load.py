"""How full the coming days are, for the chart on the desk."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.marriage.models import Office, Slot
from backend.storage import transaction


@dataclass(frozen=True)
class DayLoad:
    """Places offered online on a civil day and how many are taken, holds included; 0 of 0 on a rest day."""

    day: date
    capacity: int
    taken: int


def load_by_day(nodes: frozenset[uuid.UUID], first: date, days: int) -> Sequence[DayLoad]:
    """`days` civil days from `first` on, in one query."""
    span = [first + timedelta(days=ahead) for ahead in range(days)]
    query = (
        sa.select(Slot.day, sa.func.sum(Slot.capacity), sa.func.sum(Slot.taken))
        .join(Office, Office.id == Slot.office_id)
        .where(Office.node_id.in_(nodes), Slot.day.between(span[0], span[-1]))
        .group_by(Slot.day)
    )
    with transaction() as session:
        loads = {day: DayLoad(day, capacity, taken) for day, capacity, taken in session.execute(query)}
    return [loads.get(day, DayLoad(day, 0, 0)) for day in span]
