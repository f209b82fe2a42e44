"""Leave and stand-ins: one's own, and those of the people one leads."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.staff_pages import texts
from backend.console.staff_pages.blueprint import day_in, desk, id_in, needed, say_why
from backend.console.staff_pages.people import PAGE_SIZE, read_username
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.staff import Permission
from backend.staff.directory import AccountDetail, AccountFilter, account_detail, accounts, colleagues
from backend.staff.leave import MOST_DAYS, MOST_DAYS_ONESELF, end_leave, take_leave


@desk.get("/leave")
@access(Caller.STAFF, Permission.ARRANGE_LEAVE)
def leaves() -> str:
    """The people one leads, with who is away and who stands in."""
    after = read_username(request.args.get("cursor"))
    page = accounts(current_nodes(Permission.ARRANGE_LEAVE), AccountFilter(), after, PAGE_SIZE)
    return render_template("console/staff/leaves.html", page=page, later_page=after is not None)


@desk.get("/leave/<uuid:account_id>")
@access(Caller.STAFF, Permission.ARRANGE_LEAVE)
def leave(account_id: uuid.UUID) -> str:
    """The leave of somebody one leads."""
    nodes = current_nodes(Permission.ARRANGE_LEAVE)
    found = _found(account_id)
    # Whoever arranges it does not stand in: one would give oneself what others hold.
    others = [each for each in colleagues(found.account, nodes) if each.id != current_account().id]
    return _render(found, others, MOST_DAYS)


@desk.post("/leave/<uuid:account_id>")
@access(Caller.STAFF, Permission.ARRANGE_LEAVE)
def leave_take(account_id: uuid.UUID) -> AnyResponse:
    """Note a leave, with or without a stand-in."""
    _found(account_id)
    return _take(account_id, url_for("staff_desk.leave", account_id=account_id))


@desk.post("/leave/<uuid:account_id>/end")
@access(Caller.STAFF, Permission.ARRANGE_LEAVE)
def leave_end(account_id: uuid.UUID) -> AnyResponse:
    """The person is back."""
    _found(account_id)
    return _end(account_id, url_for("staff_desk.leave", account_id=account_id))


@desk.get("/my-leave")
@access(Caller.STAFF)
def my_leave() -> str:
    """One's own leave."""
    account = current_account()
    found = account_detail(account.id, frozenset({account.home_id}))
    if found is None:
        abort(404)
    return _render(found, colleagues(account, frozenset({account.home_id})), MOST_DAYS_ONESELF)


@desk.post("/my-leave")
@access(Caller.STAFF)
def my_leave_take() -> AnyResponse:
    """Note one's own leave, of at most 14 days."""
    return _take(current_account().id, url_for("staff_desk.my_leave"))


@desk.post("/my-leave/end")
@access(Caller.STAFF)
def my_leave_end() -> AnyResponse:
    """One is back."""
    return _end(current_account().id, url_for("staff_desk.my_leave"))


def _found(account_id: uuid.UUID) -> AccountDetail:
    found = account_detail(account_id, current_nodes(Permission.ARRANGE_LEAVE))
    if found is None or not found.account.active:
        abort(404)
    return found


def _render(found: AccountDetail, others: object, most_days: int) -> str:
    return render_template(
        "console/staff/leave.html",
        found=found,
        colleagues=others,
        most_days=most_days,
        oneself=found.account.id == current_account().id,
        day=today(),
    )


def _take(account_id: uuid.UUID, back: str) -> AnyResponse:
    try:
        first, last = needed(day_in("first"), "first"), needed(day_in("last"), "last")
        stand_in_id = id_in(request.form, "stand_in")
        given = take_leave(account_id, first, last, by=current_account(), stand_in_id=stand_in_id)
        say(texts.LEAVE_TAKEN_WITH_STAND_IN if given else texts.LEAVE_TAKEN)
    except AppError as refusal:
        say_why(refusal)
    return redirect(back, 303)


def _end(account_id: uuid.UUID, back: str) -> AnyResponse:
    try:
        end_leave(account_id, by=current_account())
        say(texts.LEAVE_ENDED)
    except AppError as refusal:
        say_why(refusal)
    return redirect(back, 303)
