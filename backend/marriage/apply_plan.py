"""Use case `apply_plan`: lay days out anew after hours, windows, closures or peak days were changed.

No booked place is dropped: where the registry will be closed, the slots that are booked stay with exactly what is taken
of them, and whoever lost their time is reported, for the desk to offer them another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.marriage.changes import PlacedAppointment, by_key, keeps_its_time
from backend.marriage.days import office_plan
from backend.marriage.lay_out import Applied, lay_out_anew
from backend.marriage.models import Appointment, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, is_released, plan
from backend.marriage.rules import ACTIVE_STATES
from backend.storage import transaction


def apply_plan(place: OfficeView, days: Iterable[date], office: OfficePlan | None = None) -> Applied:
    """Lay out released days after today as they are set now; all days in one transaction.

    `office`: the plan as the open transaction has just written it, for whoever sets and applies at once.
    """
    moment, calendar, done = now(), legal_calendar(), Applied()
    office = office or office_plan(place, moment)
    with transaction():
        for day in sorted(set(days)):
            if day > moment.date() and is_released(office, day, moment):
                lay_out_anew(place, day, by_key(plan(office, day, calendar)), done)
                done.lost += [one for one in placed_on(place, [day]) if not keeps_its_time(office, one, calendar)]
    return done


def placed_on(place: OfficeView, days: Sequence[date]) -> list[PlacedAppointment]:
    """The active appointments of some days, soonest first."""
    query = (
        sa.select(Appointment.id, Appointment.kind, Slot.area, Slot.starts_at, Appointment.minutes)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(Slot.office_id == place.id, Slot.day.in_(days), Appointment.state.in_(ACTIVE_STATES))
        .order_by(Slot.starts_at, Appointment.id)
    )
    with transaction() as opened:
        return [PlacedAppointment(*row) for row in opened.execute(query)]
