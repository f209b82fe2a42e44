"""Accounts: the list with its filter, the search, a new one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

import sqlalchemy as sa
from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes
from backend.console.staff_pages.blueprint import choice_in, desk, id_in, needed
from backend.console.texts import BAD_CURSOR
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, create_account
from backend.staff.directory import AccountFilter, AccountState, accounts, tree
from backend.staff.models import OrganisationNode
from backend.staff.passwords import set_one_time_password
from backend.storage import transaction

PAGE_SIZE = 30
MOST_WORDS = 40


@desk.get("/accounts")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def people() -> str:
    """A page of accounts as the filter asks."""
    chosen = AccountFilter(
        node_id=id_in(request.args, "node"),
        role=choice_in(request.args, "role", Role),
        state=choice_in(request.args, "state", AccountState),
    )
    return _render(chosen, read_username(request.args.get("cursor")))


@desk.post("/accounts/search")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def people_search() -> AnyResponse | str:
    """Accounts by part of a name; by POST, so that names stay out of addresses. One hit opens at once."""
    words = request.form.get("q", "").strip()[:MOST_WORDS]
    nodes = current_nodes(Permission.MANAGE_STAFF)
    found = accounts(nodes, AccountFilter(words=words), None, PAGE_SIZE)
    if words and len(found.rows) == 1:
        return redirect(url_for("staff_desk.member", account_id=found.rows[0].account.id), 303)
    return _render(AccountFilter(words=words), None)


@desk.get("/accounts/new")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def new_member() -> str:
    """The form for a new account."""
    return _render_form({}, {})


@desk.post("/accounts")
@access(Caller.STAFF, Permission.MANAGE_STAFF)
def add_member() -> AnyResponse:
    """Make an account; the page that follows shows its one-time password, once."""
    form = request.form
    try:
        role = needed(choice_in(form, "role", Role), "role")
        node_id = needed(id_in(form, "node"), "node")
        by = current_account()
        with transaction() as session:
            code = session.scalar(sa.select(OrganisationNode.code).where(OrganisationNode.id == node_id)) or ""
            # Nobody learns the first password; the one-time password takes its place at once.
            unknown = secrets.token_urlsafe(32)
            account = create_account(form.get("username", ""), form.get("name", ""), unknown, role, code, by=by)
            password = set_one_time_password(account.id, by.id)
    except AppError as refusal:
        return make_response(_render_form(form, refusal.errors, refusal.user_text), refusal.status)
    return make_response(render_template("console/staff/one_time.html", of=account, password=password, new=True), 201)


def read_username(cursor: str | None) -> str | None:
    """The cursor of a list by username; raises `AppError` invalid for anything that is none."""
    if cursor and not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", cursor):
        raise AppError("invalid", BAD_CURSOR, 422)
    return cursor or None


def _render(chosen: AccountFilter, after: str | None) -> str:
    nodes = current_nodes(Permission.MANAGE_STAFF)
    page = accounts(nodes, chosen, after, PAGE_SIZE)
    arguments = {
        name: str(value)
        for name, value in (("node", chosen.node_id), ("role", chosen.role), ("state", chosen.state))
        if value is not None
    }
    return render_template(
        "console/staff/people.html",
        page=page,
        chosen=chosen,
        places=tree(nodes),
        roles=list(Role),
        states=list(AccountState),
        arguments=arguments,
        later_page=after is not None,
    )


def _render_form(form: Mapping[str, str], errors: Mapping[str, list[str]], problem: str | None = None) -> str:
    places = tree(current_nodes(Permission.MANAGE_STAFF))
    return render_template(
        "console/staff/new.html", form=form, errors=errors, problem=problem, places=places, roles=list(Role)
    )
