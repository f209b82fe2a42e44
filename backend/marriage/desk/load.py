"""How full days are: for the chart above the board, and for the calendar of a month."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.marriage.kinds import Area
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.rules import ACTIVE_STATES, State
from backend.storage import transaction

# Couples who have a place, or had one and used it up.
_COUNTED = (*ACTIVE_STATES, State.SERVED, State.FAILED_DOCUMENTS, State.NO_SHOW)


@dataclass(frozen=True)
class DayLoad:
    """Window-minutes offered online on a civil day and those taken, holds included; 0 of 0 on a rest day."""

    day: date
    capacity: int
    taken: int
    couples: int

    @property
    def percent(self) -> int:
        """The share taken; 100 only when nothing is left."""
        return self.taken * 100 // self.capacity if self.capacity else 0

    @property
    def heat(self) -> int:
        """How warm the day is drawn: 0 empty, 1 to 4 by quarters, 5 full."""
        return 0 if not self.taken else min(5, 1 + self.percent // 25)


@dataclass(frozen=True)
class LoadFilter:
    """Narrows to one registry and one area."""

    office_id: uuid.UUID | None = None
    area: Area | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As conditions on `Slot`."""
        wanted = ((Slot.office_id, self.office_id), (Slot.area, self.area))
        return [column == value for column, value in wanted if value is not None]


def load_by_day(
    nodes: frozenset[uuid.UUID], first: date, days: int, narrowed: LoadFilter | None = None
) -> Sequence[DayLoad]:
    """`days` civil days from `first` on, in two queries."""
    span = [first + timedelta(days=ahead) for ahead in range(days)]
    conditions = [
        Office.node_id.in_(nodes),
        Slot.day.between(span[0], span[-1]),
        *(narrowed or LoadFilter()).conditions(),
    ]
    places = sa.select(Slot.day, sa.func.sum(Slot.capacity), sa.func.sum(Slot.taken)).join(Office)
    couples = sa.select(Slot.day, sa.func.count()).select_from(Slot).join(Office)
    couples = couples.join(Appointment, Appointment.slot_id == Slot.id).where(Appointment.state.in_(_COUNTED))
    with transaction() as session:
        counted = {row[0]: row[1] for row in session.execute(couples.where(*conditions).group_by(Slot.day))}
        loads = {
            day: DayLoad(day, capacity, taken, counted.get(day, 0))
            for day, capacity, taken in session.execute(places.where(*conditions).group_by(Slot.day))
        }
    return [loads.get(day, DayLoad(day, 0, 0, 0)) for day in span]
