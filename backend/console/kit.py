"""Putting the console into an application: blueprints, forgery protection, headers, what templates may use."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from backend.console import appearance, attention, help, search, sign_in, worklist
from backend.console.actor import forget_actor, note_actor
from backend.console.appearance import look
from backend.console.assets import asset_url, stylesheets
from backend.console.blueprint import pages
from backend.console.exports import pages as exports
from backend.console.exports.definitions import register_export
from backend.console.guard import may_here, pending_notices, signed_in, standing_in_for
from backend.console.help import help_of, page_help
from backend.console.navigation import account_links, navigation
from backend.console.rooms import ConsoleRoom
from backend.kernel.chinese_dates import spoken_date, spoken_day, spoken_moment, weekday_name
from backend.kernel.clock import now

# The modules hang their views on `pages`.
__all__ = ["appearance", "attention", "exports", "help", "install_console", "search", "sign_in", "worklist"]

# No inline script and no inline style anywhere; data: only for the icons inside the vendored stylesheet.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class _ConsoleSessions(SecureCookieSessionInterface):
    """Cookie sessions for the console alone: pushes and API calls carry none, and opening one is work."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if _is_console(request) else self.make_null_session(app)


def install_console(app: Flask, rooms: Sequence[ConsoleRoom], *, secure_cookies: bool) -> None:
    """Register the kit's pages and the rooms' on `app`, which must have its secret key.

    `secure_cookies` is off only where there is no TLS, in a demonstration. The application calls `enforce` before
    views declared for `Caller.STAFF`.
    """
    app.extensions["console"] = tuple(rooms)
    app.session_interface = _ConsoleSessions()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        WTF_CSRF_CHECK_DEFAULT=False,  # other entrances (API, WeChat's pushes) carry no cookies to forge with
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session; desks stay open all day
    )
    blueprints = [pages, *(room.blueprint for room in rooms)]
    names = frozenset(blueprint.name for blueprint in blueprints)
    forgery_protection = CSRFProtect(app)

    @app.before_request
    def refuse_forgery() -> None:
        if request.blueprint in names:
            forgery_protection.protect()

    app.before_request(note_actor)
    app.teardown_request(forget_actor)

    @app.after_request
    def harden(response: AnyResponse) -> AnyResponse:
        return _harden(response) if _is_console() else response

    app.context_processor(_template_context)
    app.jinja_env.filters.update(
        spoken_day=spoken_day, spoken_date=spoken_date, spoken_moment=spoken_moment, weekday=weekday_name
    )
    for room in rooms:
        for definition in room.exports:
            register_export(definition)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)


def _is_console(request: Request = request) -> bool:
    return request.path == "/console" or request.path.startswith("/console/")


def _harden(response: AnyResponse) -> AnyResponse:
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # Our own forms need the referrer for the forgery check; other sites must not learn addresses of ours.
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "console.asset":
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "HX-Request")
    return response


def _template_context() -> dict[str, object]:
    if not _is_console():
        return {}
    return {
        "account": signed_in(),
        "account_links": account_links,
        "asset_url": asset_url,
        "help_of": help_of,
        "look": look(),
        "may_here": may_here,
        "navigation": navigation,
        "now": now,
        "page_help": page_help,
        "pending_notices": pending_notices,
        "standing_in_for": standing_in_for,
        "stylesheets": stylesheets,
    }
