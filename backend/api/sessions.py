"""`POST /api/v1/sessions`: a mini-program's login code becomes a token of ours (wechat-protocol §3)."""

from __future__ import annotations

import logging
from typing import Any

import marshmallow as ma
from flask import current_app, request
from marshmallow import fields, validate

from backend.api import texts
from backend.api.kit import ApiBlueprint, documented
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.entry.codes import Vouched
from backend.people.entry.sign_in import sign_in_miniprogram
from backend.rate_limits import limiter
from backend.staff.entry.origin import short_browser
from backend.wechat.client import WeChatClient
from backend.wechat.errors import MINUTE_QUOTA, CodeRejected, HighRiskUser, QuotaExceeded, WeChatError

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
@documented(401, 403, 409, 422, 429, 503, security=[])
@blueprint.arguments(LoginSchema)
@blueprint.response(201, LoggedInSchema)
@access(Caller.ANYONE)
def create_session(data: dict[str, str]) -> dict[str, Any]:
    """Log in with a code of wx.login. The code counts once; requests that bring it at the same time are all let in."""
    client: WeChatClient = current_app.extensions["wechat_miniprogram"]

    def ask() -> Vouched:
        session = client.code_to_session(data["code"])
        return Vouched(session.openid, session.unionid, session.session_key, now())

    app_id = current_app.extensions["settings"].miniprogram.app_id
    try:
        login = sign_in_miniprogram(app_id, data["code"], ask, short_browser(request.user_agent.string))
    except WeChatError as error:
        raise _refusal(error) from None
    return {"token": login.token, "expires_at": login.expires_at, "person": {"id": login.person_id}}


def _refusal(error: WeChatError) -> AppError:
    """What the phone is told; it asks for a new code only where that would help."""
    if isinstance(error, CodeRejected):
        return AppError("unauthenticated", texts.LOGIN_CODE_REFUSED, 401)
    log.warning("login_failed", extra={"kind": type(error).__name__, "errcode": error.errcode})
    if isinstance(error, HighRiskUser):
        return AppError("login_blocked", texts.LOGIN_BLOCKED, 403)
    if isinstance(error, QuotaExceeded) and error.errcode == MINUTE_QUOTA:
        wait = int((error.retry_at - now()).total_seconds()) + 1
        return AppError("rate_limited", texts.LOGIN_TOO_OFTEN, 429, extra={"retry_after": wait})
    return AppError("wechat_unavailable", texts.WECHAT_AWAY, 503)
