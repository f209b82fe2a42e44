"""Who is at the desk: the session cookie, the account behind it, what it may open and see."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response, abort, flash, g, get_flashed_messages, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.rooms import Nodes
from backend.console.texts import SIGN_IN_AGAIN
from backend.kernel.access import Access
from backend.staff import StaffAccount, holds, staff_by_token, visible_nodes
from backend.staff.sessions import LIFETIME

COOKIE = "console_session"
COOKIE_PATH = "/console"


def enforce(declared: Access) -> AnyResponse | None:
    """Admit the caller of a staff view, or answer in its place; the application calls it before the view.

    Not signed in: to the sign-in page and back afterwards. Without the permission: 403.
    """
    account = signed_in()
    if account is None:
        return to_sign_in()
    if declared.permission is not None and not holds(account, declared.permission):
        abort(403)
    return None


def signed_in() -> StaffAccount | None:
    """The account of this request, read once; None for a stranger."""
    if "console_account" not in g:
        token = request.cookies.get(COOKIE)
        g.console_account = staff_by_token(token) if token else None
    found: StaffAccount | None = g.console_account
    return found


def current_account() -> StaffAccount:
    """The account of this request in a view that `enforce` has let through."""
    account = signed_in()
    if account is None:
        abort(403)
    return account


def current_nodes() -> Nodes:
    """The places whose records the account may see, read once per request."""
    if "console_nodes" not in g:
        g.console_nodes = visible_nodes(current_account())
    nodes: Nodes = g.console_nodes
    return nodes


def may_here(permission: str) -> bool:
    """Whether the person at the desk holds a permission; for navigation and buttons."""
    account = signed_in()
    return account is not None and holds(account, permission)


def remember(response: AnyResponse, token: str, *, secure: bool) -> None:
    """Put the session token into the browser, out of reach of scripts and other sites."""
    response.set_cookie(COOKIE, token, max_age=LIFETIME, path=COOKIE_PATH, secure=secure, httponly=True, samesite="Lax")


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
