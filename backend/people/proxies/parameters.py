"""What a bureau may set for proxies, with limits and defaults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from backend.parameters import Parameter, ParameterGroup, value_at
from backend.people.proxies import texts
from backend.people.proxies.rules import Relation, is_many_sided


def _whole(least: int, most: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most))


# How many principals one helper may have or wait for; a village or residents' committee looks after many.
MOST_PRINCIPALS = Parameter("people.proxy_most_principals", 5, _whole(1, 20))
MOST_PRINCIPALS_OF_COMMITTEE = Parameter("people.proxy_most_principals_of_committee", 200, _whole(1, 2000))
# How long a request waits for the principal before it lapses.
ANSWER_DAYS = Parameter("people.proxy_answer_days", 14, _whole(1, 60))
# How long the six digits told at the counter can be used.
CODE_MINUTES = Parameter("people.proxy_code_minutes", 30, _whole(5, 1440))

ALL = (MOST_PRINCIPALS, MOST_PRINCIPALS_OF_COMMITTEE, ANSWER_DAYS, CODE_MINUTES)
PROXIES = ParameterGroup("proxies", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS)


def most_principals(relation: Relation, moment: datetime) -> int:
    """How many ties a helper of this relation may have, asked or confirmed."""
    return _value(MOST_PRINCIPALS_OF_COMMITTEE if is_many_sided(relation) else MOST_PRINCIPALS, moment)


def answer_time(moment: datetime) -> timedelta:
    """How long a request made at `moment` waits for an answer."""
    return timedelta(days=_value(ANSWER_DAYS, moment))


def code_time(moment: datetime) -> timedelta:
    """How long a code made at `moment` can be used."""
    return timedelta(minutes=_value(CODE_MINUTES, moment))


def _value(parameter: Parameter, moment: datetime) -> int:
    value: Any = value_at(parameter, "", moment)
    return int(value)
