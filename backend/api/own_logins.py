"""`/api/v1/me/sessions` and `/api/v1/me/bind-codes`: one's own logins, and linking the account's chat (§3.2, §4.2).

Repeating any of these commands does no harm: a login that has ended stays ended, and a new code voids the old one.
"""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from marshmallow import fields

from backend.api import texts
from backend.api.kit import documented, resident
from backend.api.me import CounterCodeSchema, blueprint
from backend.api.paging import PageQuery, page_body, read_cursor
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.kernel.paging import page_of
from backend.people.entry.linking import show_link_code
from backend.people.logins import SessionView, revoke, sessions_of
from backend.people.rules import LoginKind
from backend.rate_limits import limiter

__all__ = ["blueprint"]


class OwnSessionSchema(ma.Schema):
    """One login. `device` says in a few words what it came from, and may be empty."""

    id = fields.UUID(required=True)
    kind = fields.Enum(LoginKind, by_value=True, required=True)
    device = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    current = fields.Boolean(required=True, metadata={"description": "the login this request was made with"})


class OwnSessionListSchema(ma.Schema):
    """A page of logins, newest first."""

    items = fields.List(fields.Nested(OwnSessionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def _caller() -> str:
    return str(resident().person_id)


@blueprint.route("/sessions")
@documented(401, 422, 429)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, OwnSessionListSchema)
@access(Caller.RESIDENT)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's logins that still count, in the mini-program and on web pages inside WeChat."""
    found = sessions_of(resident().person_id, read_cursor(query["cursor"]), query["limit"] + 1)
    page = page_of(found, query["limit"], lambda view: (view.created_at, view.id))
    return page_body(page, [_shown(view) for view in page.rows])


def _shown(view: SessionView) -> dict[str, Any]:
    return vars(view) | {"current": view.id == resident().session_id}


@blueprint.route("/sessions/<uuid:session_id>/revoke", methods=["POST"])
@documented(401, 404, 429)
@blueprint.response(204)
@access(Caller.RESIDENT)
def revoke_session(session_id: uuid.UUID) -> None:
    """End one of the caller's logins at once, also the present one, which signs out."""
    if not revoke(resident().person_id, session_id):
        raise AppError("not_found", texts.NOT_FOUND, 404)


@blueprint.route("/sign-out", methods=["POST"])
@documented(401, 429)
@blueprint.response(204)
@access(Caller.RESIDENT)
def sign_out() -> None:
    """End the login this request is made with."""
    revoke(resident().person_id, resident().session_id)


@blueprint.route("/bind-codes", methods=["POST"])
@limiter.limit("10 per minute", key_func=_caller)
@documented(401, 429, 503)
@blueprint.response(201, CounterCodeSchema)
@access(Caller.RESIDENT)
def create_bind_code() -> dict[str, Any]:
    """Eight digits to be typed in the account's chat, good for ten minutes and once; an earlier one is void."""
    code = show_link_code(resident().identity_id)
    return {"code": code.digits, "expires_at": code.expires_at}
