"""The blueprint of “my account” and of signing in by scan, and what their views share."""

from __future__ import annotations

import io
from datetime import timedelta

import segno
from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import console_blueprint
from backend.console.guard import COOKIE_PATH, current_session
from backend.kernel.clock import now
from backend.staff.entry.origin import Origin, origin_of
from backend.staff.models import StaffSession

entry = console_blueprint("entry", "backend.console", "/console")

SCAN_COOKIE = "console_scan"
# How long ago somebody may have shown who they are before a step that would let another in for good.
PROOF_LASTS = timedelta(minutes=10)


def secure_cookies() -> bool:
    """Whether cookies are for TLS only."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def origin_here() -> Origin:
    """From where and with what this request comes."""
    return origin_of(request.remote_addr, request.user_agent.string)


def session_here() -> StaffSession:
    """The session of this request in a view that `enforce` has let through."""
    session = current_session()
    if session is None:
        abort(403)
    return session


def proof_wanted(then: str) -> AnyResponse | None:
    """To the page that asks for the password once more, and to the endpoint `then` afterwards; None if not needed."""
    if session_here().proved_at > now() - PROOF_LASTS:
        return None
    return redirect(url_for("entry.proof_page", next=url_for(then)), 303)


def qr_picture(text: str) -> Response:
    """A QR code as a picture file."""
    drawn = io.BytesIO()
    # White behind it in a dark page too: telephones read dark on light.
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=4, light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), content_type="image/svg+xml")


def remember_scan(response: AnyResponse, browser_token: str, lifetime: timedelta) -> None:
    """Bind a QR code to the browser that shows it."""
    response.set_cookie(
        SCAN_COOKIE,
        browser_token,
        max_age=lifetime,
        path=COOKIE_PATH,
        secure=secure_cookies(),
        httponly=True,
        samesite="Lax",
    )
