"""“My account”: what is set, the password, the proof asked for before delicate steps, the sessions."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.entry_pages import texts
from backend.console.entry_pages.blueprint import entry, session_here
from backend.console.guard import current_account, safe_next
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.rate_limits import limiter
from backend.staff.entry import texts as staff_texts
from backend.staff.entry.binding import bound_since
from backend.staff.entry.recovery import recovery_state
from backend.staff.entry.totp import has_second_factor
from backend.staff.notices import note_seen, unseen
from backend.staff.passwords import LEAST_CHARACTERS, change_password, note_proof, prove
from backend.staff.sessions import revoke_other_sessions, revoke_session, sessions_of
from backend.staff.texts import TOLD

# The page warns of a used recovery code for so long.
WARNED_FOR = timedelta(days=14)


@entry.get("/account")
@access(Caller.STAFF)
def account_page() -> str:
    """Everything by which one signs in, and where one is signed in."""
    account_id = current_account().id
    codes = recovery_state(account_id)
    return render_template(
        "console/entry/account.html",
        has_second_factor=has_second_factor(account_id),
        second_factor_required=current_app.extensions["settings"].second_factor_required,
        codes=codes,
        warned=codes.last_used_at is not None and codes.last_used_at > now() - WARNED_FOR,
        bound_at=bound_since(account_id),
        sessions=sessions_of(account_id),
        notices=unseen(account_id),
        told=TOLD,
        here=session_here(),
    )


@entry.post("/account/notices/seen")
@access(Caller.STAFF)
def notices_seen() -> AnyResponse:
    """The holder has read what was done to the account."""
    note_seen(current_account().id)
    return redirect(safe_next(request.form.get("next")), 303)


def account_notices() -> str:
    """What others did to the account and its holder has not seen yet, for the first page."""
    found = unseen(current_account().id)
    return render_template("console/entry/notices_part.html", notices=found, told=TOLD) if found else ""


@entry.get("/account/password")
@access(Caller.STAFF)
def password_page() -> str:
    """The form for a new password."""
    return _password_form({})


@entry.post("/account/password")
@limiter.limit("30 per minute")
@access(Caller.STAFF)
def password_form() -> AnyResponse:
    """Change the password."""
    current, new = request.form.get("current", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return make_response(_password_form({"again": [staff_texts.PASSWORDS_DIFFER]}), 422)
    try:
        change_password(current_account().id, current, new, keep=session_here().id)
    except AppError as refusal:
        return make_response(_password_form(refusal.errors), refusal.status)
    flash(texts.NEW_WORD_TAKEN, "done")
    return redirect(url_for("entry.account_page"), 303)


@entry.get("/account/proof")
@access(Caller.STAFF)
def proof_page() -> str:
    """Ask for the password once more."""
    return render_template("console/entry/proof.html", next=safe_next(request.args.get("next")), problem=None)


@entry.post("/account/proof")
@limiter.limit("30 per minute")
@access(Caller.STAFF)
def proof_form() -> AnyResponse:
    """Take the password and go on."""
    target = safe_next(request.form.get("next"))
    try:
        prove(current_account().id, request.form.get("current", ""))
    except AppError as refusal:
        page = render_template("console/entry/proof.html", next=target, problem=refusal.user_text)
        return make_response(page, refusal.status)
    note_proof(session_here().id)
    return redirect(target, 303)


@entry.post("/account/sessions/<uuid:session_id>/revoke")
@access(Caller.STAFF)
def session_revoke(session_id: uuid.UUID) -> AnyResponse:
    """End one of one's sessions."""
    if revoke_session(current_account().id, session_id):
        flash(texts.SESSION_REVOKED, "done")
    else:
        flash(texts.SESSION_GONE, "problem")
    return redirect(url_for("entry.account_page"), 303)


@entry.post("/account/sessions/revoke-others")
@access(Caller.STAFF)
def sessions_revoke_others() -> AnyResponse:
    """End all of one's sessions but this."""
    count = revoke_other_sessions(current_account().id, session_here().id)
    flash(texts.OTHERS_REVOKED.format(count=count) if count else texts.NO_OTHERS, "done")
    return redirect(url_for("entry.account_page"), 303)


def _password_form(errors: dict[str, list[str]]) -> str:
    return render_template("console/entry/password.html", errors=errors, least=LEAST_CHARACTERS)
