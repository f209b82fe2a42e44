"""Counselling, pure: what it is about, who does it and how, what may follow what, when a call back is due (§2.8).

Counselling is voluntary and free; nobody is ever sent to it, and nothing else waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.clock import BEIJING, end_of_day, start_of_day
from backend.kernel.legal_calendar import ONE_DAY

ADULT_AGE = 18  # 民法典 17; whoever is younger comes with a guardian (§2.8)


class Matter(StrEnum):
    """What somebody wishes to speak about."""

    PREMARITAL = "premarital"  # 婚前辅导
    RELATIONSHIP = "relationship"  # 关系辅导
    MEDIATION = "mediation"  # 离婚前辅导、调解
    LEGAL = "legal"  # 法律咨询
    PSYCHOLOGICAL = "psychological"  # 心理咨询
    CHILDREN = "children"  # 涉子女


class Way(StrEnum):
    """How one meets."""

    ON_SITE = "on_site"
    VIDEO = "video"
    TELEPHONE = "telephone"


class Profession(StrEnum):
    """What a counsellor is."""

    SOCIAL_WORKER = "social_worker"  # 社工师
    FAMILY_COUNSELLOR = "family_counsellor"  # 婚姻家庭咨询师
    PSYCHOLOGIST = "psychologist"  # 心理咨询师
    LAWYER = "lawyer"  # 律师


# Who speaks with people about what (§2.8 "Roles").
SERVES: Mapping[Matter, frozenset[Profession]] = {
    Matter.PREMARITAL: frozenset({Profession.FAMILY_COUNSELLOR, Profession.SOCIAL_WORKER}),
    Matter.RELATIONSHIP: frozenset({Profession.FAMILY_COUNSELLOR, Profession.SOCIAL_WORKER, Profession.PSYCHOLOGIST}),
    Matter.MEDIATION: frozenset({Profession.FAMILY_COUNSELLOR, Profession.SOCIAL_WORKER}),
    Matter.LEGAL: frozenset({Profession.LAWYER}),
    Matter.PSYCHOLOGICAL: frozenset({Profession.PSYCHOLOGIST}),
    Matter.CHILDREN: frozenset({Profession.FAMILY_COUNSELLOR, Profession.SOCIAL_WORKER, Profession.PSYCHOLOGIST}),
}

# What two can come to together; a lawyer or a psychologist sees one person.
TOGETHER = frozenset({Matter.PREMARITAL, Matter.RELATIONSHIP, Matter.MEDIATION, Matter.CHILDREN})


class SessionState(StrEnum):
    """Where a session stands. `over`: its time has passed and the counsellor has not said yet how it went."""

    BOOKED = "booked"
    CAME = "came"
    OVER = "over"
    DONE = "done"
    ABSENT = "absent"
    CANCELLED = "cancelled"


MOVES: Mapping[SessionState, frozenset[SessionState]] = {
    SessionState.BOOKED: frozenset(
        {
            SessionState.BOOKED,
            SessionState.CAME,
            SessionState.OVER,
            SessionState.DONE,
            SessionState.ABSENT,
            SessionState.CANCELLED,
        }
    ),
    SessionState.CAME: frozenset({SessionState.DONE}),
    SessionState.OVER: frozenset({SessionState.DONE, SessionState.ABSENT}),
    SessionState.DONE: frozenset(),
    SessionState.ABSENT: frozenset(),
    SessionState.CANCELLED: frozenset({SessionState.BOOKED}),  # a death recorded by mistake
}

# A note is of a talk that took place, or was tried.
NOTED = (SessionState.CAME, SessionState.OVER, SessionState.DONE, SessionState.ABSENT)


class CallbackState(StrEnum):
    """Where a call back stands."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What came of a call back. `merged` and `moot` are written by the program alone."""

    SAFE = "safe"  # 联系上，眼下安全
    REFERRED = "referred"  # 已请公安、医院或妇联接手
    DECLINED = "declined"  # 联系上，本人不需要
    UNREACHABLE = "unreachable"  # 打了几次都没有打通
    MERGED = "merged"  # two rows were one person's
    MOOT = "moot"  # a death was recorded


BY_A_PERSON = (Outcome.SAFE, Outcome.REFERRED, Outcome.DECLINED, Outcome.UNREACHABLE)
MOST_ATTEMPTS = 3  # after so many calls that nobody answered one may give up


def counselled_by(matter: Matter, profession: Profession) -> bool:
    """Whether somebody of a profession speaks with people about a matter."""
    return profession in SERVES[matter]


def is_minor(born: date, day: date) -> bool:
    """Whether somebody is younger than eighteen on a day."""
    birthday_passed = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (not birthday_passed) < ADULT_AGE


def reminder_moments(starts_at: datetime) -> Sequence[datetime]:
    """10:00 on the day before, and half an hour before (§7)."""
    day_before = datetime.combine(starts_at.date() - ONE_DAY, time(10, 0), BEIJING)
    return [day_before, starts_at - timedelta(minutes=30)]


# --- calls back (§2.8: within 30 minutes in working hours) ---

Spans = Sequence[tuple[time, time]]
_MOST_DAYS = 31  # no registry is closed for longer; then the clock of the wall counts


def due_after(moment: datetime, minutes: int, hours_of: Callable[[date], Spans]) -> datetime:
    """When so many minutes of working hours have passed since a moment: lunch, nights and rest days do not count."""
    left, day = timedelta(minutes=minutes), moment.date()
    for _ in range(_MOST_DAYS):
        for opens, closes in sorted(hours_of(day)):
            begins = max(moment, datetime.combine(day, opens, BEIJING))
            span = datetime.combine(day, closes, BEIJING) - begins
            if span >= left:
                return begins + left
            left -= max(span, timedelta(0))
        day += ONE_DAY
    return moment + timedelta(minutes=minutes)


def month_of(day: date) -> tuple[datetime, datetime]:
    """From when to before when the month of a day lasts."""
    first = day.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - ONE_DAY
    return start_of_day(first), end_of_day(last)


# --- public numbers ---

_MODULUS = 10**7
_MULTIPLIER = 7_368_787  # coprime to the modulus


def public_number(serial: int) -> str:
    """A number of a session; it tells nothing of how many there are, nor of what it is about."""
    return f"FW{serial * _MULTIPLIER % _MODULUS:07d}"
