"""Open the slots of released days, and lay days out anew that the calendar has made other days than they were."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.marriage.changes import by_key
from backend.marriage.days import office_plan
from backend.marriage.kinds import Area
from backend.marriage.lay_out import Applied, add_slots, lay_out_anew
from backend.marriage.models import Slot
from backend.marriage.offices import OfficeView, offices
from backend.marriage.opening import is_released, last_released_day, plan
from backend.storage import transaction


def open_slots() -> int:
    """Make what the rules lay out for every office on every released day after today; returns how many are new.

    Safe to run at any time and from several processes. A day that is laid out is left as it is, whatever was set since,
    unless other areas are open on it now: it was closed, or a notice made a Saturday a workday, or a workday a holiday.
    """
    return sum(_open(place) for place in offices())


def _open(place: OfficeView) -> int:
    moment, calendar, done = now(), legal_calendar(), Applied()
    office = office_plan(place, moment)
    last = max([last_released_day(moment, office.rules), *office.peaks])
    with transaction() as session:
        known: dict[date, set[Area]] = defaultdict(set)
        laid_out = sa.select(Slot.day, Slot.area).where(Slot.office_id == place.id, Slot.day > moment.date())
        for day, area in session.execute(laid_out.distinct()):
            known[day].add(area)
        for day in calendar.span(moment.date(), max([last, *known])):
            if day == moment.date() or not (day in known or is_released(office, day, moment)):
                continue
            planned = plan(office, day, calendar)
            if day not in known:
                done.added += add_slots(place, planned)
            elif known[day] != {slot.area for slot in planned}:
                lay_out_anew(place, day, by_key(planned), done)
    return done.added
