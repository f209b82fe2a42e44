"""The list of the day to come: from half past five on it waits at the desk, until somebody of the registry takes it.

Domain-rules §7: the evening before, and on the desk at eight.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.marriage.desk.queries import Nodes
from backend.marriage.models import Appointment, DayListTaken, Office, Slot
from backend.marriage.opening import at
from backend.storage import transaction

# From nine on people come, and the hall has everybody on it.
_READY, _ON_THE_DESK, _OVER = time(17, 30), time(8), time(9)
# The next day on which anybody comes lies at most so far ahead: a week of holidays and a weekend.
_AHEAD = timedelta(days=12)


@dataclass(frozen=True)
class DayListRow:
    """A list that nobody has taken yet: of which registry and day, and how many couples are on it."""

    office_name: str
    day: date
    couples: int
    ready_at: datetime
    due: datetime


def lists_waiting(nodes: Nodes) -> Sequence[DayListRow]:
    """The lists that wait at this moment: of the next day with couples, once it is ready, and of this morning. One
    query.
    """
    moment = now()
    today = moment.date()
    taken = sa.exists().where(DayListTaken.office_id == Slot.office_id, DayListTaken.day == Slot.day)
    query = (
        sa.select(Office.id, Office.name, Slot.day, sa.func.count(), taken)
        .select_from(Slot)
        .join(Office, Office.id == Slot.office_id)
        .join(Appointment, Appointment.slot_id == Slot.id)
        .where(Office.node_id.in_(nodes), Slot.day.between(today, today + _AHEAD), Appointment.active)
        .group_by(Office.id, Office.name, Slot.office_id, Slot.day)
        .order_by(Slot.day, Office.name)
    )
    with transaction() as session:
        found = session.execute(query).all()
    ahead: dict[uuid.UUID, date] = {}
    for office_id, _, day, _, _ in found:
        if day > today:
            ahead.setdefault(office_id, day)
    wanted = {(office_id, day) for office_id, day in ahead.items() if moment.time() >= _READY}
    if moment.time() < _OVER:
        wanted |= {(office_id, today) for office_id, _, day, _, _ in found if day == today}
    return [
        DayListRow(name, day, couples, at(day - timedelta(days=1), _READY), at(day, _ON_THE_DESK))
        for office_id, name, day, couples, gone in found
        if (office_id, day) in wanted and not gone
    ]


def take_list(nodes: Nodes, day: date, office_names: Collection[str], account_id: uuid.UUID) -> None:
    """Note that the lists of a day, of today or later, were opened; whoever opens one again changes nothing."""
    if day < now().date() or not office_names:
        return
    with transaction() as session:
        offices = session.scalars(sa.select(Office.id).where(Office.node_id.in_(nodes), Office.name.in_(office_names)))
        rows = [
            {"office_id": one, "day": day, "taken_at": now(), "account_id": account_id} for one in sorted(offices.all())
        ]
        if rows:
            session.execute(insert(DayListTaken).on_conflict_do_nothing(), rows)
