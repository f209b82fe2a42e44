"""What the marriage API takes and gives (contract.md "Marriage")."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate
from webargs.fields import DelimitedList

from backend.kernel.identity import IdType
from backend.marriage.papers.checklist import Form, History, Lost
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
    """Which office, kind and days; at most 62 days at once. `foreign_related`: one party is not of the mainland."""

    class Meta:
        unknown = ma.EXCLUDE

    office_id = fields.UUID(required=True)
    kind = _member(Kind, load_default=Kind.MARRIAGE_REGISTRATION)
    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    foreign_related = fields.Boolean(load_default=False)


class SlotTimesSchema(ma.Schema):
    """A slot: when."""

    id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class SlotSchema(SlotTimesSchema):
    """A slot and how many more of the kind asked for can begin in it; `ends_at` is when one of them would be done."""

    free = fields.Integer(required=True)


class DaySchema(ma.Schema):
    """A day: `open` when it can be booked now; `provisional` when the year's holidays are not published yet.

    `releases_at`: a peak day nobody can book yet, and when it opens.
    """

    date = fields.Date(required=True, attribute="day")
    open = fields.Boolean(required=True)
    provisional = fields.Boolean(required=True)
    slots = fields.List(fields.Nested(SlotSchema), required=True)
    releases_at = fields.AwareDateTime(required=True, allow_none=True)


class DayListSchema(ma.Schema):
    """Days in order."""

    items = fields.List(fields.Nested(DaySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PartyInputSchema(ma.Schema):
    """A person whose business it is."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_type = _member(IdType, required=True)
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=30))
    resident_group = _member(ResidentGroup, load_default=ResidentGroup.MAINLAND)


class DeclarationsSchema(ma.Schema):
    """What they declare (domain-rules §2.4 E4, E6). What a kind asks for and is left out counts as not declared.

    Marriage registration: `in_person`, `free_will`, `no_spouse`, `no_kinship`. Divorce application: `in_person`,
    `free_will`, `registered_in_mainland`, `full_capacity`, `agreement_reached`. Divorce certificate: `in_person`,
    `free_will`. All others: `in_person`.
    """

    in_person = fields.Boolean(required=True)
    free_will = fields.Boolean(load_default=False)
    no_spouse = fields.Boolean(load_default=False)
    no_kinship = fields.Boolean(load_default=False)
    registered_in_mainland = fields.Boolean(load_default=False)
    full_capacity = fields.Boolean(load_default=False)
    agreement_reached = fields.Boolean(load_default=False)


class BookingSchema(ma.Schema):
    """A booking for a couple, or for one person where the kind is one person's."""

    kind = _member(Kind, required=True)
    slot_id = fields.UUID(required=True)
    parties = fields.List(fields.Nested(PartyInputSchema), required=True, validate=validate.Length(1, 2))
    declarations = fields.Nested(DeclarationsSchema, required=True)


class PapersQuery(ma.Schema):
    """Which business, and what is known of who comes; lists are in the order of the parties, separated by commas."""

    class Meta:
        unknown = ma.EXCLUDE

    kind = _member(Kind, required=True)
    groups = DelimitedList(_member(ResidentGroup), load_default=list, validate=validate.Length(max=2))
    history = DelimitedList(_member(History), load_default=list, validate=validate.Length(max=2))
    lost = _member(Lost, load_default=Lost.NONE)
    proxy = fields.Boolean(load_default=False)


class PaperLineSchema(ma.Schema):
    """A line of the checklist: `paper` in words, `who` brings or fills it in, `form` original, copy or on_site."""

    paper = fields.String(required=True)
    who = fields.String(required=True)
    form = _member(Form, required=True)
    form_name = fields.String(required=True)


class PapersSchema(ma.Schema):
    """A checklist: who comes, what to bring, what nobody needs; `safety` may be empty."""

    kind = _member(Kind, required=True)
    items = fields.List(fields.Nested(PaperLineSchema), required=True)
    attendance = fields.String(required=True)
    not_needed = fields.String(required=True)
    safety = fields.String(required=True)


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


class CheckInCodeSchema(ma.Schema):
    """What is held out at the registry: `text` is what the QR code holds, `svg` the code drawn."""

    text = fields.String(required=True)
    svg = fields.String(required=True)


class AppointmentListSchema(ma.Schema):
    """A page of appointments, newest first."""

    items = fields.List(fields.Nested(AppointmentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
