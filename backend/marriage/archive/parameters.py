"""What a registry may set about requests to the archive (domain-rules §2.9)."""

from __future__ import annotations

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.marriage.archive import texts
from backend.parameters import Parameter, ParameterGroup, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


LOCATE_DAYS = Parameter("marriage.archive_locate_days", 5, _whole(1, 30))
ANSWER_DAYS = Parameter("marriage.archive_answer_days", 30, _whole(5, 120))
READY_DAYS = Parameter("marriage.archive_ready_days", 30, _whole(5, 180))
FRESH_CHECK = Parameter("marriage.archive_fresh_check", False, fields.Boolean())
LOG_YEARS = Parameter("marriage.archive_log_years", 10, _whole(10, 100))

ALL = (LOCATE_DAYS, ANSWER_DAYS, READY_DAYS, FRESH_CHECK, LOG_YEARS)
ARCHIVE = ParameterGroup("marriage_archive", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, by_place=True)


def locate_days(office_code: str) -> int:
    """Legal workdays in which it is said where a volume lies."""
    return int(value_at(LOCATE_DAYS, office_code, now()))


def answer_days(office_code: str) -> int:
    """Days for which an answer is awaited."""
    return int(value_at(ANSWER_DAYS, office_code, now()))


def ready_days(office_code: str) -> int:
    """Days for which a volume is kept at the window."""
    return int(value_at(READY_DAYS, office_code, now()))


def fresh_check(office_code: str) -> bool:
    """Whether somebody who asks for their own record has to be checked again a short while before (L3, §6.2)."""
    return bool(value_at(FRESH_CHECK, office_code, now()))


def log_years(office_code: str) -> int:
    """Years for which a registry keeps the log of what was read."""
    return int(value_at(LOG_YEARS, office_code, now()))
