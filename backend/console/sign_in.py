"""Signing in and out: the password, then a code where the account has a second factor."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.blueprint import pages
from backend.console.entry_pages.blueprint import origin_here, secure_cookies
from backend.console.entry_pages.texts import RECOVERY_CODE_USED
from backend.console.guard import COOKIE, forget, remember, safe_next, signed_in
from backend.console.texts import SIGNED_OUT
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.rate_limits import limiter
from backend.staff import sign_in, sign_out
from backend.staff.entry.recovery import looks_like_a_code, recovery_state
from backend.staff.sign_in import HALF_LIFETIME, CodeWanted, SignedIn, give_code, is_half_signed_in

HALF_COOKIE = "console_half"
HALF_COOKIE_PATH = "/console/sign-in"


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
    """Take the password."""
    target = safe_next(request.form.get("next"))
    username = request.form.get("username", "")
    try:
        outcome = sign_in(username, request.form.get("password", ""), origin_here())
    except AppError as refusal:
        page = render_template("console/sign_in.html", next=target, username=username, problem=refusal.user_text)
        return make_response(page, refusal.status)
    if isinstance(outcome, CodeWanted):
        response = redirect(url_for("console.sign_in_code_page", next=target), 303)
        response.set_cookie(
            HALF_COOKIE,
            outcome.half_token,
            max_age=HALF_LIFETIME,
            path=HALF_COOKIE_PATH,
            secure=secure_cookies(),
            httponly=True,
            samesite="Lax",
        )
        return response
    return _let_in(outcome, target)


@pages.get("/sign-in/code")
@access(Caller.ANYONE)
def sign_in_code_page() -> AnyResponse | str:
    """The question for a code; without a password before it, back to the beginning."""
    target = safe_next(request.args.get("next"))
    if signed_in() is not None:
        return redirect(target)
    if not is_half_signed_in(request.cookies.get(HALF_COOKIE, "")):
        return redirect(url_for("console.sign_in_page", next=target))
    return render_template("console/sign_in_code.html", next=target, problem=None)


@pages.post("/sign-in/code")
@limiter.limit("30 per minute")
@access(Caller.ANYONE)
def sign_in_code_form() -> AnyResponse:
    """Take the code."""
    target = safe_next(request.form.get("next"))
    if signed_in() is not None:  # another tab was quicker
        return redirect(target, 303)
    half_token, code = request.cookies.get(HALF_COOKIE, ""), request.form.get("code", "")
    try:
        opened = give_code(half_token, code, origin_here())
    except AppError as refusal:
        if refusal.code == "sign_in_expired" or not is_half_signed_in(half_token):
            flash(refusal.user_text, "problem")
            return redirect(url_for("console.sign_in_page", next=target), 303)
        page = render_template("console/sign_in_code.html", next=target, problem=refusal.user_text)
        return make_response(page, refusal.status)
    response = _let_in(opened, target)
    if looks_like_a_code(code):
        flash(RECOVERY_CODE_USED.format(left=recovery_state(opened.account.id).left), "problem")
    response.delete_cookie(HALF_COOKIE, path=HALF_COOKIE_PATH, secure=secure_cookies(), httponly=True, samesite="Lax")
    return response


@pages.post("/sign-out")
@access(Caller.STAFF)
def sign_out_form() -> AnyResponse:
    """End the session."""
    sign_out(request.cookies[COOKIE])
    session.clear()
    flash(SIGNED_OUT, "done")
    response = redirect(url_for("console.sign_in_page"), 303)
    forget(response, secure=secure_cookies())
    return response


@pages.get("/<path:_rest>")
@access(Caller.STAFF)
def unknown_page(_rest: str) -> AnyResponse:
    """Every other address below /console: the console's own 404 rather than the application's."""
    abort(404)


def _let_in(opened: SignedIn, target: str) -> AnyResponse:
    session.clear()  # a forgery token planted before the sign-in is worth nothing after it
    response = redirect(target, 303)
    remember(response, opened.token, secure=secure_cookies())
    return response
