"""`/h5/reminders`: agree to be reminded, by WeChat's own button on a page of ours (wechat-protocol §2.4, §5.2).

Only this page runs scripts: WeChat's JS-SDK, and one of ours that asks here for the signature of the address it was
opened at. What a person agreed to is never taken from the page, which could say anything: WeChat pushes it.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from backend.h5 import texts
from backend.h5.pages import CONTENT_SECURITY_POLICY, h5
from backend.h5.sessions import web_resident
from backend.kernel.access import Caller, access
from backend.rate_limits import limiter
from backend.settings import Settings
from backend.wechat.client import WeChatClient
from backend.wechat.errors import WeChatError
from messages.agreements import agreements, to_ask_for

JS_SDK = "/open/js/jweixin-1.6.0.js"
OPEN_TAG = "wx-open-subscribe"


@h5.get("/reminders")
@access(Caller.RESIDENT_WEB)
def reminders() -> Response:
    """What one can be reminded of, and WeChat's button for it."""
    known = agreements(web_resident().person_id, _settings().account.app_id)
    page = render_template(
        "h5/reminders.html",
        title=texts.REMINDERS,
        known=known,
        asked=to_ask_for(known),
        tag=OPEN_TAG,
        sdk=_settings().wechat_js_base_url + JS_SDK,
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = _policy(_settings().wechat_js_base_url)
    return response


@h5.get("/reminders/signature")
@limiter.limit("30 per minute", key_func=lambda: str(web_resident().person_id))
@access(Caller.RESIDENT_WEB)
def reminders_signature() -> tuple[dict[str, Any], int]:
    """What `wx.config` needs for the page at `url`; refused for every address that is not this page's."""
    url = request.args.get("url", "")
    account: WeChatClient = current_app.extensions["wechat_account"]
    base = _settings().public_base_url
    if url.partition("#")[0].partition("?")[0] != f"{base}{request.path.rpartition('/')[0]}":
        return {"code": "forbidden", "detail": texts.NOT_OUR_PAGE}, 403
    try:
        signed = account.sign_page(url, base)
    except ValueError:
        return {"code": "forbidden", "detail": texts.NOT_OUR_PAGE}, 403
    except WeChatError:
        return {"code": "wechat_unavailable", "detail": texts.REMINDERS_AWAY}, 503
    return {
        "appId": signed.app_id,
        "timestamp": signed.timestamp,
        "nonceStr": signed.nonce,
        "signature": signed.signature,
    }, 200


def _policy(sdk_host: str) -> str:
    """The pages' policy, widened by what WeChat's button needs; it is drawn in a frame of WeChat's own scheme."""
    own = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    own = own.replace("img-src 'self'", "img-src 'self' https://*.qq.com")
    return f"{own}; script-src 'self' {sdk_host}; connect-src 'self' {sdk_host}; frame-src https://*.qq.com webcompt:"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
