"""What the marriage API takes and gives (contract.md "Marriage")."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from backend.kernel.identity import IdType
from backend.marriage.rules import Kind, ResidentGroup, State


def _member(kind: type[Any], **options: Any) -> fields.Enum[Any]:
    return fields.Enum(kind, by_value=True, **options)


class OfficeSchema(ma.Schema):
    """A registry."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    phone = fields.String(required=True)


class OfficeListSchema(ma.Schema):
    """All registries; there are few."""

    items = fields.List(fields.Nested(OfficeSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SlotQuery(ma.Schema):
    """Which office, kind and days; at most 62 days at once."""

    class Meta:
        unknown = ma.EXCLUDE

    office_id = fields.UUID(required=True)
    kind = _member(Kind, load_default=Kind.MARRIAGE_REGISTRATION)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class SlotTimesSchema(ma.Schema):
    """A slot: when."""

    id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class SlotSchema(SlotTimesSchema):
    """A slot and the places left in it."""

    free = fields.Integer(required=True)


class DaySchema(ma.Schema):
    """A day: `open` when it can be booked now; `provisional` when the year's holidays are not published yet."""

    date = fields.Date(required=True, attribute="day")
    open = fields.Boolean(required=True)
    provisional = fields.Boolean(required=True)
    slots = fields.List(fields.Nested(SlotSchema), required=True)


class DayListSchema(ma.Schema):
    """Days in order."""

    items = fields.List(fields.Nested(DaySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PartyInputSchema(ma.Schema):
    """One of the two persons."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_type = _member(IdType, required=True)
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=30))
    resident_group = _member(ResidentGroup, load_default=ResidentGroup.MAINLAND)


class DeclarationsSchema(ma.Schema):
    """What both declare (domain-rules §2.4 E4)."""

    in_person = fields.Boolean(required=True)
    free_will = fields.Boolean(required=True)
    no_spouse = fields.Boolean(required=True)
    no_kinship = fields.Boolean(required=True)


class BookingSchema(ma.Schema):
    """A booking for a couple."""

    kind = _member(Kind, required=True)
    slot_id = fields.UUID(required=True)
    parties = fields.List(fields.Nested(PartyInputSchema), required=True, validate=validate.Length(2, 2))
    declarations = fields.Nested(DeclarationsSchema, required=True)


class RescheduleSchema(ma.Schema):
    """Where to move an appointment."""

    slot_id = fields.UUID(required=True)


class PartySchema(ma.Schema):
    """A party as residents see it again: the number masked."""

    name = fields.String(required=True)
    id_number_masked = fields.String(required=True)


class AppointmentSchema(ma.Schema):
    """An appointment of the caller."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = _member(Kind, required=True)
    state = _member(State, required=True)
    reason = fields.String(required=True, allow_none=True)
    office = fields.Nested(OfficeSchema, required=True)
    slot = fields.Nested(SlotTimesSchema, required=True)
    parties = fields.List(fields.Nested(PartySchema), required=True)
    papers = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)


class AppointmentListSchema(ma.Schema):
    """A page of appointments, newest first."""

    items = fields.List(fields.Nested(AppointmentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
