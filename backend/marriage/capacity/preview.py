"""What a change would do: days as residents will see them, and who loses their time. It looks and never acts."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now
from backend.marriage.apply_plan import placed_on
from backend.marriage.capacity.affected import Hit, hit_by
from backend.marriage.capacity.wishes import Wish, planned_with
from backend.marriage.changes import PlacedAppointment, SlotKey, by_key, what_changes
from backend.marriage.days import plan_as_written
from backend.marriage.kinds import Area
from backend.marriage.models import Slot
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan, PlannedSlot, is_released, opens_at, plan
from backend.marriage.spread import length
from backend.storage import transaction


@dataclass(frozen=True)
class LaidOut:
    """A slot as it is in the database."""

    id: uuid.UUID
    planned: PlannedSlot
    taken: int


@dataclass(frozen=True)
class SlotLine:
    """A slot before and after: how many windows' worth of places residents see online; None where there is no slot.

    `taken`: places that are booked. `stays`: closed, but what is booked stays until it is moved.
    """

    area: Area
    starts_at: datetime
    ends_at: datetime
    before: int | None
    after: int | None
    taken: int
    stays: bool


@dataclass(frozen=True)
class AreaPreview:
    """The lines of one area on a day."""

    area: Area
    lines: Sequence[SlotLine]

    @property
    def gone(self) -> bool:
        """Whether nothing is left of it."""
        return all(line.after is None for line in self.lines)

    @property
    def before(self) -> int:
        """Places online as they are now."""
        return sum(line.before or 0 for line in self.lines)

    @property
    def taken(self) -> int:
        """Slots on which somebody is booked."""
        return sum(line.taken > 0 for line in self.lines)


@dataclass(frozen=True)
class DayPreview:
    """A day before and after. `opens_at`: when residents can book it, where that lies ahead."""

    day: date
    lines: Sequence[SlotLine]
    opens_at: datetime | None
    laid_out: bool

    @property
    def differs(self) -> bool:
        """Whether residents see any difference."""
        return any(line.before != line.after or line.stays for line in self.lines)

    @property
    def areas(self) -> Sequence[AreaPreview]:
        """The lines by area, in the order in which areas are always named; areas in which nothing differs left out."""
        groups = [AreaPreview(area, [line for line in self.lines if line.area is area]) for area in Area]
        return [group for group in groups if any(line.before != line.after or line.stays for line in group.lines)]

    @property
    def places(self) -> tuple[int, int]:
        """Places online before and after."""
        return sum(line.before or 0 for line in self.lines), sum(line.after or 0 for line in self.lines)


@dataclass(frozen=True)
class Preview:
    """What a wish would do. `base` tells whether anything it was drawn from has moved since."""

    wish: Wish
    days: Sequence[DayPreview]
    hits: Sequence[Hit]
    base: str

    @property
    def changed_days(self) -> Sequence[DayPreview]:
        """Days on which residents see a difference."""
        return [day for day in self.days if day.differs]

    @property
    def counts(self) -> tuple[int, int]:
        """Places online before and after, of all days."""
        return sum(day.places[0] for day in self.days), sum(day.places[1] for day in self.days)


def preview(place: OfficeView, wish: Wish) -> Preview:
    """What a wish would do at this moment; a handful of queries, however long the days."""
    moment, calendar = now(), legal_calendar()
    with transaction():
        old = plan_as_written(place, moment)
        new = planned_with(old, wish, calendar)
        placed = placed_on(place, wish.days)
        slots = laid_out(place, wish.days)
    changes = what_changes(old, new, wish.days, calendar, placed)
    lost = {one.id for one in changes.affected}
    hits = hit_by(place, new, wish.days, [one for one in placed if one.id in lost])
    days = [_day(day, old, new, slots.get(day, {}), moment) for day in wish.days]
    return Preview(wish, days, hits, _base(old, placed, slots, wish))


def laid_out(place: OfficeView, days: Sequence[date]) -> dict[date, dict[SlotKey, LaidOut]]:
    """The slots of some days, by area and start."""
    query = sa.select(Slot).where(Slot.office_id == place.id, Slot.day.in_(days)).order_by(Slot.starts_at, Slot.id)
    found: dict[date, dict[SlotKey, LaidOut]] = defaultdict(dict)
    with transaction() as opened:
        for slot in opened.scalars(query.execution_options(populate_existing=True)):
            planned = PlannedSlot(
                slot.starts_at.astimezone(BEIJING), slot.ends_at.astimezone(BEIJING), slot.capacity, slot.area
            )
            found[slot.day][(slot.area, planned.starts_at)] = LaidOut(slot.id, planned, slot.taken)
    return found


def _day(day: date, old: OfficePlan, new: OfficePlan, slots: dict[SlotKey, LaidOut], moment: datetime) -> DayPreview:
    calendar = legal_calendar()
    before = {key: slot.planned for key, slot in slots.items()} if slots else by_key(plan(old, day, calendar))
    after = by_key(plan(new, day, calendar))
    keys = sorted({*before, *after}, key=lambda key: (key[0], key[1]))
    lines = [_line(before.get(key), after.get(key), slots.get(key)) for key in keys]
    opens = None if is_released(new, day, moment) else opens_at(new, day)
    return DayPreview(day, lines, opens, bool(slots))


def _line(before: PlannedSlot | None, after: PlannedSlot | None, slot: LaidOut | None) -> SlotLine:
    shown = after or before
    if shown is None:
        raise ValueError("a line without a slot")
    minutes = length(shown)
    taken = slot.taken if slot is not None else 0
    least = max(after.capacity, taken) if after is not None else None  # what is booked is never taken away
    return SlotLine(
        shown.area,
        shown.starts_at,
        shown.ends_at,
        None if before is None else before.capacity // minutes,
        None if least is None else least // minutes,
        -(-taken // minutes),
        after is None and taken > 0,
    )


def _base(
    old: OfficePlan,
    placed: Sequence[PlacedAppointment],
    slots: dict[date, dict[SlotKey, LaidOut]],
    wish: Wish,
) -> str:
    """A fingerprint of all that was looked at: bookings, slots, closures, peak days and rules of these days."""
    parts = [
        # Sets come in another order in each process.
        repr(replace(old.rules, saturday_kinds=frozenset())),
        repr(sorted(old.rules.saturday_kinds)),
        repr(sorted(repr(span) for span in old.closures)),
        repr([(one.area, one.starts_at, one.ends_at, sorted(one.windows)) for one in old.outages]),
        repr([(day, _told(old, day)) for day in wish.days]),
        repr([(one.id, one.starts_at.isoformat(), one.minutes) for one in placed]),
        repr([(slot.id, slot.planned.capacity, slot.taken) for day in sorted(slots) for slot in slots[day].values()]),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _told(office: OfficePlan, day: date) -> str:
    peak = office.peaks.get(day)
    if peak is None:
        return ""
    return repr((peak.hours, peak.extra_windows, sorted(peak.kinds), peak.online_share, peak.release_at))
