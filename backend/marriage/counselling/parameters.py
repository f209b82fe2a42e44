"""What a registry may set about counselling (domain-rules §2.8)."""

from __future__ import annotations

from datetime import timedelta

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.marriage.counselling import texts
from backend.parameters import Parameter, ParameterGroup, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


# What the form for a new counsellor begins with; each counsellor has lengths of their own (50 + 10, §2.8).
MINUTES = Parameter("marriage.counselling_minutes", 50, _whole(10, 240))
PAUSE_MINUTES = Parameter("marriage.counselling_pause_minutes", 10, _whole(0, 120))
HORIZON_DAYS = Parameter("marriage.counselling_horizon_days", 14, _whole(1, 60))
LEAD_MINUTES = Parameter("marriage.counselling_lead_minutes", 60, _whole(0, 2880))
MOVE_MINUTES = Parameter("marriage.counselling_move_minutes", 120, _whole(0, 2880))
CALLBACK_MINUTES = Parameter("marriage.counselling_callback_minutes", 30, _whole(5, 240))

ALL = (MINUTES, PAUSE_MINUTES, HORIZON_DAYS, LEAD_MINUTES, MOVE_MINUTES, CALLBACK_MINUTES)
COUNSELLING = ParameterGroup("marriage_counselling", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, by_place=True)


def session_lengths(office_code: str) -> tuple[int, int]:
    """How long a session and the pause after it are where a counsellor says nothing else, in minutes."""
    return int(value_at(MINUTES, office_code, now())), int(value_at(PAUSE_MINUTES, office_code, now()))


def horizon_days(office_code: str) -> int:
    """For how many days ahead one can book."""
    return int(value_at(HORIZON_DAYS, office_code, now()))


def lead(office_code: str) -> timedelta:
    """How long before its beginning a session can still be booked."""
    return timedelta(minutes=int(value_at(LEAD_MINUTES, office_code, now())))


def move_lead(office_code: str) -> timedelta:
    """How long before its beginning a session can still be moved; given up it can be until it begins."""
    return timedelta(minutes=int(value_at(MOVE_MINUTES, office_code, now())))


def callback_minutes(office_code: str) -> int:
    """Within how many minutes of working hours somebody in danger is called."""
    return int(value_at(CALLBACK_MINUTES, office_code, now()))
