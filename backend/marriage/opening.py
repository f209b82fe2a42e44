"""When a registry is open, for what, and how its days are laid out into slots (domain-rules §2.5). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from backend.kernel.clock import BEIJING
from backend.kernel.legal_calendar import ONE_DAY, LegalCalendar
from backend.marriage.kinds import BOOKABLE_KINDS, KINDS, Area, Kind, kinds_of

Spans = tuple[tuple[time, time], ...]

SATURDAY = 6  # ISO weekday
SATURDAY_KINDS = frozenset(
    {Kind.MARRIAGE_REGISTRATION, Kind.MARRIAGE_CERTIFICATE_REISSUE, Kind.DIVORCE_CERTIFICATE_REISSUE}
)
ON_REST_DAYS = frozenset(kind for kind in BOOKABLE_KINDS if KINDS[kind].rest_days)


def default_minutes() -> Mapping[Kind, int]:
    """Minutes of each kind as §2.2 has them."""
    return {kind: info.minutes for kind, info in KINDS.items()}


@dataclass(frozen=True)
class BookingRules:
    """What an office has set (§2.5). Times are 北京时间; `online_share` is the part of places offered online.

    `weekday_hours`: hours of workdays that differ from `hours`, by ISO weekday; `closed_weekdays` none at all.
    `saturday_hours` empty: closed on Saturdays. `windows` are those of the marriage hall.
    """

    hours: Spans
    slot_minutes: int
    windows: int
    online_share: float
    horizon_days: int
    release_time: time
    lead_cutoff: time
    cancel_cutoff: time
    hold_seconds: int
    reschedule_max: int
    late_grace_minutes: int
    checkin_open_minutes: int
    weekday_hours: Mapping[int, Spans] = field(default_factory=dict)
    closed_weekdays: frozenset[int] = frozenset()
    saturday_hours: Spans = ()
    saturday_kinds: frozenset[Kind] = SATURDAY_KINDS
    open_365: bool = False
    divorce_windows: int = 1
    service_windows: int = 1
    divorce_slot_minutes: int = 30
    service_slot_minutes: int = 30
    minutes: Mapping[Kind, int] = field(default_factory=default_minutes)

    def windows_of(self, area: Area) -> int:
        """How many windows an area has."""
        return {
            Area.MARRIAGE_HALL: self.windows,
            Area.DIVORCE_ROOM: self.divorce_windows,
            Area.SERVICE_WINDOW: self.service_windows,
        }[area]

    def slot_minutes_of(self, area: Area) -> int:
        """How long a slot of an area is."""
        return {
            Area.MARRIAGE_HALL: self.slot_minutes,
            Area.DIVORCE_ROOM: self.divorce_slot_minutes,
            Area.SERVICE_WINDOW: self.service_slot_minutes,
        }[area]

    def minutes_of(self, kind: Kind, *, foreign_related: bool = False) -> int:
        """How long a piece of business keeps a window; foreign-related ones at least the minutes of M9."""
        own = self.minutes[kind]
        return max(own, self.minutes[Kind.FOREIGN_RELATED]) if foreign_related else own


@dataclass(frozen=True)
class ClosedSpan:
    """Days on which a registry, or one area of it, is closed (停办)."""

    first: date
    last: date
    area: Area | None = None


@dataclass(frozen=True)
class Outage:
    """Some windows of an area, by their numbers, that serve nobody for some hours of a day (停窗口)."""

    area: Area
    starts_at: datetime
    ends_at: datetime
    windows: frozenset[int]

    def touches(self, area: Area, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it takes something away from a stretch of time in an area."""
        return self.area is area and self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True)
class Peak:
    """A day everybody wants (§2.5 "Peak days"): hours, windows and kinds of its own, opened at a moment of its own."""

    hours: Spans
    extra_windows: int
    kinds: frozenset[Kind]
    online_share: float
    open_even_if_rest: bool
    release_at: datetime | None = None


@dataclass(frozen=True)
class OfficePlan:
    """All that decides what a registry's days look like."""

    rules: BookingRules
    closures: Sequence[ClosedSpan] = ()
    peaks: Mapping[date, Peak] = field(default_factory=dict)
    reserve_per_day: int = 0  # places for the certificate, held back for closing windows (§2.5-3)
    outages: Sequence[Outage] = ()


@dataclass(frozen=True)
class PlannedSlot:
    """A slot as it is laid out. `capacity`: window-minutes online, of which `reserved` are held back for couples whose
    window closes; `kinds`: what may be booked in it.
    """

    starts_at: datetime
    ends_at: datetime
    capacity: int
    area: Area = Area.MARRIAGE_HALL
    kinds: frozenset[Kind] = frozenset()
    reserved: int = 0


@dataclass(frozen=True)
class _DayShape:
    hours: Spans
    kinds: frozenset[Kind]
    online_share: float
    extra_windows: int = 0


def at(day: date, clock_time: time) -> datetime:
    """A time of day in 北京时间 on a civil date."""
    return datetime.combine(day, clock_time, BEIJING)


def plan(office: OfficePlan, day: date, calendar: LegalCalendar) -> list[PlannedSlot]:
    """What residents will see of a day: its slots by area and time; none when the registry is closed."""
    shape = _shape(office, day, calendar)
    if shape is None:
        return []
    slots = [
        slot
        for area in Area
        if not _closed(office, day, area) and shape.kinds & kinds_of(area)
        for slot in _lay_out(office, shape, day, area)
    ]
    return _hold_back(office, slots)


def _hold_back(office: OfficePlan, slots: Sequence[PlannedSlot]) -> list[PlannedSlot]:
    """Hold places for the certificate back in the day's last slots, one each; early ones go to whoever comes first."""
    minutes = office.rules.minutes_of(Kind.DIVORCE_CERTIFICATE)
    left, laid = office.reserve_per_day, list(slots)
    for index in reversed(range(len(laid))):
        slot = laid[index]
        if left and Kind.DIVORCE_CERTIFICATE in slot.kinds and minutes <= slot.capacity:
            laid[index] = replace(slot, reserved=minutes)
            left -= 1
    return laid


def plan_day(day: date, rules: BookingRules, calendar: LegalCalendar) -> list[PlannedSlot]:
    """The marriage hall's slots of a day without closures and peaks.

    The online share is spread evenly in whole windows: with 2 windows and 0.7 the half hours carry 1, 1, 2, 1, 2 …
    windows, so 30, 30, 60, 30, 60 … minutes; a part of a window would serve nobody.
    """
    return [slot for slot in plan(OfficePlan(rules), day, calendar) if slot.area is Area.MARRIAGE_HALL]


def open_for(office: OfficePlan, day: date, calendar: LegalCalendar, area: Area, kind: Kind) -> Spans:
    """The hours in which a kind is done in an area, with and without places online."""
    shape = _shape(office, day, calendar)
    return () if shape is None or kind not in shape.kinds or _closed(office, day, area) else shape.hours


def _shape(office: OfficePlan, day: date, calendar: LegalCalendar) -> _DayShape | None:
    usual = _usual_shape(office.rules, day, calendar)
    peak = office.peaks.get(day)
    if peak is None or (usual is None and not peak.open_even_if_rest):
        return usual
    kinds = peak.kinds if calendar.is_workday(day) else peak.kinds & ON_REST_DAYS
    return _DayShape(peak.hours, kinds, peak.online_share, peak.extra_windows)


def _usual_shape(rules: BookingRules, day: date, calendar: LegalCalendar) -> _DayShape | None:
    weekday = day.isoweekday()
    hours = rules.weekday_hours.get(weekday) or rules.hours
    if calendar.is_workday(day):
        closed = weekday in rules.closed_weekdays
        return None if closed else _DayShape(hours, BOOKABLE_KINDS, rules.online_share)
    if rules.open_365:
        return _DayShape(hours, ON_REST_DAYS, rules.online_share)
    # A Saturday that the notice takes off (国庆) is a holiday; one that the office opens stays a rest day (§1.1-3).
    if weekday == SATURDAY and day not in calendar.days and rules.saturday_hours:
        return _DayShape(rules.saturday_hours, rules.saturday_kinds & ON_REST_DAYS, rules.online_share)
    return None


def _closed(office: OfficePlan, day: date, area: Area) -> bool:
    return any(span.first <= day <= span.last and span.area in (None, area) for span in office.closures)


def windows_left(office: OfficePlan, area: Area, starts_at: datetime, ends_at: datetime) -> int:
    """How many windows of an area serve anybody in a stretch of time of a day; an outage of a part of it counts."""
    peak = office.peaks.get(starts_at.date())
    extra = peak.extra_windows if peak is not None and area is Area.MARRIAGE_HALL else 0
    out = {number for one in office.outages if one.touches(area, starts_at, ends_at) for number in one.windows}
    return max(office.rules.windows_of(area) + extra - len(out), 0)


def _lay_out(office: OfficePlan, shape: _DayShape, day: date, area: Area) -> Iterator[PlannedSlot]:
    rules = office.rules
    minutes = rules.slot_minutes_of(area)
    step = timedelta(minutes=minutes)
    extra = shape.extra_windows if area is Area.MARRIAGE_HALL else 0
    online = round((rules.windows_of(area) + extra) * shape.online_share * 1000)  # thousandths: 1.4 stays exact
    kinds = shape.kinds & kinds_of(area)
    index = 0
    for opens, closes in shape.hours:
        start = at(day, opens)
        while start + step <= at(day, closes):
            windows = (index + 1) * online // 1000 - index * online // 1000
            if office.outages:
                windows = min(windows, windows_left(office, area, start, start + step))
            if windows:
                yield PlannedSlot(start, start + step, windows * minutes, area, kinds)
            index += 1
            start += step


# --- when a day opens and closes for booking ---


def last_released_day(now: datetime, rules: BookingRules) -> date:
    """The farthest ordinary day one may book now: day T+horizon is released on T at `release_time` (§2.5)."""
    ahead = rules.horizon_days if now.time() >= rules.release_time else rules.horizon_days - 1
    return now.date() + timedelta(days=ahead)


def released_at(day: date, rules: BookingRules) -> datetime:
    """When an ordinary day can be booked for the first time: `release_time`, `horizon_days` before it (§2.5)."""
    return at(day - timedelta(days=rules.horizon_days), rules.release_time)


def opens_at(office: OfficePlan, day: date) -> datetime:
    """When a day can be booked for the first time: at the moment of its own if it is a peak day with one."""
    peak = office.peaks.get(day)
    return released_at(day, office.rules) if peak is None or peak.release_at is None else peak.release_at


def is_released(office: OfficePlan, day: date, now: datetime) -> bool:
    """Whether a day can be booked by `now`."""
    return now >= opens_at(office, day)


def booking_closes_at(day: date, rules: BookingRules, calendar: LegalCalendar) -> datetime:
    """Until when a day can be booked online: `lead_cutoff` on the previous legal workday (§2.5)."""
    return at(calendar.previous_workday(day), rules.lead_cutoff)


def change_closes_at(day: date, rules: BookingRules) -> datetime:
    """Until when a resident may cancel or move: `cancel_cutoff` on the day before (§2.5)."""
    return at(day - ONE_DAY, rules.cancel_cutoff)


def checkin_opens_at(starts_at: datetime, rules: BookingRules) -> datetime:
    """From when a couple can check in (§2.5 `checkin_open`)."""
    return starts_at - timedelta(minutes=rules.checkin_open_minutes)


def no_show_from(starts_at: datetime, rules: BookingRules) -> datetime:
    """From when an absent couple may be marked as such: start and grace have passed (§2.5 `late_grace`)."""
    return starts_at + timedelta(minutes=rules.late_grace_minutes)
