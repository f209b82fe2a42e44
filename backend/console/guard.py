"""Who is at the desk: the session cookie, the account behind it, what it may open and see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, g, get_flashed_messages, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.entry_pages.owed import page_owed
from backend.console.rooms import Nodes
from backend.console.texts import SIGN_IN_AGAIN
from backend.kernel.access import Access
from backend.staff import Grants, StaffAccount, grants_of
from backend.staff.entry.parameters import session_lifetime
from backend.staff.models import StaffSession
from backend.staff.sessions import session_by_token

COOKIE = "console_session"
COOKIE_PATH = "/console"
# Sent by what a page fetches on its own, every minute or so: it is no sign that somebody sits there.
BACKGROUND_HEADER = "X-Background"


def enforce(declared: Access) -> AnyResponse | None:
    """Admit the caller of a staff view, or answer in its place; the application calls it before the view.

    Not signed in: to the sign-in page and back afterwards. With a password to be changed or a second factor to be set
    up: there, and nowhere else. Without the permission: 403.
    """
    session = current_session()
    if session is None:
        return to_sign_in()
    required = current_app.extensions["settings"].second_factor_required
    owed = page_owed(session, request.endpoint, second_factor_required=required)
    if owed is not None:
        return _to_page_owed(owed)
    if declared.permission is not None and not current_grants().hold(declared.permission):
        abort(403)
    return None


def signed_in() -> StaffAccount | None:
    """The account of this request, read once; None for a stranger."""
    if "console_account" not in g:
        session = current_session()
        g.console_account = None if session is None else session.account
    found: StaffAccount | None = g.console_account
    return found


def current_session() -> StaffSession | None:
    """The console session of this request, read once; None for a stranger."""
    if "console_session" not in g:
        token = request.cookies.get(COOKIE)
        in_use = BACKGROUND_HEADER not in request.headers
        g.console_session = session_by_token(token, in_use=in_use) if token else None
    found: StaffSession | None = g.console_session
    return found


def current_account() -> StaffAccount:
    """The account of this request in a view that `enforce` has let through."""
    account = signed_in()
    if account is None:
        abort(403)
    return account


def current_grants() -> Grants:
    """What the person at the desk holds, read once per request; nothing for a stranger."""
    if "console_grants" not in g:
        account = signed_in()
        g.console_grants = Grants() if account is None else grants_of(account)
    grants: Grants = g.console_grants
    return grants


def current_nodes(permission: str) -> Nodes:
    """The places over which the person at the desk has the permission."""
    return current_grants().nodes(permission)


def may_here(permission: str) -> bool:
    """Whether the person at the desk holds a permission; for navigation and buttons."""
    return current_grants().hold(permission)


def standing_in_for() -> Sequence[str]:
    """The names of absent colleagues for whom the person at the desk acts, for the bar of every page."""
    return sorted(current_grants().standing_in_for().values())


def remember(response: AnyResponse, token: str, *, secure: bool) -> None:
    """Put the session token into the browser, out of reach of scripts and other sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=session_lifetime(),
        path=COOKIE_PATH,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def forget(response: AnyResponse, *, secure: bool) -> None:
    """Take the session token out of the browser."""
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=secure, httponly=True, samesite="Lax")


def safe_next(target: str | None) -> str:
    """Where to go after signing in: a path of the console, never another site's address."""
    home = url_for("console.worklist")
    if not target or not re.fullmatch(r"/console/[\w\-./?=&%~]*", target, re.ASCII) or ".." in target or "//" in target:
        return home
    return target


def say(sentence: str, kind: str = "done") -> None:
    """Tell something on the page that is being answered: for htmx in its notices, else after the redirect.

    `kind` is done or problem.
    """
    if is_htmx():
        g.setdefault("console_notices", []).append((kind, sentence))
    else:
        flash(sentence, kind)


def pending_notices() -> list[tuple[str, str]]:
    """What is to be told on the page now answered, as (kind, sentence)."""
    return [*get_flashed_messages(with_categories=True), *g.get("console_notices", [])]


def is_htmx() -> bool:
    """Whether htmx asks for a piece of a page; a restored history entry asks for the whole one."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def _to_page_owed(endpoint: str) -> AnyResponse:
    if request.headers.get("HX-Request") == "true":
        return Response(status=401, headers={"HX-Redirect": url_for(endpoint)})
    return redirect(url_for(endpoint))


def to_sign_in() -> AnyResponse:
    """To the sign-in page, and back here afterwards."""
    if request.cookies.get(COOKIE):
        flash(SIGN_IN_AGAIN, "problem")
    if request.headers.get("HX-Request") == "true":
        # A redirect would be followed by htmx and the sign-in page put into a corner of the old one.
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        target = page.path + (f"?{page.query}" if page.query else "")
        return Response(status=401, headers={"HX-Redirect": url_for("console.sign_in_page", next=safe_next(target))})
    target = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("console.sign_in_page", next=safe_next(target)))
