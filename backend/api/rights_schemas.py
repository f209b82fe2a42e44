"""Forms of the API of consent and rights."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.people.rights.rules import RefusalReason, RequestKind, RequestState

# A relative of the dead comes to a counter with papers.
ONLINE_KINDS = [kind for kind in RequestKind if kind is not RequestKind.TAKE_DOWN]


class ChapterSchema(ma.Schema):
    """A heading of the rules with its paragraphs."""

    title = fields.String(required=True)
    paragraphs = fields.List(fields.String(), required=True)


class PrivacyNoticeSchema(ma.Schema):
    """The rules in force."""

    version = fields.Integer(required=True)
    effective_from = fields.Date(required=True)
    url = fields.String(required=True, metadata={"description": "the public page, large type"})
    chapters = fields.List(fields.Nested(ChapterSchema), required=True)


class ConsentSchema(ma.Schema):
    """How the caller stands to something optional; `version` and `at` are null until they choose."""

    purpose = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    given = fields.Boolean(required=True)
    version = fields.Integer(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class ConsentListSchema(ma.Schema):
    """Every optional purpose."""

    items = fields.List(fields.Nested(ConsentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ChoiceSchema(ma.Schema):
    """A choice, and the version of the rules that was read."""

    given = fields.Boolean(required=True, truthy={True}, falsy={False})
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 32767))


class SectionSchema(ma.Schema):
    """Records of one kind: each maps a label to a text. `kept` says for how long."""

    title = fields.String(required=True)
    kept = fields.String(required=True)
    records = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)


class RoomSchema(ma.Schema):
    """What one room holds about the caller."""

    room = fields.String(required=True)
    title = fields.String(required=True)
    sections = fields.List(fields.Nested(SectionSchema), required=True)


class KeptSchema(ma.Schema):
    """What was not erased, and why; `until` is null while it is under way."""

    title = fields.String(required=True)
    reason = fields.String(required=True)
    until = fields.Date(required=True, allow_none=True)


class MyDataSchema(ma.Schema):
    """Everything held about the caller, and what could not be erased today."""

    rooms = fields.List(fields.Nested(RoomSchema), required=True)
    kept = fields.List(fields.Nested(KeptSchema), required=True)


class RequestInputSchema(ma.Schema):
    """A request. `words` say what is wrong (needed to correct); `confirmed` is needed to close the account.

    `on_behalf_of`: the person a tie lets the caller act for (`other_id`), about whom the request then is.
    """

    kind = fields.Enum(RequestKind, by_value=True, required=True, validate=validate.OneOf(ONLINE_KINDS))
    words = fields.String(load_default="", validate=validate.Length(max=500))
    confirmed = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    on_behalf_of = fields.UUID(load_default=None, allow_none=True)


class RefusalSchema(ma.Schema):
    """Why a request was refused, what one can do, and where one can go with it (PIPL 50)."""

    reason = fields.Enum(RefusalReason, by_value=True, required=True)
    text = fields.String(required=True)
    remedy = fields.String(required=True)
    review = fields.String(required=True)


class RequestEventSchema(ma.Schema):
    """One move of a request."""

    at = fields.AwareDateTime(required=True)
    name = fields.String(required=True)
    state = fields.Enum(RequestState, by_value=True, required=True)


class RequestSchema(ma.Schema):
    """A request of the caller; `file_until` is set while its copy can be fetched."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(RequestKind, by_value=True, required=True)
    state = fields.Enum(RequestState, by_value=True, required=True)
    received_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True)
    due_provisional = fields.Boolean(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    refusal = fields.Nested(RefusalSchema, required=True, allow_none=True)
    kept = fields.List(fields.Nested(KeptSchema), required=True)
    file_until = fields.AwareDateTime(required=True, allow_none=True)


class RequestDetailSchema(RequestSchema):
    """A request with its history."""

    events = fields.List(fields.Nested(RequestEventSchema), required=True)


class RequestListSchema(ma.Schema):
    """A page of requests, newest first."""

    items = fields.List(fields.Nested(RequestSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class FileQuery(ma.Schema):
    """`json` for programs, `text` to read."""

    form = fields.String(load_default="json", validate=validate.OneOf(["json", "text"]))
