"""How a registry releases its peak days."""

from __future__ import annotations

from datetime import datetime, timedelta

from marshmallow import fields, validate

from backend.marriage.rush import texts
from backend.marriage.rush.rules import RushMode
from backend.parameters import Parameter, ParameterGroup, value_at

BY_NUMBERS = Parameter("marriage.rush", False, fields.Boolean())
DRAWN = Parameter("marriage.rush_drawn", False, fields.Boolean())
MINUTES = Parameter("marriage.rush_minutes", 30, fields.Integer(strict=True, validate=validate.Range(1, 1440)))

RUSH = ParameterGroup(
    "marriage_rush", texts.PARAMETERS_TITLE, (BY_NUMBERS, DRAWN, MINUTES), texts.PARAMETERS, by_place=True
)


def rush_mode(office_code: str, moment: datetime) -> RushMode | None:
    """The mode of an office; None where everybody books for themselves."""
    if not value_at(BY_NUMBERS, office_code, moment):
        return None
    return RushMode.DRAW if value_at(DRAWN, office_code, moment) else RushMode.QUEUE


def rush_time(office_code: str, moment: datetime) -> timedelta:
    """For how long requests are taken."""
    return timedelta(minutes=int(value_at(MINUTES, office_code, moment)))
