"""Signing in and out."""

from __future__ import annotations

from flask import abort, current_app, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import pages
from backend.console.guard import COOKIE, forget, remember, safe_next, signed_in
from backend.console.texts import SIGNED_OUT
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.rate_limits import limiter
from backend.staff import sign_in, sign_out


@pages.get("/sign-in")
@access(Caller.ANYONE)
def sign_in_page() -> AnyResponse | str:
    """The sign-in form; whoever is signed in goes on."""
    target = safe_next(request.args.get("next"))
    if signed_in() is not None:
        return redirect(target)
    return render_template("console/sign_in.html", next=target, username="")


@pages.post("/sign-in")
@limiter.limit("30 per minute")  # per address; the lock of an account is another guard
@access(Caller.ANYONE)
def sign_in_form() -> AnyResponse:
    """Open a session."""
    target = safe_next(request.form.get("next"))
    username = request.form.get("username", "")
    try:
        token, _ = sign_in(username, request.form.get("password", ""))
    except AppError as refusal:
        page = render_template("console/sign_in.html", next=target, username=username, problem=refusal.user_text)
        return make_response(page, refusal.status)
    session.clear()  # a forgery token planted before the sign-in is worth nothing after it
    response = redirect(target, 303)
    remember(response, token, secure=_secure())
    return response


@pages.post("/sign-out")
@access(Caller.STAFF)
def sign_out_form() -> AnyResponse:
    """End the session."""
    sign_out(request.cookies[COOKIE])
    session.clear()
    flash(SIGNED_OUT, "done")
    response = redirect(url_for("console.sign_in_page"), 303)
    forget(response, secure=_secure())
    return response


@pages.get("/<path:_rest>")
@access(Caller.STAFF)
def unknown_page(_rest: str) -> AnyResponse:
    """Every other address below /console: the console's own 404 rather than the application's."""
    abort(404)


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
