"""Pages with a QR code to scan: signing in, and binding a WeChat to one's account."""

from __future__ import annotations

from flask import (
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from backend.console.entry_pages import texts
from backend.console.entry_pages.blueprint import (
    SCAN_COOKIE,
    entry,
    origin_here,
    proof_wanted,
    qr_picture,
    remember_scan,
    secure_cookies,
    session_here,
)
from backend.console.guard import current_account, is_htmx, remember, safe_next, signed_in
from backend.kernel.access import Caller, access
from backend.rate_limits import limiter
from backend.staff.entry.binding import bound_since, unbind
from backend.staff.entry.models import ScanPurpose, ScanState
from backend.staff.entry.scan import LIFETIME, ShownTicket, new_scene, open_ticket, shown_ticket, take_sign_in
from backend.staff.models import StaffSession
from backend.wechat.client import WeChatClient
from backend.wechat.errors import WeChatError

_EXPIRED = "expired"
_WECHAT_PAGE = "entry.wechat_page"


# --- signing in ---


@entry.post("/sign-in/scan")
@limiter.limit("20 per minute")  # each asks WeChat for a code, of which there are 100 000 a day (wechat-protocol §6)
@access(Caller.ANYONE)
def scan_begin() -> AnyResponse:
    """Get a QR code for this browser."""
    target = safe_next(request.form.get("next"))
    token = _token_of_new_code(None)
    if token is None:
        flash(texts.WECHAT_AWAY, "problem")
        return redirect(url_for("console.sign_in_page", next=target), 303)
    response = redirect(url_for("entry.scan_page", next=target), 303)
    remember_scan(response, token, LIFETIME)
    return response


@entry.get("/sign-in/scan")
@access(Caller.ANYONE)
def scan_page() -> AnyResponse | str:
    """The QR code, the number, and what comes of it."""
    target = safe_next(request.args.get("next"))
    if signed_in() is not None:
        return redirect(target)
    ticket = _ticket(ScanPurpose.SIGN_IN)
    return render_template(
        "console/sign_in_scan.html", state=_state(ticket), ticket=ticket, next=target, **_sign_in_addresses(target)
    )


@entry.post("/sign-in/scan/check")
@limiter.limit("600 per minute")  # a whole building may share an address
@access(Caller.ANYONE)
def scan_check() -> AnyResponse:
    """Look whether the code was scanned and confirmed; if so, sign in."""
    target = safe_next(request.form.get("next"))
    if signed_in() is not None:
        return _go(target)
    opened = take_sign_in(request.cookies.get(SCAN_COOKIE, ""), origin_here())
    if opened is not None:
        session.clear()
        response = _go(target)
        remember(response, opened.token, secure=secure_cookies())
        response.delete_cookie(SCAN_COOKIE, path="/console", secure=secure_cookies(), httponly=True, samesite="Lax")
        return response
    ticket = _ticket(ScanPurpose.SIGN_IN)
    return _answer(ticket, url_for("entry.scan_page", next=target), next=target, **_sign_in_addresses(target))


@entry.get("/scan.svg")
@access(Caller.ANYONE)
def scan_picture() -> Response:
    """The QR code of this browser's page; 404 for any other browser."""
    ticket = shown_ticket(request.cookies.get(SCAN_COOKIE, ""))
    if ticket is None:
        abort(404)
    return qr_picture(ticket.address)


# --- binding ---


@entry.get("/account/wechat")
@access(Caller.STAFF)
def wechat_page() -> AnyResponse | str:
    """The bound WeChat, or the QR code that binds one."""
    wanted = proof_wanted(_WECHAT_PAGE)
    if wanted is not None:
        return wanted
    ticket = _ticket(ScanPurpose.BIND)
    return render_template(
        "console/entry/wechat.html",
        bound_at=bound_since(current_account().id),
        state=_state(ticket),
        ticket=ticket,
        **_binding_addresses(),
    )


@entry.post("/account/wechat/begin")
@limiter.limit("20 per minute")
@access(Caller.STAFF)
def wechat_begin() -> AnyResponse:
    """Get a QR code that binds the WeChat which scans it."""
    wanted = proof_wanted(_WECHAT_PAGE)
    if wanted is not None:
        return wanted
    response = redirect(url_for(_WECHAT_PAGE), 303)
    token = _token_of_new_code(session_here())
    if token is None:
        flash(texts.WECHAT_AWAY_FOR_BINDING, "problem")
    else:
        remember_scan(response, token, LIFETIME)
    return response


@entry.post("/account/wechat/check")
@access(Caller.STAFF)
def wechat_check() -> AnyResponse:
    """Look whether the WeChat has been bound."""
    ticket = _ticket(ScanPurpose.BIND)
    if ticket is not None and ticket.state is ScanState.USED and bound_since(current_account().id):
        flash(texts.WECHAT_BOUND, "done")
        return _go(url_for("entry.account_page"))
    return _answer(ticket, url_for(_WECHAT_PAGE), **_binding_addresses())


@entry.post("/account/wechat/unbind")
@access(Caller.STAFF)
def wechat_unbind() -> AnyResponse:
    """Take the WeChat away from the account."""
    wanted = proof_wanted(_WECHAT_PAGE)
    if wanted is not None:
        return wanted
    account_id = current_account().id
    if unbind(account_id, account_id):
        flash(texts.WECHAT_UNBOUND, "done")
    return redirect(url_for("entry.account_page"), 303)


# --- both ---


def _token_of_new_code(binding_session: StaffSession | None) -> str | None:
    """The browser's secret for a new QR code; None when WeChat is away. WeChat is asked outside any transaction."""
    client: WeChatClient = current_app.extensions["wechat_account"]
    scene = new_scene()
    try:
        code = client.create_qr_code(scene, int(LIFETIME.total_seconds()))
    except WeChatError:
        return None
    return open_ticket(scene, code.url, origin_here(), binding_session)


def _ticket(purpose: ScanPurpose) -> ShownTicket | None:
    """This browser's ticket of a kind; a binding's only in the session that began it."""
    token = request.cookies.get(SCAN_COOKIE)
    ticket = shown_ticket(token) if token else None
    if ticket is None or ticket.purpose is not purpose:
        return None
    if purpose is ScanPurpose.BIND and ticket.session_id != session_here().id:
        return None
    return ticket


def _state(ticket: ShownTicket | None) -> str:
    """What the page shows: waiting, scanned, refused or expired."""
    if ticket is None or ticket.state in (ScanState.CONFIRMED, ScanState.USED):
        return _EXPIRED
    return ticket.state.value


def _answer(ticket: ShownTicket | None, page: str, **addresses: str) -> AnyResponse:
    """The part of the page anew, nothing at all where nothing changed, or the whole page without htmx."""
    if not is_htmx():
        return redirect(page, 303)
    state = _state(ticket)
    if state == request.form.get("seen"):
        return Response(status=204)
    return make_response(render_template("console/entry/scan_part.html", state=state, ticket=ticket, **addresses))


def _go(target: str) -> AnyResponse:
    """To another page, also from within htmx."""
    return Response(status=200, headers={"HX-Redirect": target}) if is_htmx() else redirect(target, 303)


def _sign_in_addresses(target: str) -> dict[str, str]:
    return {
        "begin": url_for("entry.scan_begin"),
        "check": url_for("entry.scan_check"),
        "target": target,
    }


def _binding_addresses() -> dict[str, str]:
    return {
        "begin": url_for("entry.wechat_begin"),
        "check": url_for("entry.wechat_check"),
        "target": url_for("entry.account_page"),
    }
