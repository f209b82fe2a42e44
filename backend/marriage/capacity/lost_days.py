"""Booked times that the registry is closed for although nobody closed it at the desk: a notice made a booked day a rest
day, a working weekend an ordinary one, or the days of the week were set otherwise.

`open_slots` lays such days out anew and keeps what is booked. Here the move of those couples is noted, so that it waits
at the desk like any other; whoever starts it tells them (domain-rules §2.5-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now
from backend.kernel.ids import new_id
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import hit_by
from backend.marriage.capacity.change import lock_office
from backend.marriage.capacity.models import BulkMove
from backend.marriage.changes import by_key
from backend.marriage.days import plan_as_written
from backend.marriage.models import Slot
from backend.marriage.offices import OfficeView, offices
from backend.marriage.opening import OfficePlan, plan
from backend.storage import session, transaction


def note_lost_days() -> int:
    """Note a move for each stretch of days whose couples cannot stay; returns how many are new.

    Safe to run at any time and from several processes: what is noted, or being moved already, is not noted again.
    """
    return sum(_note(place) for place in offices())


def _note(place: OfficeView) -> int:
    with transaction():
        suspects = _suspects(place, plan_as_written(place, now()))
        if not suspects:
            return 0
        lock_office(place)  # somebody may close, or start, this very moment
        office, known = plan_as_written(place, now()), _idle_days(place)
        lost = [day for day in suspects if day not in known and hit_by(place, office, [day])]
        stretches = _stretches(lost)
        for first, last in stretches:
            session().add(_move(place, first, last))
        return len(stretches)


def _suspects(place: OfficeView, office: OfficePlan) -> list[date]:
    """Days ahead with a booked slot that the plan does not know; one query, and nearly always none."""
    query = sa.select(Slot.day, Slot.area, Slot.starts_at).where(
        Slot.office_id == place.id, Slot.day > now().date(), Slot.taken > 0
    )
    planned: dict[date, set[object]] = {}
    found: set[date] = set()
    for day, area, starts_at in session().execute(query):
        if day not in planned:
            planned[day] = set(by_key(plan(office, day, legal_calendar())))
        if (area, starts_at.astimezone(BEIJING)) not in planned[day]:
            found.add(day)
    return sorted(found)


def _idle_days(place: OfficeView) -> frozenset[date]:
    """The days of moves that wait to be started."""
    query = sa.select(BulkMove.first_day, BulkMove.last_day).where(
        BulkMove.office_id == place.id, BulkMove.started_at.is_(None)
    )
    rows = session().execute(query).all()
    return frozenset(day for first, last in rows for day in legal_calendar().span(first, last))


def _stretches(days: Iterable[date]) -> Sequence[tuple[date, date]]:
    """Days in a row belong together: a holiday is moved by one button."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and (day - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _move(place: OfficeView, first: date, last: date) -> BulkMove:
    calendar = legal_calendar()
    told = texts.REASON_HOURS if calendar.is_workday(first) else texts.REASON_HOLIDAY
    return BulkMove(
        id=new_id(), office_id=place.id, first_day=first, last_day=last, reason=told, created_at=now(), created_by=None
    )
