"""What the bureau may set about proofs of identity."""

from __future__ import annotations

from datetime import datetime, timedelta

from marshmallow import fields, validate

from backend.parameters import Parameter, ParameterGroup, value_at
from backend.people import texts

# How long a check of name and number counts as fresh (domain-rules §6.2, L3).
FRESH_MINUTES = Parameter("people.fresh_minutes", 30, fields.Integer(strict=True, validate=validate.Range(5, 240)))

ALL = (FRESH_MINUTES,)
PROOFS = ParameterGroup("people", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS)


def fresh_until(moment: datetime) -> datetime:
    """Until when a check made at `moment` is fresh."""
    return moment + timedelta(minutes=value_at(FRESH_MINUTES, "", moment))
