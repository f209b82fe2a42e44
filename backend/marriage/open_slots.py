"""Open the slots of released days, and withdraw empty ones from days that turned out to be rest days."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.marriage.models import Appointment, Slot
from backend.marriage.offers import OfficeView, offices
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import BOOKABLE_KINDS, Kind, last_released_day, plan_day
from backend.storage import transaction


def open_slots() -> int:
    """Make what the rules lay out for every office from tomorrow to the last released day; returns how many are new.

    Safe to run at any time and from several processes: a slot that exists is left as it is.
    """
    return sum(_open(place, kind) for place in offices() for kind in sorted(BOOKABLE_KINDS))


def _open(place: OfficeView, kind: Kind) -> int:
    moment, calendar = now(), legal_calendar()
    rules = booking_rules(place.code, moment)
    last = last_released_day(moment, rules)
    with transaction() as session:
        already_open = session.scalars(
            sa.select(Slot.day)
            .where(Slot.office_id == place.id, Slot.kind == kind, Slot.day > moment.date())
            .distinct()
        ).all()
        days = [day for day in calendar.span(moment.date(), last) if day > moment.date()]
        _withdraw(place, kind, [day for day in already_open if not calendar.is_workday(day)])
        rows = [
            {
                "id": new_id(),
                "office_id": place.id,
                "kind": kind,
                "day": day,
                "starts_at": slot.starts_at,
                "ends_at": slot.ends_at,
                "capacity": slot.capacity,
                "taken": 0,
            }
            for day in days
            if day not in already_open
            for slot in plan_day(day, rules, calendar)
        ]
        if not rows:
            return 0
        fresh = insert(Slot).on_conflict_do_nothing(constraint="uq_marriage_slots_office_id_kind_starts_at")
        return len(session.scalars(fresh.returning(Slot.id), rows).all())


def _withdraw(place: OfficeView, kind: Kind, rest_days: list[object]) -> None:
    """Take empty slots off days the calendar now calls rest days; a slot that was ever booked stays for the desk."""
    if not rest_days:
        return
    with transaction() as session:
        booked = sa.exists().where(Appointment.slot_id == Slot.id)
        session.execute(
            sa.delete(Slot).where(Slot.office_id == place.id, Slot.kind == kind, Slot.day.in_(rest_days), ~booked)
        )
        session.execute(
            sa.update(Slot)
            .where(Slot.office_id == place.id, Slot.kind == kind, Slot.day.in_(rest_days))
            .values(capacity=Slot.taken)
        )
