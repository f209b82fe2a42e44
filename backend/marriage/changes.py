"""What a change of hours, windows, closures or peak days would do to days already laid out. Pure: looks, never acts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.kinds import Area, Kind
from backend.marriage.opening import OfficePlan, PlannedSlot, at, open_for, plan

SlotKey = tuple[Area, datetime]


@dataclass(frozen=True)
class PlacedAppointment:
    """An appointment that has a place: where, from when, for how many minutes."""

    id: uuid.UUID
    kind: Kind
    area: Area
    starts_at: datetime
    minutes: int


@dataclass(frozen=True)
class SlotChange:
    """A slot that stays at its time but holds more or less, or other kinds, or ends at another time."""

    before: PlannedSlot
    after: PlannedSlot


@dataclass(frozen=True)
class Changes:
    """Slots that come, go and change, in order, and the appointments whose time is no longer open for them."""

    added: tuple[PlannedSlot, ...]
    removed: tuple[PlannedSlot, ...]
    changed: tuple[SlotChange, ...]
    affected: tuple[PlacedAppointment, ...]


def what_changes(
    old: OfficePlan,
    new: OfficePlan,
    days: Iterable[date],
    calendar: LegalCalendar,
    placed: Sequence[PlacedAppointment] = (),
) -> Changes:
    """The difference between two plans on some days; `placed` are the appointments of these days."""
    wanted = list(days)
    before, after = (by_key(slot for day in wanted for slot in plan(each, day, calendar)) for each in (old, new))
    return Changes(
        added=tuple(after[key] for key in after if key not in before),
        removed=tuple(before[key] for key in before if key not in after),
        changed=tuple(
            SlotChange(before[key], after[key]) for key in before if key in after and before[key] != after[key]
        ),
        affected=tuple(one for one in placed if not keeps_its_time(new, one, calendar)),
    )


def keeps_its_time(office: OfficePlan, appointment: PlacedAppointment, calendar: LegalCalendar) -> bool:
    """Whether the registry is open for an appointment from its start to its end, in its area and for its kind.

    It need not begin with a slot, nor have places online: half past nine is kept by hours from nine to ten.
    """
    day = appointment.starts_at.date()
    ends_at = appointment.starts_at + timedelta(minutes=appointment.minutes)
    return any(
        at(day, opens) <= appointment.starts_at and ends_at <= at(day, closes)
        for opens, closes in open_for(office, day, calendar, appointment.area, appointment.kind)
    )


def by_key(slots: Iterable[PlannedSlot]) -> dict[SlotKey, PlannedSlot]:
    """Slots by area and start, in order."""
    return {(slot.area, slot.starts_at): slot for slot in sorted(slots, key=lambda slot: (slot.area, slot.starts_at))}
