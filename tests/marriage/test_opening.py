"""Which days a registry is open and for what: weekdays, Saturdays, the whole year, closures, peak days (§2.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.calendar import year_from_library
from backend.kernel.clock import BEIJING
from backend.kernel.ids import new_id
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.changes import PlacedAppointment, what_changes
from backend.marriage.kinds import BOOKABLE_KINDS, Area, Kind
from backend.marriage.opening import ON_REST_DAYS, ClosedSpan, OfficePlan, Peak, is_released, opens_at, plan
from tests.marriage.test_rules import CALENDAR, DEFAULT, THURSDAY

SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)
NATIONAL_DAY = date(2026, 10, 3)  # a Saturday that the notice takes off
WORKED = date(2026, 2, 14)  # a Saturday that is worked
WITH_SATURDAYS = replace(DEFAULT, saturday_hours=((time(9), time(13)),))
PEAK = Peak(
    hours=((time(8), time(18)),),
    extra_windows=3,
    kinds=frozenset({Kind.MARRIAGE_REGISTRATION}),
    online_share=1.0,
    open_even_if_rest=True,
    release_at=datetime(2026, 11, 20, 8, 30, tzinfo=BEIJING),
)


def kinds_on(office: OfficePlan, day: date, calendar: LegalCalendar = CALENDAR) -> set[Kind]:
    return {kind for slot in plan(office, day, calendar) for kind in slot.kinds}


def test_a_workday_has_every_kind_in_its_area() -> None:
    slots = plan(OfficePlan(DEFAULT), THURSDAY, CALENDAR)
    assert kinds_on(OfficePlan(DEFAULT), THURSDAY) == BOOKABLE_KINDS
    assert {slot.area for slot in slots} == set(Area)
    assert all(Kind.DIVORCE_APPLICATION in slot.kinds for slot in slots if slot.area is Area.DIVORCE_ROOM)


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (SATURDAY, WITH_SATURDAYS.saturday_kinds),
        (SUNDAY, set()),
        (NATIONAL_DAY, set()),
        (WORKED, BOOKABLE_KINDS),
        (THURSDAY, BOOKABLE_KINDS),
    ],
)
def test_saturdays(day: date, kinds: set[Kind]) -> None:
    assert kinds_on(OfficePlan(WITH_SATURDAYS), day) == set(kinds)


def test_a_saturday_ends_at_one() -> None:
    assert max(slot.ends_at for slot in plan(OfficePlan(WITH_SATURDAYS), SATURDAY, CALENDAR)).time() == time(13)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans())
def test_nobody_divorces_on_a_rest_day(day: date, open_365: bool) -> None:
    """§2.5: M2 and M4 only on legal workdays, whatever is set."""
    calendar = LegalCalendar(year_from_library(2026), frozenset({2026}))
    rules = replace(WITH_SATURDAYS, open_365=open_365, saturday_kinds=BOOKABLE_KINDS)
    peak = replace(PEAK, kinds=BOOKABLE_KINDS)
    for office in (OfficePlan(rules), OfficePlan(rules, peaks={day: peak})):
        offered = kinds_on(office, day, calendar)
        assert calendar.is_workday(day) or offered <= ON_REST_DAYS
        assert not open_365 or offered


def test_weekdays_of_their_own() -> None:
    rules = replace(DEFAULT, weekday_hours={4: ((time(9), time(10)),)}, closed_weekdays=frozenset({5}))
    assert len({slot.starts_at for slot in plan(OfficePlan(rules), THURSDAY, CALENDAR)}) == 2
    assert plan(OfficePlan(rules), THURSDAY + timedelta(days=1), CALENDAR) == []


def test_closures_of_an_area_and_of_all() -> None:
    one = OfficePlan(DEFAULT, [ClosedSpan(THURSDAY, THURSDAY, Area.DIVORCE_ROOM)])
    assert {slot.area for slot in plan(one, THURSDAY, CALENDAR)} == {Area.MARRIAGE_HALL, Area.SERVICE_WINDOW}
    assert plan(OfficePlan(DEFAULT, [ClosedSpan(THURSDAY, THURSDAY)]), THURSDAY, CALENDAR) == []


def test_a_peak_day_has_hours_windows_kinds_and_a_release_of_its_own() -> None:
    office = OfficePlan(DEFAULT, peaks={SUNDAY: PEAK})
    slots = plan(office, SUNDAY, CALENDAR)
    assert (slots[0].starts_at.time(), slots[-1].ends_at.time()) == (time(8), time(18))
    assert {slot.capacity for slot in slots} == {5 * 30}
    assert kinds_on(office, SUNDAY) == {Kind.MARRIAGE_REGISTRATION}
    assert opens_at(office, SUNDAY) == PEAK.release_at
    assert not is_released(office, SUNDAY, PEAK.release_at - timedelta(seconds=1))  # type: ignore[operator]
    assert is_released(office, SUNDAY, PEAK.release_at)  # type: ignore[arg-type]
    assert plan(OfficePlan(DEFAULT, peaks={SUNDAY: replace(PEAK, open_even_if_rest=False)}), SUNDAY, CALENDAR) == []


def test_places_are_held_back_late_in_the_day() -> None:
    slots = plan(OfficePlan(DEFAULT, reserve_per_day=2), THURSDAY, CALENDAR)
    held = [slot for slot in slots if slot.reserved]
    assert [(slot.area, slot.reserved) for slot in held] == [(Area.DIVORCE_ROOM, 30)] * 2
    assert held == [slot for slot in slots if slot.area is Area.DIVORCE_ROOM][-2:]


# --- what a change does ---


def placed(text: str, kind: Kind = Kind.MARRIAGE_REGISTRATION, area: Area = Area.MARRIAGE_HALL) -> PlacedAppointment:
    return PlacedAppointment(new_id(), kind, area, datetime.fromisoformat(text).replace(tzinfo=BEIJING), 30)


def test_what_a_change_of_hours_does() -> None:
    old, new = OfficePlan(DEFAULT), OfficePlan(replace(DEFAULT, hours=((time(9, 30), time(12)),), windows=4))
    early, late, kept = placed("2026-11-26 09:00"), placed("2026-11-26 16:00"), placed("2026-11-26 10:10")
    changes = what_changes(old, new, [THURSDAY], CALENDAR, [early, late, kept])
    assert changes.affected == (early, late)
    assert {slot.starts_at.time() for slot in changes.removed} >= {time(9), time(16, 30)}
    grown = {change.before.starts_at.time() for change in changes.changed if change.after.area is Area.MARRIAGE_HALL}
    assert grown == {time(9, 30), time(10), time(10, 30), time(11), time(11, 30)}


def test_nothing_changes_without_a_change() -> None:
    office = OfficePlan(WITH_SATURDAYS)
    changes = what_changes(office, office, [THURSDAY, SATURDAY], CALENDAR, [placed("2026-11-26 09:00")])
    assert (changes.added, changes.removed, changes.changed, changes.affected) == ((), (), (), ())


def test_an_area_that_closes_loses_only_its_own() -> None:
    hall = placed("2026-11-26 10:00")
    room = placed("2026-11-26 10:00", Kind.DIVORCE_APPLICATION, Area.DIVORCE_ROOM)
    closed = OfficePlan(DEFAULT, [ClosedSpan(THURSDAY, THURSDAY, Area.DIVORCE_ROOM)])
    assert what_changes(OfficePlan(DEFAULT), closed, [THURSDAY], CALENDAR, [hall, room]).affected == (room,)
