"""What a bureau may set about unusual looks, with limits and defaults."""

from __future__ import annotations

from datetime import datetime

from marshmallow import fields, validate

from backend.parameters import Parameter, ParameterGroup, value_at
from backend.staff.audit import texts
from backend.staff.audit.rules import Limits, Rule


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


MANY_MINUTES = Parameter("audit.many_minutes", 10, _whole(1, 240))
MANY_OPENED = Parameter("audit.many_opened", 30, _whole(1, 1000))
MANY_LISTED = Parameter("audit.many_listed", 1000, _whole(30, 20000))
WORK_STARTS = Parameter("audit.work_starts", "07:00", fields.Time(format="%H:%M"))
WORK_ENDS = Parameter("audit.work_ends", "20:00", fields.Time(format="%H:%M"))
RULES_IN_USE = Parameter("audit.rules", [rule.value for rule in Rule], fields.List(fields.Enum(Rule, by_value=True)))
REASON_MINUTES = Parameter("audit.reason_minutes", 30, _whole(1, 480))

ALL = (MANY_MINUTES, MANY_OPENED, MANY_LISTED, WORK_STARTS, WORK_ENDS, RULES_IN_USE, REASON_MINUTES)
LOOKS = ParameterGroup("audit", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, two_persons=True)


def limits_at(moment: datetime) -> Limits:
    """The limits in force at a moment, the same for the whole bureau."""
    return Limits(
        minutes=value_at(MANY_MINUTES, "", moment),
        opened=value_at(MANY_OPENED, "", moment),
        listed=value_at(MANY_LISTED, "", moment),
        starts=value_at(WORK_STARTS, "", moment),
        ends=value_at(WORK_ENDS, "", moment),
        rules=value_at(RULES_IN_USE, "", moment),
    )
