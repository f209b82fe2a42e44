"""What a registry may set about absences (domain-rules §2.5 `noshow.*`)."""

from __future__ import annotations

from datetime import datetime

from marshmallow import fields, validate

from backend.marriage.sanctions import texts
from backend.marriage.sanctions.rules import PauseRules
from backend.parameters import Parameter, ParameterGroup, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


# Two within thirty days for fifteen (a published practice of Guangdong); cancellations count in the stricter one.
NO_SHOW_LIMIT = Parameter("marriage.no_show_limit", 2, _whole(0, 20))
CANCEL_LIMIT = Parameter("marriage.cancel_limit", 0, _whole(0, 20))
WINDOW_DAYS = Parameter("marriage.no_show_window_days", 30, _whole(1, 365))
BLOCK_DAYS = Parameter("marriage.no_show_block_days", 15, _whole(1, 365))

SANCTIONS = ParameterGroup(
    "marriage_sanctions",
    texts.PARAMETERS_TITLE,
    (NO_SHOW_LIMIT, CANCEL_LIMIT, WINDOW_DAYS, BLOCK_DAYS),
    texts.PARAMETERS,
    by_place=True,
)


def pause_rules(office_code: str, moment: datetime) -> PauseRules:
    """The rules of one office in force at `moment`."""
    return PauseRules(
        absences=int(value_at(NO_SHOW_LIMIT, office_code, moment)),
        cancellations=int(value_at(CANCEL_LIMIT, office_code, moment)),
        window_days=int(value_at(WINDOW_DAYS, office_code, moment)),
        block_days=int(value_at(BLOCK_DAYS, office_code, moment)),
    )
