"""The read side of the calendar: the registries one may plan, and the days of a month."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.marriage.capacity.wishes import hours_of
from backend.marriage.days import plan_as_written
from backend.marriage.kinds import Area
from backend.marriage.models import Appointment, Closure, Office, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, Outage, Peak, Spans, is_released, opens_at, plan
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class AreaLoad:
    """Window-minutes of an area on a day; `planned` where the day is not laid out yet."""

    area: Area
    capacity: int
    taken: int
    planned: bool

    @property
    def percent(self) -> int:
        """The share taken; 100 only when nothing is left."""
        return self.taken * 100 // self.capacity if self.capacity else 0


@dataclass(frozen=True)
class ClosureLine:
    """A closure as it was set."""

    id: uuid.UUID
    first: date
    last: date
    area: Area | None
    reason: str


@dataclass(frozen=True)
class DayCell:
    """A day of the calendar: open, partly closed, closed, at rest; a day of its own; how full by area."""

    day: date
    hours: Spans
    peak: Peak | None
    closures: Sequence[ClosureLine]
    areas: Sequence[AreaLoad]
    couples: int
    provisional: bool
    workday: bool
    past: bool
    opens_at: datetime | None
    outages: Sequence[Outage] = ()

    @property
    def state(self) -> str:
        """open, partly, closed or rest."""
        if any(closure.area is None for closure in self.closures):
            return "closed"
        if not self.hours:
            return "closed" if self.closures else "rest"
        return "partly" if self.closures or self.outages else "open"


def offices_of(nodes: Nodes) -> Sequence[OfficeView]:
    """The registries of the nodes."""
    query = sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position, Office.code)
    with transaction() as session:
        return [OfficeView(row.id, row.code, row.name, row.address, row.phone) for row in session.scalars(query)]


def office_of(nodes: Nodes, office_id: uuid.UUID) -> OfficeView | None:
    """One registry of the nodes, or None."""
    return next((one for one in offices_of(nodes) if one.id == office_id), None)


def month_cells(place: OfficeView, days: Sequence[date]) -> Sequence[DayCell]:
    """Days of a registry as the calendar draws them; the same few queries however many days."""
    moment = now()
    with transaction():
        office = plan_as_written(place, moment)
        closures = closures_of(place, days[0], days[-1])
        loads, couples = _loads(place, days), _couples(place, days)
    return [_cell(day, office, closures, loads.get(day, ()), couples.get(day, 0), moment) for day in days]


def _cell(
    day: date,
    office: OfficePlan,
    closures: Sequence[ClosureLine],
    loads: Sequence[AreaLoad],
    couples: int,
    moment: datetime,
) -> DayCell:
    calendar, past = legal_calendar(), day < moment.date()
    here = [one for one in closures if one.first <= day <= one.last]
    areas = loads or _planned(office, day)
    opens = None if past or is_released(office, day, moment) else opens_at(office, day)
    return DayCell(
        day,
        hours_of(office, day, calendar),
        office.peaks.get(day),
        here,
        areas,
        couples,
        calendar.is_provisional(day),
        calendar.is_workday(day),
        past,
        opens,
        [one for one in office.outages if one.starts_at.date() == day],
    )


def _planned(office: OfficePlan, day: date) -> Sequence[AreaLoad]:
    sums: dict[Area, int] = defaultdict(int)
    for slot in plan(office, day, legal_calendar()):
        sums[slot.area] += slot.capacity
    return [AreaLoad(area, capacity, 0, planned=True) for area, capacity in sums.items()]


def _loads(place: OfficeView, days: Sequence[date]) -> Mapping[date, Sequence[AreaLoad]]:
    query = (
        sa.select(Slot.day, Slot.area, sa.func.sum(Slot.capacity), sa.func.sum(Slot.taken))
        .where(Slot.office_id == place.id, Slot.day.between(days[0], days[-1]))
        .group_by(Slot.day, Slot.area)
        .order_by(Slot.day, Slot.area)
    )
    found: dict[date, list[AreaLoad]] = defaultdict(list)
    with transaction() as session:
        for day, area, capacity, taken in session.execute(query):
            found[day].append(AreaLoad(area, capacity, taken, planned=False))
    order = list(Area)
    return {day: sorted(loads, key=lambda load: order.index(load.area)) for day, loads in found.items()}


def _couples(place: OfficeView, days: Sequence[date]) -> Mapping[date, int]:
    query = (
        sa.select(Slot.day, sa.func.count())
        .join(Appointment, Appointment.slot_id == Slot.id)
        .where(Slot.office_id == place.id, Slot.day.between(days[0], days[-1]), Appointment.active)
        .group_by(Slot.day)
    )
    with transaction() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def closures_of(place: OfficeView, first: date, last: date) -> Sequence[ClosureLine]:
    """The closures that touch some days."""
    query = sa.select(Closure).where(
        Closure.office_id == place.id, Closure.first_day <= last, Closure.last_day >= first
    )
    with transaction() as session:
        rows = session.scalars(query.order_by(Closure.first_day, Closure.id)).all()
    return [ClosureLine(row.id, row.first_day, row.last_day, row.area, row.reason) for row in rows]
