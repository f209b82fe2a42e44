"""What the mini-program sees of a time that was taken away."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from backend.marriage.capacity.rules import LineState
from backend.marriage.kinds import Kind


class MoveOfficeSchema(ma.Schema):
    """The registry."""

    id = fields.UUID(required=True, attribute="office_id")
    name = fields.String(required=True, attribute="office_name")
    phone = fields.String(required=True, attribute="office_phone")


class MoveSchema(ma.Schema):
    """An appointment whose time was taken away. `new_starts_at` is null while no other was found; it is theirs already,
    and stays if nothing is said until `answer_until`.
    """

    id = fields.UUID(required=True)
    appointment_id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    state = fields.Enum(LineState, by_value=True, required=True)
    old_starts_at = fields.AwareDateTime(required=True)
    new_starts_at = fields.AwareDateTime(required=True, allow_none=True)
    answer_until = fields.AwareDateTime(required=True, allow_none=True)
    reason = fields.String(required=True)
    office = fields.Nested(MoveOfficeSchema, required=True)


class MoveListSchema(ma.Schema):
    """The open moves of the caller, the oldest first."""

    items = fields.List(fields.Nested(MoveSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
