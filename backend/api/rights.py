"""Consent and rights over one's own data (PIPL 13-17, 44-50): the rules, choices, what is held, requests."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Response

from backend.api.idempotency import Answer, answer_once
from backend.api.kit import ApiBlueprint, documented, resident
from backend.api.me import blueprint as me
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.api.rights_schemas import (
    ChoiceSchema,
    ConsentListSchema,
    ConsentSchema,
    FileQuery,
    MyDataSchema,
    PrivacyNoticeSchema,
    RequestDetailSchema,
    RequestInputSchema,
    RequestListSchema,
)
from backend.kernel.access import Caller, access
from backend.kernel.paging import page_of
from backend.people.rights import texts
from backend.people.rights.answers import ask_for_oneself
from backend.people.rights.consent import Consent, choose, consents
from backend.people.rights.copies import copy_until, fetch_copy, room_values
from backend.people.rights.files import copy_file
from backend.people.rights.holdings import collect, kept_of
from backend.people.rights.models import RightsRequest
from backend.people.rights.notice import current_notice, note_shown, rules_url
from backend.people.rights.on_behalf import ask_for_principal
from backend.people.rights.requests import number_of, own_request, own_requests, request_events
from backend.people.rights.rules import Via
from backend.rate_limits import limiter
from backend.storage import transaction

notices = ApiBlueprint("privacy-notice", "The privacy rules")
choices = ApiBlueprint("consents", "Consent to what is optional")
blueprint = ApiBlueprint("rights-requests", "Requests about one's own data")

_detail = RequestDetailSchema()


def _caller_key() -> str:
    return str(resident().person_id)


@notices.route("")
@documented(429, security=[])
@notices.response(200, PrivacyNoticeSchema)
@access(Caller.ANYONE)
def get_privacy_notice() -> dict[str, Any]:
    """The privacy rules in force."""
    notice = current_notice()
    return {
        "version": notice.version,
        "effective_from": notice.effective_from,
        "url": rules_url(),
        "chapters": [{"title": title, "paragraphs": paragraphs} for title, paragraphs in notice.chapters],
    }


@choices.route("")
@documented(401, 429)
@choices.response(200, ConsentListSchema)
@access(Caller.RESIDENT)
def list_consents() -> dict[str, Any]:
    """Everything optional and how the caller stands to it."""
    return {"items": [_consent(consent) for consent in consents(resident().person_id)], "next_cursor": None}


@choices.route("/<purpose>", methods=["PUT"])
@limiter.limit("30 per minute", key_func=_caller_key)
@documented(401, 404, 409, 422, 429)
@choices.arguments(ChoiceSchema)
@choices.response(200, ConsentSchema)
@access(Caller.RESIDENT)
def put_consent(data: dict[str, Any], purpose: str) -> dict[str, Any]:
    """Give or withdraw consent. Withdrawing never costs a service; putting the same twice is the same as once."""
    person_id = resident().person_id
    with transaction():
        chosen = choose(person_id, purpose, given=data["given"], version=data["version"], via=Via.API)
        if data["version"] == current_notice().version:
            note_shown(person_id, data["version"], Via.API)
    return _consent(chosen)


@me.route("/data")
@limiter.limit("20 per minute", key_func=_caller_key)
@documented(401, 429)
@me.response(200, MyDataSchema)
@access(Caller.RESIDENT)
def get_my_data() -> dict[str, Any]:
    """Everything held about the caller, room by room."""
    person_id = resident().person_id
    return {"rooms": room_values(collect(person_id)), "kept": kept_of(person_id)}


@blueprint.route("", methods=["POST"])
@limiter.limit("10 per minute", key_func=_caller_key)
@documented(401, 403, 409, 422, 429)
@blueprint.arguments(RequestInputSchema)
@blueprint.response(201, RequestDetailSchema)
@access(Caller.RESIDENT)
def create_request(data: dict[str, Any]) -> Any:
    """Ask for a copy, a correction or deletion, or close the account. A copy and closing are carried out at once.

    On somebody's behalf only a correction can be asked for, under a tie that holds `people`.
    """
    person_id, principal_id = resident().person_id, data["on_behalf_of"]

    def command() -> Answer:
        if principal_id is not None:
            asked = ask_for_principal(person_id, principal_id, data["kind"], data["words"], Via.API)
            return _detail.dump(_detailed(asked)), 201
        asked = ask_for_oneself(person_id, data["kind"], data["words"], Via.API, confirmed=data["confirmed"])
        return _detail.dump(_detailed(asked)), 201

    return answer_once(person_id, command)


@blueprint.route("")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, RequestListSchema)
@access(Caller.RESIDENT)
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's requests, newest first."""
    limit = query["limit"]
    rows = own_requests(resident().person_id, read_cursor(query["cursor"]), limit + 1)
    page = page_of(rows, limit, lambda row: (row.received_at, row.id))
    files = copy_until([row.id for row in page.rows])
    return page_body(page, [_request(row, files.get(row.id)) for row in page.rows])


@blueprint.route("/<uuid:request_id>")
@documented(401, 404, 429)
@blueprint.response(200, RequestDetailSchema)
@access(Caller.RESIDENT)
def get_request(request_id: uuid.UUID) -> dict[str, Any]:
    """One of the caller's requests, with its history."""
    return _detailed(own_request(request_id, resident().person_id))


@blueprint.route("/<uuid:request_id>/file")
@limiter.limit("20 per minute", key_func=_caller_key)
@documented(401, 404, 422, 429)
@blueprint.arguments(FileQuery, location="query")
@blueprint.response(200, {"type": "object"}, content_type="application/json")
@blueprint.alt_response(200, schema={"type": "string"}, content_type="text/plain", success=True)
@access(Caller.RESIDENT)
def get_file(query: dict[str, str], request_id: uuid.UUID) -> Response:
    """The copy of the caller's data, for seven days: JSON, or text to read with `form=text`."""
    own_request(request_id, resident().person_id)
    body, headers = copy_file(fetch_copy(request_id), query["form"])
    return Response(body, headers=headers)


def _consent(consent: Consent) -> dict[str, Any]:
    purpose = consent.purpose
    return {
        "purpose": purpose.key,
        "title": purpose.title,
        "text": purpose.text,
        "given": consent.given,
        "version": consent.version,
        "at": consent.at,
    }


def _detailed(request: RightsRequest) -> dict[str, Any]:
    events = request_events(request.id)
    return _request(request, copy_until([request.id]).get(request.id)) | {
        "events": [{"at": event.at, "name": event.name, "state": event.to_state} for event in events]
    }


def _request(request: RightsRequest, file_until: datetime | None) -> dict[str, Any]:
    refusal = request.refusal and {
        "reason": request.refusal,
        "text": texts.REASON_NAMES[request.refusal],
        "remedy": texts.REMEDIES[request.refusal],
        "review": texts.REVIEW,
    }
    return {
        "id": request.id,
        "number": number_of(request),
        "kind": request.kind,
        "state": request.state,
        "received_at": request.received_at,
        "due_on": request.due_on,
        "due_provisional": request.due_provisional,
        "closed_at": request.closed_at,
        # What a relative wrote is the relative's own.
        "words": request.words if request.relation is None else None,
        "answer": request.answer,
        "refusal": refusal,
        "kept": [_kept(kept) for kept in request.outcome.get("kept", ())],
        "file_until": file_until,
    }


def _kept(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, "until": date.fromisoformat(kept["until"]) if kept["until"] else None}
