"""What the bureau tells residents about itself where they read of their data (PIPL 17: who handles it, how to ask)."""

from __future__ import annotations

from marshmallow import fields, validate

from backend.kernel.clock import now
from backend.parameters import Parameter, ParameterGroup, value_at
from backend.people.rights import texts

BUREAU_PHONE = Parameter("bureau.phone", "", fields.String(validate=validate.Length(max=40)))
BUREAU_ADDRESS = Parameter("bureau.address", "", fields.String(validate=validate.Length(max=120)))

BUREAU = ParameterGroup("bureau", texts.PARAMETERS_TITLE, (BUREAU_PHONE, BUREAU_ADDRESS), texts.PARAMETERS)


def bureau_phone() -> str:
    """The telephone at which residents reach the bureau about their data; empty until one is entered."""
    return str(value_at(BUREAU_PHONE, "", now()))


def bureau_address() -> str:
    """Where the bureau is; empty until it is entered."""
    return str(value_at(BUREAU_ADDRESS, "", now()))
