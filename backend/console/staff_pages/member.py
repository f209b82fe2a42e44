"""One account: its roles, leave and stand-ins; giving, taking, leaving the service."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_grants, current_nodes, say
from backend.console.staff_pages import texts
from backend.console.staff_pages.blueprint import choice_in, day_in, desk, id_in, needed, say_why
from backend.kernel.access import Caller, access
from backend.kernel.clock import end_of_day, start_of_day, today
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, record
from backend.staff.accounts import deactivate_account, move_home, reactivate_account, reset_password
from backend.staff.assignments import end_role, give_role
from backend.staff.directory import AccountDetail, account_detail, tree
from backend.staff.entry.binding import bound_since
from backend.staff.entry.totp import has_second_factor
from backend.staff.powers import within
from backend.staff.rescue import (
    ask_to_remove_second_factor,
    end_account_sessions,
    unbind_wechat,
    unlock_account,
)
from backend.staff.sessions import sessions_of
from backend.storage import transaction


@desk.get("/accounts/<uuid:account_id>")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def member(account_id: uuid.UUID) -> str:
    """The page of an account; 404 outside one's places."""
    with transaction():
        found = _found(account_id)
        # Somebody who also holds a role above one's own places is shown, but not managed from here.
        managed = within(Permission.MANAGE_STAFF, current_grants(), found.account)
        record("staff.account_viewed", "staff_account", account_id, account_id=current_account().id)
        entry = _entry(account_id)
    return render_template(
        "console/staff/member.html",
        found=found,
        managed=managed,
        oneself=account_id == current_account().id,
        places=tree(current_nodes(Permission.MANAGE_STAFF)),
        roles=list(Role),
        day=today(),
        entry=entry,
    )


def _entry(account_id: uuid.UUID) -> dict[str, Any]:
    """By what the person signs in, and in how many places they are signed in now."""
    return {
        "second_factor": has_second_factor(account_id),
        "bound_at": bound_since(account_id),
        "sessions": len(sessions_of(account_id)),
    }


@desk.post("/accounts/<uuid:account_id>/rescue/<any(unlock, second_factor, wechat, sessions):what>")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def rescue(account_id: uuid.UUID, what: str) -> AnyResponse:
    """Help somebody who cannot sign in, or whose account may be in a wrong hand; they are told of it."""

    def help_in() -> str:
        step, told = _RESCUES[what]
        step(account_id, request.form.get("reason", ""), by=current_account())
        return told

    return _do(account_id, help_in)


_RESCUES: Mapping[str, tuple[Callable[..., object], str]] = {
    "unlock": (unlock_account, texts.UNLOCKED),
    "second_factor": (ask_to_remove_second_factor, texts.SECOND_FACTOR_ASKED),
    "wechat": (unbind_wechat, texts.WECHAT_UNBOUND),
    "sessions": (end_account_sessions, texts.SESSIONS_ENDED),
}


@desk.post("/accounts/<uuid:account_id>/roles")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def role_give(account_id: uuid.UUID) -> AnyResponse:
    """Give a role."""

    def give() -> str:
        first, last = day_in("first"), day_in("last")
        give_role(
            account_id,
            needed(choice_in(request.form, "role", Role), "role"),
            needed(id_in(request.form, "node"), "node"),
            by=current_account(),
            starts_at=start_of_day(first) if first else None,
            ends_at=end_of_day(last) if last else None,
        )
        return texts.ROLE_GIVEN

    return _do(account_id, give)


@desk.post("/accounts/<uuid:account_id>/roles/<uuid:assignment_id>/end")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def role_end(account_id: uuid.UUID, assignment_id: uuid.UUID) -> AnyResponse:
    """Take a role, now or at the end of a day."""
    found = _found(account_id)
    if assignment_id not in {held.assignment.id for held in found.held}:
        abort(404)

    def take() -> str:
        last = day_in("last")
        end_role(assignment_id, by=current_account(), ends_at=end_of_day(last) if last else None)
        return texts.ROLE_ENDED

    return _do(account_id, take)


@desk.post("/accounts/<uuid:account_id>/home")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def home_move(account_id: uuid.UUID) -> AnyResponse:
    """Seat the person elsewhere."""

    def move() -> str:
        place = move_home(account_id, needed(id_in(request.form, "node"), "node"), by=current_account())
        return texts.HOME_MOVED.format(place=place.name)

    return _do(account_id, move)


@desk.post("/accounts/<uuid:account_id>/deactivate")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def deactivate(account_id: uuid.UUID) -> AnyResponse:
    """Let the person leave the service."""

    def leave() -> str:
        deactivate_account(account_id, by=current_account())
        return texts.DEACTIVATED

    return _do(account_id, leave)


@desk.post("/accounts/<uuid:account_id>/reactivate")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def reactivate(account_id: uuid.UUID) -> AnyResponse:
    """Let the person come back; shows the one-time password, once."""
    return _show_once(account_id, lambda: reactivate_account(account_id, by=current_account()))


@desk.post("/accounts/<uuid:account_id>/password")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def password_reset(account_id: uuid.UUID) -> AnyResponse:
    """Give a one-time password; it is shown once."""
    return _show_once(account_id, lambda: reset_password(account_id, by=current_account()))


def _show_once(account_id: uuid.UUID, give: Callable[[], str]) -> AnyResponse:
    """Answer with the page itself: after a redirect the password would have to be kept somewhere."""
    found = _found(account_id)
    try:
        password = give()
    except AppError as refusal:
        say_why(refusal)
        return redirect(url_for("staff_desk.member", account_id=account_id), 303)
    page = render_template("console/staff/one_time.html", of=found.account, password=password, new=False)
    return make_response(page)


def _do(account_id: uuid.UUID, change: Callable[[], str]) -> AnyResponse:
    _found(account_id)
    try:
        say(change())
    except AppError as refusal:
        say_why(refusal)
    return redirect(url_for("staff_desk.member", account_id=account_id), 303)


def _found(account_id: uuid.UUID) -> AccountDetail:
    found = account_detail(account_id, current_nodes(Permission.MANAGE_STAFF))
    if found is None:
        abort(404)
    return found
