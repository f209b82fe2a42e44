"""`POST /api/v1/sessions`: a mini-program's login code becomes a token of ours (wechat-protocol §3)."""

from __future__ import annotations

import logging
from typing import Any

import marshmallow as ma
from flask import current_app
from marshmallow import fields, validate

from backend.api import texts
from backend.api.kit import ApiBlueprint, documented
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.people import log_in
from backend.rate_limits import limiter
from backend.wechat.client import WeChatClient
from backend.wechat.errors import CodeRejected, HighRiskUser, WeChatError

log = logging.getLogger(__name__)

blueprint = ApiBlueprint("sessions", "Logins")


class LoginSchema(ma.Schema):
    """What the client got from `wx.login`."""

    code = fields.String(required=True, validate=validate.Length(1, 128))


class PersonSchema(ma.Schema):
    """The person a login belongs to."""

    id = fields.UUID(required=True)


class LoggedInSchema(ma.Schema):
    """The token, told once."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
    person = fields.Nested(PersonSchema, required=True)


@blueprint.route("", methods=["POST"])
@limiter.limit("60 per minute")
@documented(401, 422, 429, 503, security=[])
@blueprint.arguments(LoginSchema)
@blueprint.response(201, LoggedInSchema)
@access(Caller.ANYONE)
def create_session(data: dict[str, str]) -> dict[str, Any]:
    """Log in with a code of wx.login."""
    client: WeChatClient = current_app.extensions["wechat_miniprogram"]
    try:
        session = client.code_to_session(data["code"])
    except (CodeRejected, HighRiskUser):
        raise AppError("unauthenticated", texts.LOGIN_CODE_REFUSED, 401) from None
    except WeChatError as error:  # busy, away, or our own credentials: another code would not help
        log.warning("login_failed", extra={"kind": type(error).__name__, "errcode": error.errcode})
        raise AppError("wechat_unavailable", texts.WECHAT_AWAY, 503) from None
    login = log_in(current_app.extensions["settings"].miniprogram.app_id, session.openid, session.unionid)
    return {"token": login.token, "expires_at": login.expires_at, "person": {"id": login.person_id}}
