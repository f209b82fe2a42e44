"""`/api/v1/proxies`: ties by which one person acts for another, as either of the two sees them (domain-rules §5.3).

What a helper asks is answered alike whether or not the principal is known here.
"""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import ApiBlueprint, documented, resident
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.identity import IdType
from backend.kernel.paging import page_of
from backend.people.proxies.answer import confirm_as_principal, confirm_by_code, count_try, decline
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.cut import cut
from backend.people.proxies.queries import acts_of, tie_of, ties_of
from backend.people.proxies.rules import Confirmation, Relation, TieState
from backend.rate_limits import limiter

blueprint = ApiBlueprint("proxies", "Acting for somebody, and letting somebody act")


class PrincipalSchema(ma.Schema):
    """For whom: name and number as on the paper."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_type = fields.Enum(IdType, by_value=True, load_default=IdType.RESIDENT_IDENTITY_CARD)
    id_number = fields.String(required=True, validate=validate.Length(1, 40))


class AskSchema(ma.Schema):
    """What a helper asks for. `relation`: what the helper is to the principal, a daughter says `child`."""

    principal = fields.Nested(PrincipalSchema, required=True)
    relation = fields.Enum(Relation, by_value=True, required=True)
    scopes = fields.List(fields.String(validate=validate.Length(1, 40)), required=True, validate=validate.Length(1, 20))


class ConfirmSchema(ma.Schema):
    """The counter's six digits from a helper; nothing from the principal."""

    code = fields.String(load_default=None, validate=validate.Length(1, 20), allow_none=True)


class TieSchema(ma.Schema):
    """A tie as the caller's side sees it; `other_name` is masked."""

    id = fields.UUID(required=True)
    role = fields.String(required=True, validate=validate.OneOf(["helper", "principal"]))
    relation = fields.Enum(Relation, by_value=True, required=True)
    other_name = fields.String(required=True)
    other_id = fields.UUID(required=True, allow_none=True, metadata={"description": "once confirmed"})
    scopes = fields.List(fields.String(), required=True)
    state = fields.Enum(TieState, by_value=True, required=True)
    asked_at = fields.AwareDateTime(required=True)
    lapses_at = fields.AwareDateTime(required=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmation = fields.Enum(Confirmation, by_value=True, required=True, allow_none=True)


class TieListSchema(ma.Schema):
    """A page of ties."""

    items = fields.List(fields.Nested(TieSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ActSchema(ma.Schema):
    """One thing that was done on behalf of the principal."""

    id = fields.UUID(required=True)
    scope = fields.String(required=True)
    action = fields.String(required=True)
    subject_kind = fields.String(required=True)
    subject_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)


class ActListSchema(ma.Schema):
    """A page of what was done."""

    items = fields.List(fields.Nested(ActSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


_tie = TieSchema()


@blueprint.route("")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, TieListSchema)
@access(Caller.RESIDENT)
def list_ties(query: dict[str, Any]) -> dict[str, Any]:
    """Ties in which the caller helps or is helped, newest first."""
    views = ties_of(resident().person_id, read_cursor(query["cursor"]), query["limit"] + 1)
    return page_body(page_of(views, query["limit"], lambda view: (view.asked_at, view.id)))


@blueprint.route("", methods=["POST"])
@limiter.limit("20 per hour", key_func=lambda: str(resident().person_id))
@documented(401, 403, 409, 422, 429)
@blueprint.arguments(AskSchema)
@blueprint.response(201, TieSchema)
@access(Caller.RESIDENT)
def create_tie(data: dict[str, Any]) -> Any:
    """Ask to act for somebody. Send an Idempotency-Key, so that a repeat is the same request."""
    person_id = resident().person_id
    principal = data["principal"]
    wish = Wish(
        principal["name"], principal["id_number"], data["relation"], tuple(data["scopes"]), principal["id_type"]
    )

    def command() -> Answer:
        return _tie.dump(tie_of(ask_proxy(person_id, wish).id, person_id)), 201

    return answer_once(person_id, command)


@blueprint.route("/<uuid:tie_id>/confirm", methods=["POST"])
@limiter.limit("20 per hour", key_func=lambda: str(resident().person_id))
@documented(401, 403, 404, 409, 422, 429)
@blueprint.arguments(ConfirmSchema)
@blueprint.response(200, TieSchema)
@access(Caller.RESIDENT)
def confirm(data: dict[str, Any], tie_id: uuid.UUID) -> Any:
    """Agree as the principal; or, as the helper, with the six digits that the principal was told at the counter."""
    person_id, code = resident().person_id, data["code"]
    # Counted for good before the digits are looked at, whatever becomes of the command.
    may_try = code is not None and count_try(tie_id, person_id)

    def command() -> Answer:
        if code is None:
            confirm_as_principal(tie_id, person_id)
        else:
            confirm_by_code(tie_id, person_id, code, may_try=may_try)
        return _tie.dump(tie_of(tie_id, person_id)), 200

    return answer_once(person_id, command)


@blueprint.route("/<uuid:tie_id>/decline", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, TieSchema)
@access(Caller.RESIDENT)
def refuse(tie_id: uuid.UUID) -> Any:
    """Do not agree; only the principal can. Declining twice is the same as once."""
    person_id = resident().person_id

    def command() -> Answer:
        decline(tie_id, person_id)
        return _tie.dump(tie_of(tie_id, person_id)), 200

    return answer_once(person_id, command)


@blueprint.route("/<uuid:tie_id>/cut", methods=["POST"])
@documented(401, 404, 409, 422, 429)
@blueprint.response(200, TieSchema)
@access(Caller.RESIDENT)
def end(tie_id: uuid.UUID) -> Any:
    """End a tie, or withdraw a request; either side can. Cutting twice is the same as once."""
    person_id = resident().person_id

    def command() -> Answer:
        cut(tie_id, person_id)
        return _tie.dump(tie_of(tie_id, person_id)), 200

    return answer_once(person_id, command)


@blueprint.route("/<uuid:tie_id>/acts")
@documented(401, 404, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ActListSchema)
@access(Caller.RESIDENT)
def list_acts(query: dict[str, Any], tie_id: uuid.UUID) -> dict[str, Any]:
    """What was done under a tie, newest first; both sides may look."""
    acts = acts_of(tie_id, resident().person_id, read_cursor(query["cursor"]), query["limit"] + 1)
    return page_body(page_of(acts, query["limit"], lambda act: (act.at, act.id)))
