"""What the API takes and gives of requests to the archive."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields, validate

from backend.marriage.archive.rules import ONLINE, ApplicantKind, ArchiveState, KeptAt, Registration, Sought

_LINE = validate.Length(max=80)


class ArchiveSubjectSchema(ma.Schema):
    """A person on the record: the name then. The rest helps where no identity number is on it."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_number = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    former_name = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))
    birth_year = fields.Integer(load_default=None, allow_none=True, strict=True)
    native_place = fields.String(load_default=None, allow_none=True, validate=_LINE)
    work_unit = fields.String(load_default=None, allow_none=True, validate=_LINE)


class ArchiveApplicantSchema(ma.Schema):
    """Who asks. `authority`: the number of the notarial act (proxy) or of the case (lawyer). `reason`: what for, and in
    which relation to whoever is on the record (heir, other; these wait for an approval).
    """

    kind = fields.Enum(
        ApplicantKind,
        by_value=True,
        load_default=ApplicantKind.SELF,
        validate=validate.OneOf(sorted(ONLINE)),
    )
    authority = fields.String(load_default=None, allow_none=True, validate=_LINE)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class ArchiveAskSchema(ma.Schema):
    """A record to be looked for. `without_number`: no identity number is on it; then one more thing has to be told."""

    office_id = fields.UUID(required=True)
    applicant = fields.Nested(
        ArchiveApplicantSchema,
        load_default=lambda: {"kind": ApplicantKind.SELF, "authority": None, "reason": None},
    )
    sought = fields.Enum(Sought, by_value=True, required=True)
    registration = fields.Enum(Registration, by_value=True, load_default=None, allow_none=True)
    subjects = fields.List(fields.Nested(ArchiveSubjectSchema), required=True, validate=validate.Length(1, 2))
    first_year = fields.Integer(required=True, strict=True)
    last_year = fields.Integer(load_default=None, allow_none=True, strict=True)
    registered_at = fields.String(load_default=None, allow_none=True, validate=_LINE)
    certificate = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    without_number = fields.Boolean(load_default=False)
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=30))


class ArchiveAnswerSchema(ma.Schema):
    """The answer to the one question."""

    answer = fields.String(required=True, validate=validate.Length(1, 300))


class ArchiveVisitSchema(ma.Schema):
    """A free slot for `archive_query` at the registry of the request."""

    slot_id = fields.UUID(required=True)


class ArchiveOfficeSchema(ma.Schema):
    """The registry that looks."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    phone = fields.String(required=True)


class BookedVisitSchema(ma.Schema):
    """The appointment in which the record is read."""

    appointment_id = fields.UUID(required=True)
    number = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)


class ArchiveRequestSchema(ma.Schema):
    """A request as whoever asked sees it; nothing of what is in a record. `due_on` is there while it is looked for.

    `place`, `address` and `phone` tell where the volume lies; `next_step` says in words what comes next.
    """

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.Enum(ArchiveState, by_value=True, required=True)
    applicant = fields.Enum(ApplicantKind, by_value=True, required=True)
    sought = fields.Enum(Sought, by_value=True, required=True)
    first_year = fields.Integer(required=True)
    last_year = fields.Integer(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)
    until = fields.Date(required=True, allow_none=True)
    question = fields.String(required=True, allow_none=True)
    kept_at = fields.Enum(KeptAt, by_value=True, required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    papers = fields.String(required=True)
    next_step = fields.String(required=True)
    bookable = fields.Boolean(required=True)
    visit = fields.Nested(BookedVisitSchema, required=True, allow_none=True)
    office = fields.Nested(ArchiveOfficeSchema, required=True)
    created_at = fields.AwareDateTime(required=True)


class ArchiveRequestListSchema(ma.Schema):
    """A page of requests, newest first."""

    items = fields.List(fields.Nested(ArchiveRequestSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
