"""Setting up, replacing and removing the second factor; recovery codes."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.entry_pages import texts
from backend.console.entry_pages.blueprint import entry, proof_wanted, qr_picture, session_here
from backend.console.guard import current_account
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff.entry.recovery import recovery_state, replace_codes
from backend.staff.entry.totp import (
    begin_set_up,
    confirm_set_up,
    has_second_factor,
    pending_set_up,
    remove_second_factor,
)

_PAGE = "entry.second_factor_page"


@entry.get("/account/second-factor")
@access(Caller.STAFF)
def second_factor_page() -> AnyResponse | str:
    """Whether there is one, and the QR code of one that is being set up."""
    return proof_wanted(_PAGE) or _page()


@entry.post("/account/second-factor/begin")
@access(Caller.STAFF)
def second_factor_begin() -> AnyResponse:
    """Make a new secret."""
    wanted = proof_wanted(_PAGE)
    if wanted is None:
        begin_set_up(current_account().id)
    return wanted or redirect(url_for(_PAGE), 303)


@entry.get("/account/second-factor/code.svg")
@access(Caller.STAFF)
def second_factor_picture() -> Response:
    """The secret being set up as a QR code; 404 when there is none, or whoever sits here is not surely the holder."""
    pending = None if proof_wanted(_PAGE) else pending_set_up(current_account().id)
    if pending is None:
        abort(404)
    return qr_picture(pending.address)


@entry.post("/account/second-factor/confirm")
@access(Caller.STAFF)
def second_factor_confirm() -> AnyResponse:
    """Take the first code, and tell the recovery codes, this once."""
    wanted = proof_wanted(_PAGE)
    if wanted is not None:
        return wanted
    try:
        codes = confirm_set_up(current_account().id, session_here().id, request.form.get("code", ""))
    except AppError as refusal:
        return make_response(_page(refusal.user_text), refusal.status)
    return make_response(render_template("console/entry/recovery_codes.html", codes=codes, first=True))


@entry.post("/account/second-factor/remove")
@access(Caller.STAFF)
def second_factor_remove() -> AnyResponse:
    """Go back to the password alone, where the bureau allows it."""
    wanted = proof_wanted(_PAGE)
    if wanted is not None:
        return wanted
    if current_app.extensions["settings"].second_factor_required:
        flash(texts.SECOND_FACTOR_KEPT, "problem")
        return redirect(url_for(_PAGE), 303)
    account_id = current_account().id
    if remove_second_factor(account_id, account_id, keep=session_here().id):
        flash(texts.SECOND_FACTOR_REMOVED, "done")
    return redirect(url_for("entry.account_page"), 303)


@entry.post("/account/recovery-codes")
@access(Caller.STAFF)
def recovery_codes_replace() -> AnyResponse:
    """Make new codes in place of the old, and tell them, this once."""
    wanted = proof_wanted(_PAGE)
    if wanted is not None:
        return wanted
    account_id = current_account().id
    if not has_second_factor(account_id):
        flash(texts.NO_SECOND_FACTOR, "problem")
        return redirect(url_for(_PAGE), 303)
    codes = replace_codes(account_id)
    return make_response(render_template("console/entry/recovery_codes.html", codes=codes, first=False))


def _page(problem: str | None = None) -> str:
    account_id = current_account().id
    return render_template(
        "console/entry/second_factor.html",
        has_second_factor=has_second_factor(account_id),
        required=current_app.extensions["settings"].second_factor_required,
        pending=pending_set_up(account_id),
        codes=recovery_state(account_id),
        problem=problem,
    )
