"""What a registry may set about ceremonies (domain-rules §2.7)."""

from __future__ import annotations

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.marriage.ceremonies import texts
from backend.parameters import Parameter, ParameterGroup, value_at

GUESTS_MOST = Parameter(
    "marriage.ceremony_guests_most", 10, fields.Integer(strict=True, validate=validate.Range(0, 200))
)
WITHIN_DAYS = Parameter(
    "marriage.ceremony_within_days", 30, fields.Integer(strict=True, validate=validate.Range(0, 90))
)

ALL = (GUESTS_MOST, WITHIN_DAYS)
CEREMONIES = ParameterGroup("marriage_ceremonies", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, by_place=True)


def guests_most(office_code: str, of_venue: int | None) -> int:
    """How many may come along: the venue's own number, where it has one, else the registry's."""
    return int(value_at(GUESTS_MOST, office_code, now())) if of_venue is None else of_venue


def within_days(office_code: str) -> int:
    """For how many days after the registration a ceremony can still be held."""
    return int(value_at(WITHIN_DAYS, office_code, now()))
