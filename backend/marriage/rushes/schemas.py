"""What the API of rushes takes and gives."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.rush.rules import DayPart, Phase, RequestState, RushMode
from backend.marriage.schemas import DeclarationsSchema, OfficeSchema, PartyInputSchema


class RushSchema(ma.Schema):
    """A rush. `commitment` is the SHA-256 of `seed`, which is published once all is settled; `now` is our clock.

    `reason`: why it was put off or called off.
    """

    id = fields.UUID(required=True)
    office = fields.Nested(OfficeSchema, required=True)
    day = fields.Date(required=True)
    mode = fields.Enum(RushMode, by_value=True, required=True)
    phase = fields.Enum(Phase, by_value=True, required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    places = fields.Integer(required=True, allow_none=True)
    requests = fields.Integer(required=True)
    placed = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    commitment = fields.String(required=True)
    seed = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    now = fields.AwareDateTime(required=True)


class RushListSchema(ma.Schema):
    """Rushes of days to come."""

    items = fields.List(fields.Nested(RushSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class AskingSchema(ma.Schema):
    """A couple's request: who, and what part of the day suits them."""

    parties = fields.List(fields.Nested(PartyInputSchema), required=True, validate=validate.Length(2, 2))
    declarations = fields.Nested(DeclarationsSchema, required=True)
    part = fields.Enum(DayPart, by_value=True, load_default=DayPart.ANY)


class RushRequestSchema(ma.Schema):
    """A couple's request. `ahead` of it in a queue, null otherwise; `requests`: how many numbers there are by now;
    `turn` in a draw, once it was held; `starts_at` and `appointment_number` once it has a place.
    """

    rush_id = fields.UUID(required=True)
    office = fields.Nested(OfficeSchema, required=True)
    day = fields.Date(required=True)
    mode = fields.Enum(RushMode, by_value=True, required=True)
    phase = fields.Enum(Phase, by_value=True, required=True)
    closes_at = fields.AwareDateTime(required=True)
    requests = fields.Integer(required=True)
    number = fields.Integer(required=True)
    state = fields.Enum(RequestState, by_value=True, required=True)
    part = fields.Enum(DayPart, by_value=True, required=True)
    asked_at = fields.AwareDateTime(required=True)
    ahead = fields.Integer(required=True, allow_none=True)
    turn = fields.Integer(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True, allow_none=True)
    appointment_number = fields.String(required=True, allow_none=True)


class RushRequestListSchema(ma.Schema):
    """A couple's requests, newest first."""

    items = fields.List(fields.Nested(RushRequestSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PeakDaySchema(ma.Schema):
    """A peak day that is not free for all yet. From `opens_at` on it is asked for until `closes_at` (`rush_id` once
    that is announced), or simply booked (`mode` null). `reminder`: the caller is told before it.
    """

    office = fields.Nested(OfficeSchema, required=True)
    day = fields.Date(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True, allow_none=True)
    mode = fields.Enum(RushMode, by_value=True, required=True, allow_none=True)
    phase = fields.Enum(Phase, by_value=True, required=True)
    rush_id = fields.UUID(required=True, allow_none=True)
    reminder = fields.Boolean(required=True)
    now = fields.AwareDateTime(required=True)


class PeakDayListSchema(ma.Schema):
    """Peak days, soonest first."""

    items = fields.List(fields.Nested(PeakDaySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReminderSchema(ma.Schema):
    """Of which day to be told, or not any more."""

    office_id = fields.UUID(required=True)
    day = fields.Date(required=True)
    wanted = fields.Boolean(load_default=True)


class ProofQuery(ma.Schema):
    """From which number on, and how many."""

    class Meta:
        unknown = ma.EXCLUDE

    after = fields.Integer(load_default=0, validate=validate.Range(0, 10**9))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class RushProofLineSchema(ma.Schema):
    """A number, when it was given, its turn in a draw, and the time it was placed at; names nobody."""

    number = fields.Integer(required=True)
    asked_at = fields.AwareDateTime(required=True)
    state = fields.Enum(RequestState, by_value=True, required=True)
    turn = fields.Integer(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True, allow_none=True)


class RushProofSchema(ma.Schema):
    """A page of the proof; `next_after` goes into the next query, null on the last page."""

    items = fields.List(fields.Nested(RushProofLineSchema), required=True)
    next_after = fields.Integer(required=True, allow_none=True)
