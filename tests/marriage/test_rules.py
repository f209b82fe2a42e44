"""The room's decisions: how a day is laid out, when it opens and closes, who may marry when, which moves there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.calendar import year_from_library
from backend.kernel.clock import BEIJING
from backend.kernel.identity import IdType, Sex, age_on, parse_identity_number
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage import rules
from backend.marriage.kinds import KINDS, Declaration, Kind
from backend.marriage.prechecks import check_parties
from backend.marriage.rules import (
    ACTIVE_STATES,
    FREEING_STATES,
    MOVES,
    Applicant,
    BookingRules,
    Finding,
    Problem,
    ResidentGroup,
    State,
    appointment_number,
    first_marriage_day,
    last_released_day,
    plan_day,
    released_at,
)
from tests.marriage.support import number

CALENDAR = LegalCalendar(year_from_library(2026), frozenset({2026}))
DEFAULT = BookingRules(
    hours=((time(9), time(12)), (time(13, 30), time(17))),
    slot_minutes=30,
    windows=2,
    online_share=0.7,
    horizon_days=30,
    release_time=time(8, 30),
    lead_cutoff=time(15),
    cancel_cutoff=time(17),
    hold_seconds=300,
    reschedule_max=2,
    late_grace_minutes=15,
    checkin_open_minutes=30,
)
THURSDAY = date(2026, 11, 26)
TODAY = date(2026, 11, 21)  # the day of the vectors in domain-rules §1.3-6


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


# --- a day ---


def test_a_day_as_the_defaults_lay_it_out() -> None:
    slots = plan_day(THURSDAY, DEFAULT, CALENDAR)
    assert [f"{slot.starts_at:%H:%M}" for slot in slots] == [
        *("09:00", "09:30", "10:00", "10:30", "11:00", "11:30"),
        *("13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30"),
    ]
    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=30)}
    assert [slot.capacity // 30 for slot in slots] == [1, 1, 2, 1, 2, 1, 1, 2, 1, 2, 1, 1, 2]
    assert sum(slot.capacity for slot in slots) == 18 * 30  # 13 × 1.4, the part below a window left to the walk-ins


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2026, 11, 28), 0),  # a Saturday
        (date(2026, 10, 1), 0),  # a holiday in the week
        (date(2026, 2, 14), 13),  # a Saturday that is worked (§1.1-5)
        (date(2026, 2, 16), 0),  # a Monday of Spring Festival
    ],
)
def test_legal_rest_days_have_no_slots(day: date, count: int) -> None:
    assert len(plan_day(day, DEFAULT, CALENDAR)) == count


def test_a_slot_never_reaches_past_closing_time() -> None:
    slots = plan_day(THURSDAY, replace(DEFAULT, slot_minutes=45), CALENDAR)
    assert [f"{slot.ends_at:%H:%M}" for slot in slots] == [
        "09:45",
        "10:30",
        "11:15",
        "12:00",
        "14:15",
        "15:00",
        "15:45",
        "16:30",
    ]


@settings(deadline=None)
@given(
    windows=st.integers(1, 40),
    share=st.integers(0, 100).map(lambda percent: percent / 100),
    minutes=st.integers(10, 120),
)
def test_the_online_share_is_kept_and_spread(windows: int, share: float, minutes: int) -> None:
    slots = plan_day(THURSDAY, replace(DEFAULT, windows=windows, online_share=share, slot_minutes=minutes), CALENDAR)
    stretches = 180 // minutes + 210 // minutes
    capacities = [slot.capacity // minutes for slot in slots]
    online = sum(capacities)
    assert [slot.capacity for slot in slots] == [minutes * capacity for capacity in capacities]
    assert all(0 < capacity <= windows for capacity in capacities)
    assert online <= windows * share * stretches + 1e-6
    assert online > windows * share * stretches - 1
    if len(slots) == stretches:
        assert max(capacities) - min(capacities) <= 1


# --- when it opens and closes ---


@pytest.mark.parametrize(
    ("now", "last"), [("2026-11-23 08:29", date(2026, 12, 22)), ("2026-11-23 08:30", date(2026, 12, 23))]
)
def test_a_day_is_released_in_the_morning(now: str, last: date) -> None:
    assert last_released_day(moment(now), DEFAULT) == last


@settings(deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.times(),
    st.integers(1, 90),
    st.integers(-3, 100),
)
def test_release_is_told_as_it_happens(today: date, clock_time: time, horizon: int, ahead: int) -> None:
    """What people are told (`released_at`) and what happens (`last_released_day`) are the same rule."""
    now = datetime.combine(today, clock_time, BEIJING)
    booking_rules, day = replace(DEFAULT, horizon_days=horizon), today + timedelta(days=ahead)
    assert (day <= last_released_day(now, booking_rules)) is (now >= released_at(day, booking_rules))


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (THURSDAY, "2026-11-25 15:00"),
        (date(2026, 11, 30), "2026-11-27 15:00"),  # a Monday: on Friday
        (date(2026, 10, 8), "2026-09-30 15:00"),  # after the holidays: before them
        (date(2026, 2, 24), "2026-02-14 15:00"),  # the Saturday before Spring Festival is worked
    ],
)
def test_booking_closes_on_the_workday_before(day: date, closes: str) -> None:
    assert rules.booking_closes_at(day, DEFAULT, CALENDAR) == moment(closes)


def test_moments_around_an_appointment() -> None:
    starts_at = moment("2026-11-26 10:00")
    assert rules.change_closes_at(THURSDAY, DEFAULT) == moment("2026-11-25 17:00")
    assert rules.checkin_opens_at(starts_at, DEFAULT) == moment("2026-11-26 09:30")
    assert rules.no_show_from(starts_at, DEFAULT) == moment("2026-11-26 10:15")


@pytest.mark.parametrize(
    ("starts", "before", "same_day"),
    [
        ("2026-11-26 09:00", "2026-11-25 10:00", "2026-11-26 08:00"),  # seven would be in the quiet hours
        ("2026-11-26 10:00", "2026-11-25 10:00", "2026-11-26 08:00"),
        ("2026-11-26 10:30", "2026-11-25 10:00", "2026-11-26 08:30"),
        ("2026-12-01 16:30", "2026-11-30 10:00", "2026-12-01 14:30"),
    ],
)
def test_reminders(starts: str, before: str, same_day: str) -> None:
    """domain-rules §7."""
    assert rules.day_before_reminder(moment(starts)) == moment(before)
    assert rules.two_hours_reminder(moment(starts)) == moment(same_day)


# --- pre-checks ---

MAN = "100000200411210011"  # 22 on 21 November 2026
MAN_NEXT_DAY = "100000200411220033"
WOMAN = "100000200611210024"  # 20 on the same day
LEAP_MAN = "100000200402290013"


def applicant(number: str, group: ResidentGroup = ResidentGroup.MAINLAND, id_type: IdType | None = None) -> Applicant:
    return Applicant(parse_identity_number(id_type or IdType.RESIDENT_IDENTITY_CARD, number, today=TODAY), group)


def findings(*numbers: str, day: date = TODAY, declared: bool = True) -> list[Finding]:
    withheld = () if declared else KINDS[Kind.MARRIAGE_REGISTRATION].declarations
    return check([applicant(number) for number in numbers], day, withheld)


def check(parties: list[Applicant], day: date, withheld: Collection[Declaration] = ()) -> list[Finding]:
    return list(check_parties(Kind.MARRIAGE_REGISTRATION, parties, day, withheld=withheld))


def test_a_couple_of_age_on_their_birthday_passes() -> None:
    assert findings(MAN, WOMAN) == []
    assert findings(WOMAN, MAN) == []


def test_e1_one_person_twice() -> None:
    assert findings(MAN, MAN) == [Finding(Problem.SAME_PERSON)]


def test_e2_two_of_one_sex() -> None:
    assert findings(MAN, "34052419800101001X") == [Finding(Problem.SAME_SEX)]
    assert findings(WOMAN, "100000194611210042") == [Finding(Problem.SAME_SEX)]


def test_e3_counts_on_the_day_of_the_appointment() -> None:
    """民法典 1047: one day too young, and none."""
    tomorrow = TODAY + timedelta(days=1)
    assert findings(WOMAN, MAN_NEXT_DAY) == [Finding(Problem.UNDER_AGE, 1, tomorrow)]
    assert findings(WOMAN, MAN_NEXT_DAY, day=tomorrow) == []


def test_e3_names_each_who_is_too_young() -> None:
    day = date(2026, 1, 5)
    assert findings(MAN, WOMAN, day=day) == [
        Finding(Problem.UNDER_AGE, 0, TODAY),
        Finding(Problem.UNDER_AGE, 1, TODAY),
    ]


def test_e3_a_leap_day_birth_is_of_age_on_28_february() -> None:
    """民法典 202: the last day of the month stands in where the day is missing."""
    assert first_marriage_day(applicant(LEAP_MAN).identity) == date(2026, 2, 28)
    assert findings(LEAP_MAN, "100000194611210042", day=date(2026, 2, 27)) != []
    assert findings(LEAP_MAN, "100000194611210042", day=date(2026, 2, 28)) == []


def test_e3_a_passport_tells_no_age() -> None:
    passport = applicant("E12345678", id_type=IdType.PASSPORT)
    assert first_marriage_day(passport.identity) is None
    assert check([passport, applicant(WOMAN)], TODAY) == []


def test_e4_both_declare() -> None:
    assert findings(MAN, WOMAN, declared=False) == [Finding(Problem.NOT_DECLARED)]


@pytest.mark.parametrize("group", [group for group in ResidentGroup if group is not ResidentGroup.MAINLAND])
def test_e5_other_groups_go_to_a_registry_that_was_named(group: ResidentGroup) -> None:
    permit = IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT
    pair = [applicant("810000199003071237", group, permit), applicant(WOMAN)]
    assert Finding(Problem.OFFICE_WITHOUT_AUTHORITY) in check(pair, TODAY)


@settings(deadline=None)
@given(
    born=st.dates(date(1940, 1, 1), date(2026, 11, 1)),
    sex=st.sampled_from(Sex),
)
def test_the_first_marriage_day_is_the_first(born: date, sex: Sex) -> None:
    identity = applicant(number(born, 1 if sex is Sex.MALE else 2)).identity
    first = first_marriage_day(identity)
    assert first is not None
    age = rules.MARRIAGE_AGE[sex]
    assert age_on(born, first) == age
    assert age_on(born, first - timedelta(days=1)) == age - 1


# --- states ---


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(State)
    reached = {State.HELD, State.BOOKED}.union(*MOVES.values())
    assert reached == set(State)


def test_nothing_leaves_an_end() -> None:
    ends = {State.EXPIRED, State.REFUSED, State.CANCELLED, State.SERVED, State.FAILED_DOCUMENTS, State.NO_SHOW}
    assert {state for state, targets in MOVES.items() if not targets} == ends


def test_only_ends_give_a_place_back_and_none_of_them_is_active() -> None:
    assert all(not MOVES[state] for state in FREEING_STATES)
    assert not FREEING_STATES & set(ACTIVE_STATES)
    assert all(MOVES[state] for state in ACTIVE_STATES)


def test_nobody_returns_to_the_desk_after_being_checked_in() -> None:
    after = set(MOVES[State.CHECKED_IN])
    assert after == {State.SERVED, State.FAILED_DOCUMENTS}


# --- numbers ---


def test_appointment_numbers_differ_and_tell_a_slip() -> None:
    numbers = [appointment_number(sequence) for sequence in range(1, 20_001)]
    assert len(set(numbers)) == len(numbers)
    assert {len(one) for one in numbers} == {10}
    valid = set(numbers) | {appointment_number(sequence) for sequence in range(20_001, 40_001)}
    slips = Counter(
        f"{one[:place]}{digit}{one[place + 1 :]}" in valid
        for one in numbers[:50]
        for place in range(2, 10)
        for digit in "0123456789"
        if digit != one[place]
    )
    assert slips[True] == 0
