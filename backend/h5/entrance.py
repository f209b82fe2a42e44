"""`/h5/login`: residents are signed in by the WeChat whose browser they read with (wechat-protocol §4.1).

The login is bound to the browser that began it, ends on our own pages, and survives being loaded twice. Virtual users
of a page preview are asked to open the whole page; nothing is kept of them.
"""

from __future__ import annotations

import logging

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.h5 import texts
from backend.h5.pages import h5
from backend.h5.sessions import (
    HOME,
    Begun,
    begin,
    begun_here,
    find_resident,
    forget_login,
    is_own_form,
    own_path,
    remember_begun,
    remember_login,
    web_resident,
)
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.entry.codes import Vouched
from backend.people.entry.sign_in import sign_in_web
from backend.people.logins import Login, revoke
from backend.rate_limits import limiter
from backend.staff.entry.origin import short_browser
from backend.wechat.errors import CodeRejected, HighRiskUser, WeChatError
from backend.wechat.web_login import WebLogin

log = logging.getLogger(__name__)


class _Snapshot(Exception):
    """The code is a virtual user's."""


def authenticate_web() -> Response | None:
    """Let a signed-in browser through, or send it to sign in; for views declared for `Caller.RESIDENT_WEB`."""
    found = find_resident()
    if found is not None:
        g.web_resident = found
        return None
    target = request.path if request.method == "GET" else HOME
    return redirect(url_for("h5.login", next=own_path(target)), 303)


@h5.get("/login")
@limiter.limit("60 per minute")
@access(Caller.ANYONE)
def login() -> Response:
    """Go to WeChat and come back; with `more=1` WeChat asks the person, because the unionid is wanted as well."""
    return _to_wechat(begin(own_path(request.args.get("next")), asking=request.args.get("more") == "1"))


@h5.get("/login/back")
@limiter.limit("60 per minute")
@access(Caller.ANYONE)
def login_back() -> Response:
    """Where WeChat sends the browser."""
    begun = begun_here(request.args.get("state", ""))
    if begun is None:
        # Loaded again after it was done: the cookie of the login says so. Else it is too late, or another's link.
        return redirect(HOME, 303) if find_resident() else _page(texts.LOGIN_AGAIN, 400)
    code = request.args.get("code", "")
    if not code:
        return _page(texts.LOGIN_DECLINED, 403, begun.target)
    try:
        opened = _sign_in(code, begun)
    except _Snapshot:
        return _page(texts.SNAPSHOT, 403, retry=False)
    except CodeRejected:
        # Loaded again from the phone's memory, hours later: a fresh code is to be had without a tap, once.
        if begun.again:
            return _page(texts.LOGIN_AGAIN, 400, begun.target)
        return _to_wechat(begin(begun.target, asking=begun.asking, again=True))
    except AppError as refusal:
        if refusal.code != "counter_needed":
            raise
        return _page(texts.LOGIN_AT_COUNTER, 403, retry=False)
    except HighRiskUser:
        return _page(texts.LOGIN_BLOCKED, 403, retry=False)
    except WeChatError as error:
        log.warning("web_login_failed", extra={"kind": type(error).__name__, "errcode": error.errcode})
        return _page(texts.LOGIN_AWAY, 503, begun.target)
    before = find_resident()
    if before is not None:
        revoke(before.person_id, before.session_id)
    response = redirect(begun.target, 303)
    remember_login(response, opened)
    return response


@h5.post("/sign-out")
@access(Caller.RESIDENT_WEB)
def sign_out() -> Response:
    """End this browser's login."""
    if not is_own_form():
        return redirect(HOME, 303)
    revoke(web_resident().person_id, web_resident().session_id)
    response = redirect(url_for("h5.signed_out"), 303)
    forget_login(response)
    return response


@h5.get("/signed-out")
@access(Caller.ANYONE)
def signed_out() -> Response:
    """What to do when the page showed somebody else's things."""
    return _page(texts.SIGNED_OUT, 200)


def _sign_in(code: str, begun: Begun) -> Login:
    client: WebLogin = current_app.extensions["wechat_web_login"]

    def ask() -> Vouched:
        user = client.exchange_code(code)
        if user.snapshot:
            raise _Snapshot
        return Vouched(user.openid, user.unionid, None, now())

    app_id = current_app.extensions["settings"].account.app_id
    return sign_in_web(app_id, code, begun.state, ask, short_browser(request.user_agent.string))


def _to_wechat(begun: Begun) -> Response:
    client: WebLogin = current_app.extensions["wechat_web_login"]
    back = current_app.extensions["settings"].public_base_url + url_for("h5.login_back")
    response = redirect(client.page(back, begun.state, with_unionid=begun.asking), 303)
    remember_begun(response, begun)
    return response


def _page(said: texts.Said, status: int, target: str = HOME, *, retry: bool = True) -> Response:
    page = render_template("h5/said.html", said=said, target=target if retry else None)
    return make_response(page, status)
