"""What a registry may set about divorce applications (domain-rules §2.5-3, §2.6), and when it closes."""

from __future__ import annotations

from datetime import date, datetime

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.marriage.divorce import texts
from backend.marriage.divorce.rules import DivorceClock
from backend.marriage.opening import at
from backend.marriage.parameters import booking_rules
from backend.parameters import Parameter, ParameterGroup, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


RESERVE_PER_DAY = Parameter("marriage.m4_reserve_per_day", 2, _whole(0, 40))
RESCUE_DAYS = Parameter("marriage.m4_rescue_days", 5, _whole(1, 20))
CARE_FIRST_DAY = Parameter("marriage.care_first_day", 3, _whole(1, 30))
CARE_SECOND_DAY = Parameter("marriage.care_second_day", 15, _whole(1, 30))
CARE_THIRD_DAY = Parameter("marriage.care_third_day", 25, _whole(1, 30))

_CARE_DAYS = (CARE_FIRST_DAY, CARE_SECOND_DAY, CARE_THIRD_DAY)
ALL = (RESERVE_PER_DAY, RESCUE_DAYS, *_CARE_DAYS)
DIVORCE = ParameterGroup("marriage_divorce", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, by_place=True)


def reserve_per_day(office_code: str, moment: datetime) -> int:
    """Places for the certificate held back each day for those whose window closes."""
    return int(value_at(RESERVE_PER_DAY, office_code, moment))


def rescue_days(office_code: str, moment: datetime) -> int:
    """From how many workdays before its end a window counts as closing."""
    return int(value_at(RESCUE_DAYS, office_code, moment))


def care_days(office_code: str, moment: datetime) -> tuple[int, ...]:
    """After how many days a person who agreed is called."""
    return tuple(int(value_at(parameter, office_code, moment)) for parameter in _CARE_DAYS)


def closes_at(office_code: str, day: date) -> datetime:
    """The close of business of an office on a day (民法典 203: with business hours, a period ends when they do)."""
    rules = booking_rules(office_code, now())
    hours = rules.weekday_hours.get(day.isoweekday()) or rules.hours
    return at(day, hours[-1][1])


def lapses_at(office_code: str, clock: DivorceClock) -> datetime:
    """The moment at which an application nobody came for lapses."""
    return closes_at(office_code, clock.win_last)
