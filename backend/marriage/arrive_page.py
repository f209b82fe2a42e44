"""`/h5/marriage/arrive/<code>/<door>`: what the code on a hall screen opens. One tap, and the couple is checked in.

Looking at the page changes nothing, so that a link preview or a second load never checks anybody in.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, url_for

from backend.h5.pages import CONTENT_SECURITY_POLICY
from backend.h5.sessions import form_token, is_own_form, web_resident
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.arrive import arrive
from backend.marriage.arrive_words import told
from backend.marriage.door_code import is_fresh
from backend.marriage.offices import OfficeView, offices
from backend.marriage.texts import ARRIVE_FORM_OLD, DOOR_CODE_OLD
from backend.rate_limits import limiter

blueprint = Blueprint("marriage_arrive", __name__, url_prefix="/h5/marriage", template_folder="templates")


@blueprint.get("/arrive/<code>/<door>")
@limiter.limit("60 per minute")
@access(Caller.RESIDENT_WEB)
def arrive_page(code: str, door: str) -> Response:
    """Who is asked to tap; whoever comes with an old code is told to scan the screen again."""
    place = _place(code)
    if not is_fresh(code, door, now()):
        return _page(place, said=DOOR_CODE_OLD, status=410)
    return _page(place, address=url_for("marriage_arrive.arrive_now", code=code, door=door))


@blueprint.post("/arrive/<code>/<door>")
@limiter.limit("60 per minute")
@access(Caller.RESIDENT_WEB)
def arrive_now(code: str, door: str) -> Response:
    """Check in. Tapping twice is the same as once."""
    place = _place(code)
    if not is_fresh(code, door, now()):
        return _page(place, said=DOOR_CODE_OLD, status=410)
    if not is_own_form():
        return _page(place, said=ARRIVE_FORM_OLD, status=403)
    try:
        said = told(arrive(web_resident().person_id, code))
    except AppError as refusal:
        return _page(place, said=refusal.user_text, status=refusal.status)
    return _page(place, said=said)


def _place(code: str) -> OfficeView:
    found = next((place for place in offices() if place.code == code), None)
    if found is None:
        abort(404)
    return found


def _page(place: OfficeView, said: str = "", address: str = "", status: int = 200) -> Response:
    page = render_template(
        "marriage/h5_arrive.html", place=place, said=said, address=address, form_token=form_token() if address else ""
    )
    return make_response(page, status)


@blueprint.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
