"""What comes free on a time that was closed is not offered to anybody: it is taken off the slot at once.

A booked slot of a closed day, or of windows that are out, keeps what is booked on it (`lay_out`). When that is given
back - moved, cancelled, expired - the slot would have room again, where nobody is there.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now
from backend.marriage.capacity.models import WindowOutage
from backend.marriage.changes import by_key
from backend.marriage.days import plan_as_written
from backend.marriage.models import Closure, PeakDay, Slot
from backend.marriage.offices import office
from backend.marriage.opening import plan
from backend.storage import session

# Days that differ: only on these can a slot be there that the plan does not know.
_CLOSED = sa.exists().where(
    Closure.office_id == Slot.office_id, Closure.first_day <= Slot.day, Closure.last_day >= Slot.day
)
_OWN_HOURS = sa.exists().where(PeakDay.office_id == Slot.office_id, PeakDay.day == Slot.day)
_OUT = sa.exists().where(
    WindowOutage.office_id == Slot.office_id,
    WindowOutage.area == Slot.area,
    WindowOutage.starts_at < Slot.ends_at,
    WindowOutage.ends_at > Slot.starts_at,
    WindowOutage.ended_at.is_(None),
)


def shut_freed(slot_id: uuid.UUID) -> None:
    """A slot has more room: where the registry will be closed, take it away again, in the open transaction."""
    query = sa.select(Slot, _OUT).where(Slot.id == slot_id, Slot.day >= now().date())
    query = query.where(sa.or_(_CLOSED, _OWN_HOURS, _OUT)).execution_options(populate_existing=True)
    slot, out = session().execute(query).one_or_none() or (None, False)
    place = office(slot.office_id) if slot is not None else None
    if slot is None or place is None:
        return
    planned = by_key(plan(plan_as_written(place, now()), slot.day, legal_calendar()))
    new = planned.get((slot.area, slot.starts_at.astimezone(BEIJING)))
    if new is None or new.ends_at != slot.ends_at:
        slot.capacity = slot.taken
        session().flush()
    elif out and slot.capacity > new.capacity:
        slot.capacity = max(new.capacity, slot.taken)
        session().flush()
