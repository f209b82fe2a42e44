"""What the API takes and gives of ceremonies and events."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.ceremonies.rules import CeremonyState, CloudState, EntryState, EventKind, EventMode, EventState
from backend.marriage.covers.schemas import CoverSchema


class VenueQuery(ma.Schema):
    """Whose venues."""

    office_id = fields.UUID(required=True)


class SessionQuery(ma.Schema):
    """`?from=&to=`, both days included."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class VenueSchema(ma.Schema):
    """A place where ceremonies are held; `guests_most` besides the couple."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    outdoor = fields.Boolean(required=True)
    guests_most = fields.Integer(required=True)


class VenueListSchema(ma.Schema):
    """All venues of an office."""

    items = fields.List(fields.Nested(VenueSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SessionSchema(ma.Schema):
    """A free session."""

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class SessionListSchema(ma.Schema):
    """Free sessions in order."""

    items = fields.List(fields.Nested(SessionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CeremonyRequestSchema(ma.Schema):
    """A session for a couple with an appointment for the registration."""

    appointment_id = fields.UUID(required=True)
    venue_id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    guests = fields.Integer(required=True, strict=True, validate=validate.Range(0, 500))


class CloudSchema(ma.Schema):
    """The private link of a ceremony. `page` is for the couple's guests; it is gone from `delete_from` on."""

    state = fields.Enum(CloudState, by_value=True, required=True)
    delete_from = fields.AwareDateTime(required=True)
    page = fields.String(required=True, allow_none=True)
    terms = fields.String(required=True)
    cover = fields.Nested(CoverSchema, required=True, allow_none=True)


class CloudChoiceSchema(ma.Schema):
    """One's own word on being shown."""

    given = fields.Boolean(required=True)


class CeremonySchema(ma.Schema):
    """A ceremony as the couple sees it. `needs_place`: the weather took its place, the registry telephones."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.Enum(CeremonyState, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    guests = fields.Integer(required=True)
    venue = fields.String(required=True)
    office = fields.String(required=True)
    officiant = fields.String(required=True, allow_none=True)
    moved_indoors = fields.Boolean(required=True)
    needs_place = fields.Boolean(required=True)
    cloud = fields.Nested(CloudSchema, required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class CeremonyListSchema(ma.Schema):
    """A page of ceremonies, newest first."""

    items = fields.List(fields.Nested(CeremonySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class GroupEventSchema(ma.Schema):
    """An event of many couples."""

    id = fields.UUID(required=True)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    title = fields.String(required=True)
    place = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    places = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    mode = fields.Enum(EventMode, by_value=True, required=True)
    registered_from = fields.Date(required=True, allow_none=True)
    state = fields.Enum(EventState, by_value=True, required=True)
    seed_hash = fields.String(required=True, allow_none=True)


class GroupEventListSchema(ma.Schema):
    """A page of events, the nearest first."""

    items = fields.List(fields.Nested(GroupEventSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DrawProofSchema(ma.Schema):
    """All that is needed to draw again: sort `numbers` by sha256(list_hash:seed:number), the first `places` are in."""

    seed_hash = fields.String(required=True)
    places = fields.Integer(required=True)
    list_hash = fields.String(required=True, allow_none=True)
    seed = fields.String(required=True, allow_none=True)
    numbers = fields.List(fields.String(), required=True)
    drawn_at = fields.AwareDateTime(required=True, allow_none=True)


class SignUpSchema(ma.Schema):
    """Which appointment of the couple's."""

    appointment_id = fields.UUID(required=True)


class GroupEntrySchema(ma.Schema):
    """A couple's entry; `waits_for_me`: it is the caller's to confirm."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.Enum(EntryState, by_value=True, required=True)
    waits_for_me = fields.Boolean(required=True)
    event = fields.Nested(GroupEventSchema, required=True)
    created_at = fields.AwareDateTime(required=True)


class GroupEntryListSchema(ma.Schema):
    """A page of entries, newest first."""

    items = fields.List(fields.Nested(GroupEntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
