"""Decisions of the marriage room, pure: kinds, states and their moves, opening hours, cut-offs, pre-checks.

Law that no bureau may change is written here with its article; what it may set comes in as `BookingRules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.clock import BEIJING
from backend.kernel.identity import IdentityNumber, Sex, age_on, birthday_in
from backend.kernel.legal_calendar import ONE_DAY, LegalCalendar


class Kind(StrEnum):
    """What an appointment is for (domain-rules §2.2, M1-M12; contract.md `kind`)."""

    MARRIAGE_REGISTRATION = "marriage_registration"
    DIVORCE_APPLICATION = "divorce_application"
    DIVORCE_WITHDRAWAL = "divorce_withdrawal"
    DIVORCE_CERTIFICATE = "divorce_certificate"
    MARRIAGE_CERTIFICATE_REISSUE = "marriage_certificate_reissue"
    DIVORCE_CERTIFICATE_REISSUE = "divorce_certificate_reissue"
    ARCHIVE_QUERY = "archive_query"
    REGISTRATION_REVOCATION = "registration_revocation"
    FOREIGN_RELATED = "foreign_related"
    CEREMONY = "ceremony"
    CLOUD_CEREMONY = "cloud_ceremony"
    COUNSELLING = "counselling"


# Kinds for which slots are opened and appointments taken; the others are answered with where to go instead.
BOOKABLE_KINDS = frozenset({Kind.MARRIAGE_REGISTRATION})


class ResidentGroup(StrEnum):
    """Where a party belongs by law; decides papers and which registry has the authority (§2.3)."""

    MAINLAND = "mainland"
    HONG_KONG = "hong_kong"
    MACAU = "macau"
    TAIWAN = "taiwan"
    OVERSEAS_CHINESE = "overseas_chinese"
    FOREIGN = "foreign"


class State(StrEnum):
    """Where an appointment stands (§2.5-7)."""

    HELD = "held"
    EXPIRED = "expired"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    SERVED = "served"
    FAILED_DOCUMENTS = "failed_documents"
    NO_SHOW = "no_show"


# States in which a couple has a place; one person has at most one such appointment of a kind (§2.4 E8).
ACTIVE_STATES = (State.BOOKED, State.CONFIRMED, State.CHECKED_IN)

# Every move an appointment may make. A reschedule goes back to BOOKED, because the new time is not yet confirmed.
MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.BOOKED, State.EXPIRED}),
    State.BOOKED: frozenset(
        {State.BOOKED, State.CONFIRMED, State.REFUSED, State.CANCELLED, State.CHECKED_IN, State.NO_SHOW}
    ),
    State.CONFIRMED: frozenset({State.BOOKED, State.REFUSED, State.CANCELLED, State.CHECKED_IN, State.NO_SHOW}),
    State.CHECKED_IN: frozenset({State.SERVED, State.FAILED_DOCUMENTS}),
    State.EXPIRED: frozenset(),
    State.REFUSED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SERVED: frozenset(),
    State.FAILED_DOCUMENTS: frozenset(),
    State.NO_SHOW: frozenset(),
}

# Moves that give the place back to others.
FREEING_STATES = frozenset({State.EXPIRED, State.REFUSED, State.CANCELLED})


@dataclass(frozen=True)
class BookingRules:
    """What an office has set (§2.5). Times are 北京时间; `online_share` is the part of places offered online."""

    hours: tuple[tuple[time, time], ...]
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


@dataclass(frozen=True)
class PlannedSlot:
    """A slot as the rules lay it out for a day; moments are aware."""

    starts_at: datetime
    ends_at: datetime
    capacity: int


def at(day: date, clock_time: time) -> datetime:
    """A time of day in 北京时间 on a civil date."""
    return datetime.combine(day, clock_time, BEIJING)


def plan_day(day: date, rules: BookingRules, calendar: LegalCalendar) -> list[PlannedSlot]:
    """The slots of one day; none on a legal rest day (§2.5 `hours`).

    The online share is spread evenly: with 2 windows and 0.7 the slots carry 1, 1, 2, 1, 2 … places, never a fraction.
    """
    if not calendar.is_workday(day):
        return []
    step = timedelta(minutes=rules.slot_minutes)
    planned: list[PlannedSlot] = []
    for opens, closes in rules.hours:
        start = at(day, opens)
        while start + step <= at(day, closes):
            planned.append(PlannedSlot(start, start + step, _share(len(planned), rules)))
            start += step
    return [slot for slot in planned if slot.capacity]


def _share(index: int, rules: BookingRules) -> int:
    per_slot = round(rules.windows * rules.online_share * 1000)  # thousandths, so that 1.4 stays exact
    return (index + 1) * per_slot // 1000 - index * per_slot // 1000


def last_released_day(now: datetime, rules: BookingRules) -> date:
    """The farthest day one may book now: day T+horizon is released on T at `release_time` (§2.5)."""
    ahead = rules.horizon_days if now.time() >= rules.release_time else rules.horizon_days - 1
    return now.date() + timedelta(days=ahead)


def released_at(day: date, rules: BookingRules) -> datetime:
    """When a day can be booked for the first time: `release_time`, `horizon_days` before it (§2.5)."""
    return at(day - timedelta(days=rules.horizon_days), rules.release_time)


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


# --- Reminders (§7: T-1 day 10:00 and T-2 h; quiet from 21:00 to 08:00) ---

_MORNING = time(8, 0)


def day_before_reminder(starts_at: datetime) -> datetime:
    """10:00 on the day before."""
    return at(starts_at.date() - ONE_DAY, time(10, 0))


def two_hours_reminder(starts_at: datetime) -> datetime:
    """Two hours before, but not before 08:00 of the day."""
    return max(starts_at - timedelta(hours=2), at(starts_at.date(), _MORNING))


# --- Pre-checks (§2.4); the registrar remains the only judge ---

# 民法典 1047: men not before 22, women not before 20 full years.
MARRIAGE_AGE: Mapping[Sex, int] = {Sex.MALE: 22, Sex.FEMALE: 20}


class Problem(StrEnum):
    """Why a couple cannot be booked; the texts are in `texts.PROBLEMS`."""

    SAME_PERSON = "same_person"  # E1
    SAME_SEX = "same_sex"  # E2
    UNDER_AGE = "under_age"  # E3
    NOT_DECLARED = "not_declared"  # E4
    OFFICE_WITHOUT_AUTHORITY = "office_without_authority"  # E5


@dataclass(frozen=True)
class Finding:
    """One failed pre-check: which party (0 or 1, None for the couple) and from which day it would pass, if ever."""

    problem: Problem
    party: int | None = None
    possible_from: date | None = None


@dataclass(frozen=True)
class Applicant:
    """What the pre-checks look at in one party."""

    identity: IdentityNumber
    group: ResidentGroup


def check_couple(couple: Sequence[Applicant], day: date, *, declared: bool) -> Iterator[Finding]:
    """Pre-checks E1-E5 of a marriage registration on `day` - the day of the appointment, not today (§2.4)."""
    first, second = couple
    if first.identity.number == second.identity.number:
        yield Finding(Problem.SAME_PERSON)
        return
    if any(applicant.group is not ResidentGroup.MAINLAND for applicant in couple):
        # 条例 art 2: only registries the province has named may register foreign-related couples.
        yield Finding(Problem.OFFICE_WITHOUT_AUTHORITY)
    if first.identity.sex and first.identity.sex is second.identity.sex:
        yield Finding(Problem.SAME_SEX)
    for position, applicant in enumerate(couple):
        possible = first_marriage_day(applicant.identity)
        if possible and possible > day:
            yield Finding(Problem.UNDER_AGE, position, possible)
    if not declared:
        yield Finding(Problem.NOT_DECLARED)


def first_marriage_day(identity: IdentityNumber) -> date | None:
    """The day a person reaches the age of 民法典 1047, or None where the paper does not tell birth date and sex."""
    if identity.birth_date is None or identity.sex is None:
        return None
    return birthday_in(identity.birth_date, identity.birth_date.year + MARRIAGE_AGE[identity.sex])


def age_then(identity: IdentityNumber, day: date) -> int | None:
    """Age on the day of the appointment, for the summary the couple reads."""
    return None if identity.birth_date is None else age_on(identity.birth_date, day)


# --- Appointment numbers ---

_MODULUS = 10**7
_MULTIPLIER = 7_368_787  # coprime to 10^7, so that each sequence number gives another 7 digits


def appointment_number(sequence: int) -> str:
    """The number a couple quotes: `MZ` and 8 digits, the last a Luhn check digit against slips of the tongue.

    It says nothing of date or volume, so it stays right when the appointment is moved.
    """
    digits = f"{sequence * _MULTIPLIER % _MODULUS:07d}"
    return f"MZ{digits}{_luhn(digits)}"


def _luhn(digits: str) -> int:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
