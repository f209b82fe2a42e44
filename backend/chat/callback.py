"""`/wechat/account` and `/wechat/miniprogram`: what WeChat calls (contract.md "HTTP", wechat-protocol §1)."""

from __future__ import annotations

import logging
import secrets
import time

from flask import Blueprint, Response, current_app, request

from backend.chat.answering import answer_account_push, answer_miniprogram_push
from backend.chat.in_time import Handler, Push, answer_in_time
from backend.chat.kinds import is_personal
from backend.chat.metrics import PUSHES, REPLY_SECONDS
from backend.kernel.access import Caller, access
from backend.settings import Settings, WeChatApp
from backend.wechat.errors import PushRefused
from backend.wechat.inbound import Inbound
from backend.wechat.push import PushReceiver
from backend.wechat.replies import text_reply
from messages import Product
from workflows.chat.texts import FAULT

log = logging.getLogger(__name__)

SUCCESS = "success"


def create_callback_blueprint(settings: Settings) -> Blueprint:
    """The two callback addresses, each with its own credentials."""
    blueprint = Blueprint("wechat", __name__, url_prefix="/wechat")
    account, miniprogram = PushReceiver(settings.account), PushReceiver(settings.miniprogram, accepts_json=True)

    @blueprint.get("/account")
    @access(Caller.WECHAT)
    def verify_account() -> Response:
        return _verify(account)

    @blueprint.post("/account")
    @access(Caller.WECHAT)
    def push_account() -> Response:
        def answer(message: Inbound) -> str | None:
            return answer_account_push(settings.account.app_id, message)

        return _answer(account, settings.account, Product.ACCOUNT, answer)

    @blueprint.get("/miniprogram")
    @access(Caller.WECHAT)
    def verify_miniprogram() -> Response:
        return _verify(miniprogram)

    @blueprint.post("/miniprogram")
    @access(Caller.WECHAT)
    def push_miniprogram() -> Response:
        def take_in(message: Inbound) -> str | None:
            return answer_miniprogram_push(settings.miniprogram.app_id, message)

        return _answer(miniprogram, settings.miniprogram, Product.MINIPROGRAM, take_in)

    blueprint.register_error_handler(PushRefused, _refused)
    return blueprint


def _verify(receiver: PushReceiver) -> Response:
    return Response(receiver.verify_url(request.args), mimetype="text/plain")


def _answer(receiver: PushReceiver, app: WeChatApp, product: Product, handle: Handler) -> Response:
    began = time.monotonic()
    opened = receiver.open(request.args, request.get_data(cache=False))
    reply = _handled(Push(product, app.app_id, opened.message, began), handle)
    body = opened.seal(reply if reply else SUCCESS)
    REPLY_SECONDS.labels(app.original_id).observe(time.monotonic() - began)
    return Response(body, content_type="application/xml; charset=utf-8" if reply else "text/plain")


def _handled(push: Push, handle: Handler) -> str | None:
    """The reply, or an apology when we failed: a 5xx would only show the person WeChat's own fault message (§1.6).

    Nobody waits for an answer to a report on a message of ours, and a mini-program takes no text here (§1.7).
    """
    try:
        reply = answer_in_time(push, handle)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("push_failed", extra={"reference": reference})
        PUSHES.labels("failed").inc()
        speaks = push.product is Product.ACCOUNT and is_personal(push.message)
        return text_reply(push.message, FAULT) if speaks else None
    PUSHES.labels("answered").inc()
    return reply


def _refused(refusal: PushRefused) -> Response:
    PUSHES.labels("refused").inc()
    log.warning("push_refused", extra={"reason": refusal.reason, "status": refusal.status})
    return current_app.response_class(refusal.reason, status=refusal.status, mimetype="text/plain")
