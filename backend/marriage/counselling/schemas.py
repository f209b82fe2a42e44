"""What the API takes and gives of counselling."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.counselling.book import ABOUT_CHARACTERS
from backend.marriage.counselling.rules import Matter, Profession, SessionState, Way

_MOST_NAME = 60  # before it is cleaned
# What is longer than the command takes is refused by it, unless it tells of danger.
_MOST_ABOUT = 10 * ABOUT_CHARACTERS


class MatterOfficeSchema(ma.Schema):
    """An office where somebody can be met about a matter, and how."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    ways = fields.List(fields.Enum(Way, by_value=True), required=True)


class MatterSchema(ma.Schema):
    """What one can speak about. `together`: two may come; `professions`: who speaks with them."""

    matter = fields.Enum(Matter, by_value=True, required=True)
    title = fields.String(required=True)
    together = fields.Boolean(required=True)
    professions = fields.List(fields.Enum(Profession, by_value=True), required=True)
    offices = fields.List(fields.Nested(MatterOfficeSchema), required=True)


class MatterListSchema(ma.Schema):
    """All matters, in their order."""

    items = fields.List(fields.Nested(MatterSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TimeQuery(ma.Schema):
    """When somebody is free, `from` and `to` included."""

    office_id = fields.UUID(required=True)
    matter = fields.Enum(Matter, by_value=True, required=True)
    way = fields.Enum(Way, by_value=True, required=True)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    counsellor_id = fields.UUID(load_default=None)


class CounsellorSchema(ma.Schema):
    """Somebody one can meet."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    profession = fields.Enum(Profession, by_value=True, required=True)


class TimeSchema(ma.Schema):
    """A time at which these are free."""

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    counsellors = fields.List(fields.Nested(CounsellorSchema), required=True)


class TimeListSchema(ma.Schema):
    """Free times in order."""

    items = fields.List(fields.Nested(TimeSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CounsellingRequestSchema(ma.Schema):
    """A talk. `name` is what one wishes to be called; no identity number is asked for. `about` is for the counsellor
    alone, who also sees `guardian`, which whoever is not eighteen names. Without `counsellor_id` whoever is free comes.
    """

    office_id = fields.UUID(required=True)
    matter = fields.Enum(Matter, by_value=True, required=True)
    way = fields.Enum(Way, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True)
    counsellor_id = fields.UUID(load_default=None)
    together = fields.Boolean(load_default=False)
    name = fields.String(required=True, validate=validate.Length(1, _MOST_NAME))
    phone = fields.String(required=True, validate=validate.Length(1, 30))
    minor = fields.Boolean(load_default=False)
    guardian = fields.String(load_default="", validate=validate.Length(max=_MOST_NAME))
    about = fields.String(load_default="", validate=validate.Length(max=_MOST_ABOUT))


class CounsellingMoveSchema(ma.Schema):
    """Another time."""

    starts_at = fields.AwareDateTime(required=True)


class CounsellingSchema(ma.Schema):
    """A talk as whoever booked it sees it. `link`: where the video is, once it is there and until the talk is over.
    `safety`: where help is, where what was written tells of danger; show it first.
    """

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.Enum(SessionState, by_value=True, required=True)
    matter = fields.Enum(Matter, by_value=True, required=True)
    way = fields.Enum(Way, by_value=True, required=True)
    together = fields.Boolean(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    office = fields.String(required=True)
    room = fields.String(required=True, allow_none=True)
    counsellor = fields.Nested(CounsellorSchema, required=True)
    link = fields.String(required=True, allow_none=True)
    safety = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class CounsellingListSchema(ma.Schema):
    """A page of talks, newest first."""

    items = fields.List(fields.Nested(CounsellingSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
