"""What somebody wants to change about a registry's days, and what its plan would be with it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.kinds import BOOKABLE_KINDS, KINDS, Area, Kind
from backend.marriage.opening import ClosedSpan, OfficePlan, Peak, Spans, open_for

# Where a day is cut in two: 09:00-12:00 is the morning, 13:30-17:00 the afternoon.
NOON = time(12, 30)


class Action(StrEnum):
    """What can be changed on the calendar."""

    CLOSE = "close"
    HALF = "half"  # closed for one half of the day
    REOPEN = "reopen"
    PEAK = "peak"
    ORDINARY = "ordinary"
    RELAY = "relay"  # lay out anew what was laid out before hours or windows were changed


class Half(StrEnum):
    """The part of a day that stays open."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class Wish:
    """A change of the days `first` to `last`, both included. What an action does not need stays empty.

    `reason` is read by residents; `closure_id` and `span` are the closure to be taken back; `peak` what a day becomes.
    """

    action: Action
    first: date
    last: date
    reason: str = ""
    area: Area | None = None
    half: Half | None = None
    closure_id: uuid.UUID | None = None
    span: ClosedSpan | None = None
    peak: Peak | None = None

    @property
    def days(self) -> list[date]:
        """Every day it is about."""
        return [self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1)]


def planned_with(office: OfficePlan, wish: Wish, calendar: LegalCalendar) -> OfficePlan:
    """The plan as it would be."""
    if wish.action is Action.CLOSE:
        return replace(office, closures=(*office.closures, ClosedSpan(wish.first, wish.last, wish.area)))
    if wish.action is Action.REOPEN:
        left = list(office.closures)
        if wish.span in left:
            left.remove(wish.span)
        return replace(office, closures=tuple(left))
    if wish.action is Action.PEAK and wish.peak is not None:
        return replace(office, peaks={**office.peaks, wish.first: wish.peak})
    if wish.action is Action.ORDINARY:
        return replace(office, peaks={day: peak for day, peak in office.peaks.items() if day != wish.first})
    if wish.action is Action.HALF:
        return replace(office, peaks={**office.peaks, **halved(office, wish, calendar)})
    return office


def halved(office: OfficePlan, wish: Wish, calendar: LegalCalendar) -> Mapping[date, Peak]:
    """The days of a wish with one half of their hours; days that are closed, or have no such half, are left out.

    A day of half its hours is a day with hours of its own: windows, kinds and the share online stay.
    """
    return {day: peak for day in wish.days for peak in _half_of(office, day, wish.half, calendar)}


def _half_of(office: OfficePlan, day: date, half: Half | None, calendar: LegalCalendar) -> Iterator[Peak]:
    before = office.peaks.get(day)
    hours = hours_of(office, day, calendar)
    kept = tuple(part for part in (_cut(span, half) for span in hours) if part is not None)
    if not kept:
        return
    if before is not None:
        yield replace(before, hours=kept)
        return
    kinds = frozenset(kind for kind in BOOKABLE_KINDS if _open(office, day, calendar, kind))
    yield Peak(kept, 0, kinds, office.rules.online_share, open_even_if_rest=not calendar.is_workday(day))


def _open(office: OfficePlan, day: date, calendar: LegalCalendar, kind: Kind) -> Spans:
    area = KINDS[kind].area
    return () if area is None else open_for(office, day, calendar, area, kind)


def hours_of(office: OfficePlan, day: date, calendar: LegalCalendar, area: Area | None = None) -> Spans:
    """The hours of a day, whatever is done in them, or in one area; none when the registry is closed."""
    kinds = [kind for kind in sorted(BOOKABLE_KINDS) if area in (None, KINDS[kind].area)]
    return next((hours for kind in kinds if (hours := _open(office, day, calendar, kind))), ())


def _cut(span: tuple[time, time], half: Half | None) -> tuple[time, time] | None:
    opens, closes = span
    if half is Half.MORNING:
        closes = min(closes, NOON)
    else:
        opens = max(opens, NOON)
    return (opens, closes) if opens < closes else None


def release_of(wish: Wish) -> datetime | None:
    """The moment at which a peak day is opened, where it has one of its own."""
    return wish.peak.release_at if wish.peak is not None else None
