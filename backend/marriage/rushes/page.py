"""`/h5/marriage/rushes/<id>`: the proof of a rush for everybody: capacity, numbers, who was served when. No names."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, abort, render_template, request

from backend.h5.pages import CONTENT_SECURITY_POLICY
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.rush.queries import proof_page, rush_view

PLACED_SHOWN = 500

rush_h5 = Blueprint("marriage_rush", __name__, url_prefix="/h5/marriage", template_folder="../templates")


@rush_h5.get("/rushes/<uuid:rush_id>")
@access(Caller.ANYONE)
def page(rush_id: uuid.UUID) -> str:
    """One rush: what is promised before, and afterwards what was kept; numbers with a place, 500 to a page."""
    try:
        view = rush_view(rush_id)
    except AppError:
        abort(404)
    after = request.args.get("after", "")
    first = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    rows = proof_page(rush_id, first, PLACED_SHOWN, placed=True)
    return render_template("marriage/h5_rush.html", view=view, rows=rows, more=len(rows) == PLACED_SHOWN)


@rush_h5.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "public, max-age=2"
    return response
