"""What the API gives of one's own applications."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from backend.marriage.divorce.rules import CaseState


class CaseOfficeSchema(ma.Schema):
    """The registry that received the application."""

    id = fields.UUID(required=True, attribute="office_id")
    name = fields.String(required=True, attribute="office_name")
    phone = fields.String(required=True, attribute="office_phone")


class DivorceCaseSchema(ma.Schema):
    """An application as one of the two sees it. Days are shown with `note`; `provisional` ones may still move."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    receipt_number = fields.String(required=True)
    state = fields.Enum(CaseState, by_value=True, required=True)
    accepted_on = fields.Date(required=True, attribute="d0")
    withdraw_until = fields.Date(required=True, attribute="cool_last")
    window_first = fields.Date(required=True, attribute="win_first")
    window_last = fields.Date(required=True, attribute="win_last")
    provisional = fields.Boolean(required=True)
    certificate_booked = fields.Boolean(required=True)
    note = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    office = fields.Nested(CaseOfficeSchema, required=True)


class DivorceCaseListSchema(ma.Schema):
    """A page of applications, newest first."""

    items = fields.List(fields.Nested(DivorceCaseSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
