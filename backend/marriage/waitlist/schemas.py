"""What the waiting list's API takes and gives."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.rules import Kind
from backend.marriage.schemas import DeclarationsSchema, OfficeSchema, PartyInputSchema, SlotTimesSchema
from backend.marriage.waiting.rules import WaitingState


class WaitingSchema(ma.Schema):
    """What to wait for: a slot, or some days (both included, at most 31) at an office."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    slot_id = fields.UUID(load_default=None, allow_none=True)
    office_id = fields.UUID(load_default=None, allow_none=True)
    first_day = fields.Date(load_default=None, allow_none=True)
    last_day = fields.Date(load_default=None, allow_none=True)
    parties = fields.List(fields.Nested(PartyInputSchema), required=True, validate=validate.Length(1, 2))
    declarations = fields.Nested(DeclarationsSchema, required=True)


class WaitingOfferSchema(ma.Schema):
    """A place that is kept for the caller until `expires_at`."""

    slot = fields.Nested(SlotTimesSchema, required=True)
    expires_at = fields.AwareDateTime(required=True)


class WaitingEntrySchema(ma.Schema):
    """An entry of the caller. `ahead`: how many wait before them, null unless they wait; `number`: the appointment."""

    id = fields.UUID(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    state = fields.Enum(WaitingState, by_value=True, required=True)
    office = fields.Nested(OfficeSchema, required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    slot_id = fields.UUID(required=True, allow_none=True)
    ahead = fields.Integer(required=True, allow_none=True)
    offer = fields.Nested(WaitingOfferSchema, required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class WaitingListSchema(ma.Schema):
    """A page of entries, newest first."""

    items = fields.List(fields.Nested(WaitingEntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
