"""The cookies of the web login: which login a browser has, and the login it has begun (wechat-protocol §4.1)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from backend.kernel.clock import now
from backend.people import Resident, resident_by_token
from backend.people.logins import LIFETIMES, Login
from backend.people.rules import LoginKind

SESSION_COOKIE, BEGUN_COOKIE = "h5_session", "h5_login"
HOME = "/h5/me"
BEGUN_FOR = timedelta(minutes=10)  # a code lives five minutes; people read WeChat's question first
_OURS = re.compile(r"/h5/[A-Za-z0-9/_-]{1,200}")


@dataclass(frozen=True)
class Begun:
    """A login this browser has begun. `state` is the secret that WeChat brings back, `until` Unix seconds.

    `again`: it was begun a second time because the first code was used already.
    """

    state: str
    target: str
    asking: bool
    again: bool
    until: int


def own_path(text: str | None) -> str:
    """A path of our own pages; anything else leads home, so that a login never sends anybody elsewhere."""
    return text if text and _OURS.fullmatch(text) and "//" not in text else HOME


def begin(target: str, *, asking: bool, again: bool = False) -> Begun:
    """A login that begins now."""
    until = int((now() + BEGUN_FOR).timestamp())
    return Begun(secrets.token_urlsafe(32), own_path(target), asking, again, until)


def remember_begun(response: Response, begun: Begun) -> None:
    """Bind a login to this browser."""
    _set(response, BEGUN_COOKIE, str(_signer().dumps(asdict(begun))), BEGUN_FOR)


def begun_here(state: str) -> Begun | None:
    """The login this browser has begun and WeChat brings back with `state`; None for another's, and when it is over."""
    try:
        begun = Begun(**_signer().loads(request.cookies.get(BEGUN_COOKIE, "")))
    except (BadSignature, TypeError):
        return None
    known = hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace"))
    return begun if known and now().timestamp() < begun.until else None


def remember_login(response: Response, login: Login) -> None:
    """Sign this browser in; what it had begun is done."""
    _set(response, SESSION_COOKIE, login.token, LIFETIMES[LoginKind.WEB])
    response.delete_cookie(BEGUN_COOKIE, path="/h5", secure=_secure(), httponly=True, samesite="Lax")


def forget_login(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(SESSION_COOKIE, path="/h5", secure=_secure(), httponly=True, samesite="Lax")


def find_resident() -> Resident | None:
    """Who this browser is signed in as."""
    token = request.cookies.get(SESSION_COOKIE, "")
    return resident_by_token(token, LoginKind.WEB) if token else None


def web_resident() -> Resident:
    """Who is signed in; only inside views declared for `Caller.RESIDENT_WEB`."""
    resident: Resident = g.web_resident
    return resident


def form_token() -> str:
    """What a form of this login carries, so that no other site can send it."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"h5:{web_resident().session_id}".encode(), hashlib.sha256).hexdigest()


def is_own_form() -> bool:
    """Whether a form that was sent is one of this login."""
    sent = request.form.get("form_token", "")
    return hmac.compare_digest(sent.encode("utf-8", "replace"), form_token().encode())


def _set(response: Response, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(name, value, max_age=lifetime, path="/h5", secure=_secure(), httponly=True, samesite="Lax")


def _secure() -> bool:
    return not current_app.extensions["settings"].demonstration  # a demonstration has no TLS


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="h5.login")
