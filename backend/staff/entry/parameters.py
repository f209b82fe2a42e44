"""How long a sign-in lasts; a bureau may set both (architecture.md §4 "Parameters")."""

from __future__ import annotations

from datetime import timedelta

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.parameters import Parameter, ParameterGroup, value_at
from backend.staff.entry import texts

SESSION_HOURS = Parameter("staff.session_hours", 12, fields.Integer(strict=True, validate=validate.Range(1, 24)))
SESSION_IDLE_MINUTES = Parameter(
    "staff.session_idle_minutes", 60, fields.Integer(strict=True, validate=validate.Range(5, 24 * 60))
)

ALL = (SESSION_HOURS, SESSION_IDLE_MINUTES)
SESSIONS = ParameterGroup("sessions", texts.PARAMETERS_TITLE, ALL, texts.PARAMETERS, two_persons=True)


def session_lifetime() -> timedelta:
    """How long a session lasts at most, however busy."""
    return timedelta(hours=value_at(SESSION_HOURS, "", now()))


def session_idle() -> timedelta:
    """How long a session lasts in which nothing is done."""
    return timedelta(minutes=value_at(SESSION_IDLE_MINUTES, "", now()))
