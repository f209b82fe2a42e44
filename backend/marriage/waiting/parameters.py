"""What a registry may set about its waiting list."""

from __future__ import annotations

from datetime import datetime

from marshmallow import fields, validate

from backend.marriage.waiting import texts
from backend.parameters import Parameter, ParameterGroup, value_at


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


# domain-rules §7: a freed place is kept half an hour for the next in line.
HOLD_MINUTES = Parameter("marriage.waiting_hold_minutes", 30, _whole(10, 240))
OFFERS = Parameter("marriage.waiting_offers", 3, _whole(1, 20))

WAITING = ParameterGroup(
    "marriage_waiting", texts.PARAMETERS_TITLE, (HOLD_MINUTES, OFFERS), texts.PARAMETERS, by_place=True
)


def hold_minutes(office_code: str, moment: datetime) -> int:
    """How long a place is kept for whoever is next."""
    return int(value_at(HOLD_MINUTES, office_code, moment))


def most_offers(office_code: str, moment: datetime) -> int:
    """After how many offers that were not taken an entry ends."""
    return int(value_at(OFFERS, office_code, moment))
