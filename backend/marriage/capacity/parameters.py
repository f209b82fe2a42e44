"""What a registry may set about bulk moves."""

from __future__ import annotations

from datetime import datetime

from marshmallow import fields, validate

from backend.marriage.capacity import texts
from backend.parameters import Parameter, ParameterGroup, value_at

ANSWER_DAYS = Parameter("marriage.move_answer_days", 2, fields.Integer(strict=True, validate=validate.Range(1, 14)))

MOVING = ParameterGroup("marriage_capacity", texts.PARAMETERS_TITLE, (ANSWER_DAYS,), texts.PARAMETERS, by_place=True)


def answer_days(office_code: str, moment: datetime) -> int:
    """After how many days a couple that does not answer keeps the time it was given."""
    return int(value_at(ANSWER_DAYS, office_code, moment))
