"""`/h5/marriage/hall/<code>`: the screen of a registry's waiting hall. Numbers and windows, no names, no matters."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.qr_code import qr_svg
from backend.marriage.door_code import door_code
from backend.marriage.offers import offices
from backend.marriage.tickets.hall import hall_now
from backend.marriage.tickets.texts import DOOR_CODE_LABEL, PUBLIC_AREA_NAMES

# As large as can be read across a hall; the rest hears its number called.
_CALLED_SHOWN, _WAITING_SHOWN = 8, 10

# As the resident pages have it, and besides the script that draws the screen anew.
_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

blueprint = Blueprint("marriage_hall", __name__, url_prefix="/h5/marriage", template_folder="templates")


@blueprint.get("/hall/<code>")
@access(Caller.ANYONE)
def screen(code: str) -> str:
    """What hangs in the hall; it draws itself anew every ten seconds, and for that asks for what changes alone."""
    office = next((one for one in offices() if one.code == code), None)
    if office is None:
        abort(404)
    hall = hall_now(office.id)
    return render_template(
        "marriage/screen_part.html" if request.headers.get("HX-Request") == "true" else "marriage/screen.html",
        office=office,
        called=hall.called[:_CALLED_SHOWN],
        areas=[line for line in hall.areas if line.waiting or line.open_windows],
        names=PUBLIC_AREA_NAMES,
        most=_WAITING_SHOWN,
        moment=now(),
        door=qr_svg(_door_address(code), DOOR_CODE_LABEL),
    )


def _door_address(code: str) -> str:
    address = url_for("marriage_arrive.arrive_page", code=code, door=door_code(code, now()))
    return str(current_app.extensions["settings"].public_base_url) + address


@blueprint.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
