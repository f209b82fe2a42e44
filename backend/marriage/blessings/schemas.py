"""What the API takes and gives of the page of a cloud ceremony."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.blessings.rules import BlessingState


class BlessingSchema(ma.Schema):
    """What a guest wrote, under the name the guest chose."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    words = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class OwnBlessingSchema(BlessingSchema):
    """One's own words: `state` `checking` and `review` are read by nobody else yet; `told` says so."""

    state = fields.Enum(BlessingState, by_value=True, required=True)
    told = fields.String(required=True)


class CloudPageSchema(ma.Schema):
    """The page that a private link opens. `link` is where the video is, `until` when all of it goes.

    `cover`: the address of the picture the couple put there, if it was looked at.
    """

    starts_at = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    link = fields.String(required=True)
    cover = fields.String(required=True, allow_none=True)
    blessings = fields.List(fields.Nested(BlessingSchema), required=True)
    own = fields.Nested(OwnBlessingSchema, required=True, allow_none=True)


class BlessingRequestSchema(ma.Schema):
    """Name and words, in characters; the use case says in words what does not fit."""

    name = fields.String(required=True, validate=validate.Length(max=200))
    words = fields.String(required=True, validate=validate.Length(max=500))
