"""Writing slots: new ones, and a day laid out anew around what is booked on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.ids import new_id
from backend.marriage.changes import PlacedAppointment, SlotKey
from backend.marriage.freed import tell_freed
from backend.marriage.models import Appointment, FurtherSlot, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.opening import PlannedSlot
from backend.marriage.places import lock_slots
from backend.storage import session, transaction


@dataclass
class Applied:
    """What was done: slots added, removed, changed; `kept` are booked ones the plan does not know.

    `lost`: appointments for whose time the registry is closed now, soonest first.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: int = 0
    lost: list[PlacedAppointment] = field(default_factory=list)


def add_slots(place: OfficeView, slots: Collection[PlannedSlot]) -> int:
    """Write slots that are not there yet, in the open transaction; returns how many are new."""
    if not slots:
        return 0
    fresh = insert(Slot).on_conflict_do_nothing(constraint="uq_marriage_slots_office_id_area_starts_at")
    rows = [_row(place, slot) for slot in slots]
    with transaction() as session:
        added = session.scalars(fresh.returning(Slot.id), rows).all()
        tell_freed(added)
    return len(added)


def _row(place: OfficeView, slot: PlannedSlot) -> dict[str, Any]:
    return {
        "id": new_id(),
        "office_id": place.id,
        "area": slot.area,
        "kinds": sorted(slot.kinds),
        "day": slot.starts_at.date(),
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "capacity": slot.capacity,
        "taken": 0,
        "reserved": slot.reserved,
    }


def _never_used() -> sa.ColumnElement[bool]:
    """Slots that no appointment refers to, of whatever state; only these may be deleted."""
    own = sa.exists().where(Appointment.slot_id == Slot.id)
    further = sa.exists().where(FurtherSlot.slot_id == Slot.id)
    return sa.and_(Slot.taken == 0, ~own, ~further)


def lay_out_anew(place: OfficeView, day: date, planned: dict[SlotKey, PlannedSlot], done: Applied) -> None:
    """Give a day the planned slots in the open transaction, without dropping or shrinking what is booked."""
    here = sa.and_(Slot.office_id == place.id, Slot.day == day)
    lock_slots(*session().scalars(sa.select(Slot.id).where(here)))
    misfits = [slot.id for slot in _slots(here) if not _fits(slot, planned)]
    gone = sa.delete(Slot).where(Slot.id.in_(misfits), _never_used()).returning(Slot.id)
    done.removed += len(session().scalars(gone).all())
    kept: list[Slot] = []
    for slot in _slots(here):
        if _fits(slot, planned):
            done.changed += _adjust(slot, planned.pop((slot.area, slot.starts_at)))
        else:
            slot.capacity = slot.taken
            kept.append(slot)
            planned.pop((slot.area, slot.starts_at), None)
    session().flush()
    done.kept += len([slot for slot in kept if slot.taken])
    done.added += add_slots(place, [slot for slot in (_beside(new, kept) for new in planned.values()) if slot.capacity])


def _slots(condition: sa.ColumnElement[bool]) -> Sequence[Slot]:
    query = sa.select(Slot).where(condition).order_by(Slot.starts_at, Slot.id)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def _fits(slot: Slot, planned: dict[SlotKey, PlannedSlot]) -> bool:
    new = planned.get((slot.area, slot.starts_at))
    return new is not None and new.ends_at == slot.ends_at


def _adjust(slot: Slot, new: PlannedSlot) -> bool:
    """Give a slot what the plan says, but never less than is taken."""
    capacity, kinds = max(new.capacity, slot.taken), sorted(kind.value for kind in new.kinds)
    if (slot.capacity, slot.reserved, sorted(slot.kinds)) == (capacity, new.reserved, kinds):
        return False
    slot.reserved = new.reserved
    if capacity > slot.capacity:
        tell_freed([slot.id])
    slot.capacity, slot.kinds = capacity, kinds
    return True


def _beside(new: PlannedSlot, kept: Sequence[Slot]) -> PlannedSlot:
    """A new slot without the minutes that booked slots of the old layout still need of its windows."""
    needed = sum(
        slot.taken
        for slot in kept
        if slot.area is new.area and slot.starts_at < new.ends_at and new.starts_at < slot.ends_at
    )
    return replace(new, capacity=max(new.capacity - needed, 0))
