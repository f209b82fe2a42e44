"""`/api/v1/me`: what a resident is known as here, and the proofs they can give (domain-rules §6.2).

Repeating any of these commands does no harm, so none needs an `Idempotency-Key`: a telephone given again is the same, a
proof given again makes it fresh again, a code typed again binds nothing new, and a new counter code voids the old one.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import current_app
from marshmallow import fields, validate

from backend.api import texts
from backend.api.kit import ApiBlueprint, documented, resident
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.people import Level, PersonView, person_view
from backend.people.binding import ask_code, bind_by_code
from backend.people.entry.session_keys import session_key_of
from backend.people.identities import openid_of, person_of
from backend.people.phones import give_phone
from backend.people.reading import read_claim
from backend.people.rules import ProofMethod
from backend.people.verification_service import verification_service
from backend.people.verify import verify_person
from backend.rate_limits import limiter
from backend.settings import Settings
from backend.wechat.client import PhoneNumber, WeChatClient
from backend.wechat.errors import CodeRejected, WeChatError
from backend.wechat.open_data import opened_phone

blueprint = ApiBlueprint("me", "The caller and their proofs")


class VerificationInputSchema(ma.Schema):
    """Name and number as on the paper."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_type = fields.Enum(IdType, by_value=True, required=True)
    id_number = fields.String(required=True, validate=validate.Length(1, 40))


class PhoneInputSchema(ma.Schema):
    """A mobile number as typed, or the code that the button `getPhoneNumber` gave (not wx.login's).

    An older WeChat gives no code but `encrypted_data` with its `iv`.
    """

    phone = fields.String(validate=validate.Length(1, 30))
    code = fields.String(validate=validate.Length(1, 128))
    encrypted_data = fields.String(validate=validate.Length(1, 4000))
    iv = fields.String(validate=validate.Length(1, 64))


class BindingInputSchema(ma.Schema):
    """The code that a counter gave."""

    code = fields.String(required=True, validate=validate.Length(1, 20))


class ProofSchema(ma.Schema):
    """When and by whom name and number were verified; until when that counts as fresh."""

    at = fields.AwareDateTime(required=True)
    by = fields.Enum(ProofMethod, by_value=True, required=True)
    fresh_until = fields.AwareDateTime(required=True, allow_none=True)


class MeSchema(ma.Schema):
    """The caller as known here. Name and number are masked; less so while `level` is 3."""

    id = fields.UUID(required=True)
    level = fields.Integer(required=True, metadata={"minimum": 0, "maximum": 3})
    name = fields.String(required=True, allow_none=True)
    id_type = fields.Enum(IdType, by_value=True, required=True, allow_none=True)
    id_number_masked = fields.String(required=True, allow_none=True)
    phone_masked = fields.String(required=True, allow_none=True)
    verified = fields.Nested(ProofSchema, required=True, allow_none=True)
    online_verification = fields.Boolean(
        required=True, metadata={"description": "false: name and number are verified at the counter only"}
    )


class VerifiedSchema(MeSchema):
    """The caller after a proof; `hints` are worth a second look and refuse nothing."""

    hints = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)


class CounterCodeSchema(ma.Schema):
    """Six digits to be read aloud at a counter, told once."""

    code = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


def _caller() -> str:
    return str(resident().person_id)


@blueprint.route("")
@documented(401, 429)
@blueprint.response(200, MeSchema)
@access(Caller.RESIDENT)
def get_me() -> dict[str, Any]:
    """The caller as known here, masked."""
    return _me()


@blueprint.route("/verification", methods=["POST"])
@limiter.limit("20 per minute", key_func=_caller)
@documented(401, 409, 422, 429, 503)
@blueprint.arguments(VerificationInputSchema)
@blueprint.response(200, VerifiedSchema)
@access(Caller.RESIDENT)
def verify(data: dict[str, Any]) -> dict[str, Any]:
    """Verify name and number; verified already, make the proof fresh. Five wrong pairs a day, then at the counter."""
    claim = read_claim(data["name"], data["id_type"], data["id_number"])
    verify_person(resident().identity_id, claim)
    return {**_me(), "hints": claim.hints}


@blueprint.route("/phone", methods=["POST"])
@limiter.limit("20 per minute", key_func=_caller)
@documented(401, 422, 429, 503)
@blueprint.arguments(PhoneInputSchema)
@blueprint.response(200, MeSchema)
@access(Caller.RESIDENT)
def set_phone(data: dict[str, Any]) -> dict[str, Any]:
    """Leave a mobile number: typed, with only its form checked, or from the phone, for which WeChat vouches."""
    given = data.keys() - {"iv"}
    if len(given) != 1 or ("iv" in data) != ("encrypted_data" in data):
        raise AppError("invalid", texts.PHONE_OR_CODE, 422, errors={"phone": [texts.PHONE_OR_CODE]})
    give_phone(resident().identity_id, data.get("phone") or _phone_from_wechat(data))
    return _me()


def _phone_from_wechat(data: dict[str, Any]) -> str:
    """The number WeChat vouches for; it can always be typed instead."""
    field = "code" if "code" in data else "encrypted_data"
    try:
        told = _told_by_code(data["code"]) if "code" in data else _told_by_phone(data["encrypted_data"], data["iv"])
    except CodeRejected:
        refused = texts.PHONE_CODE_REFUSED
        raise AppError("invalid", refused, 422, errors={field: [refused]}) from None
    except WeChatError:
        raise AppError("wechat_unavailable", texts.PHONE_AWAY, 503) from None
    if not told.is_mainland:
        raise AppError("invalid", texts.PHONE_ABROAD, 422, errors={field: [texts.PHONE_ABROAD]})
    return told.number


def _told_by_code(code: str) -> PhoneNumber:
    client: WeChatClient = current_app.extensions["wechat_miniprogram"]
    return client.phone_number(code, openid_of(resident().identity_id))


def _told_by_phone(encrypted: str, vector: str) -> PhoneNumber:
    session_key = session_key_of(resident().identity_id)
    if session_key is None:
        raise CodeRejected
    settings: Settings = current_app.extensions["settings"]
    return opened_phone(settings.miniprogram.app_id, session_key, encrypted, vector)


@blueprint.route("/counter-code", methods=["POST"])
@limiter.limit("10 per minute", key_func=_caller)
@documented(401, 429, 503)
@blueprint.response(201, CounterCodeSchema)
@access(Caller.RESIDENT)
def create_counter_code() -> dict[str, Any]:
    """A code to read aloud at a counter, good for ten minutes; an earlier one is void."""
    code = ask_code(resident().identity_id)
    return {"code": code.digits, "expires_at": code.expires_at}


@blueprint.route("/binding", methods=["POST"])
@limiter.limit("20 per minute", key_func=_caller)
@documented(401, 409, 422, 429)
@blueprint.arguments(BindingInputSchema)
@blueprint.response(200, MeSchema)
@access(Caller.RESIDENT)
def bind(data: dict[str, Any]) -> dict[str, Any]:
    """Type the code that a counter gave, and be the person it was given for. Five wrong ones in ten minutes."""
    bind_by_code(resident().identity_id, data["code"])
    return _me()


def _me() -> dict[str, Any]:
    """The caller now; a command may have made the WeChat another person's than it was when the request came."""
    person = person_view(person_of(resident().identity_id))
    if person is None:
        raise RuntimeError("an identity without a person")
    return {
        "id": person.id,
        "level": int(person.level),
        "name": person.name if person.level is Level.FRESH else person.masked_name,
        "id_type": person.id_type,
        "id_number_masked": person.number_for_owner,
        "phone_masked": person.masked_phone,
        "verified": _proof(person),
        "online_verification": verification_service() is not None,
    }


def _proof(person: PersonView) -> dict[str, Any] | None:
    if person.verified_at is None or person.verified_by is None:
        return None
    return {"at": person.verified_at, "by": person.verified_by, "fresh_until": person.fresh_until}
