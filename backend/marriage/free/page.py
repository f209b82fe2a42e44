"""`/h5/marriage/free` and `/h5/marriage/free.json`: where and when couples can still be registered. Names nobody."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.h5.pages import CONTENT_SECURITY_POLICY
from backend.kernel.access import Caller, access
from backend.marriage.free.board import KEPT_SECONDS, FreeDay, free_board

free_h5 = Blueprint("marriage_free", __name__, url_prefix="/h5/marriage", template_folder="../templates")


@free_h5.get("/free")
@access(Caller.ANYONE)
def page() -> AnyResponse:
    """The free places of every registry by day, in large type."""
    return _cached(make_response(render_template("marriage/h5_free.html", board=free_board())))


@free_h5.get("/free.json")
@access(Caller.ANYONE)
def data() -> AnyResponse:
    """The same for programs: `offices` with `days`, places by half day."""
    offices = [
        {"id": str(one.place.id), "name": one.place.name, "days": [_day(day) for day in one.days]}
        for one in free_board()
    ]
    return _cached(jsonify({"kind": "marriage_registration", "offices": offices}))


def _day(day: FreeDay) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        "open": day.open,
        "places": day.places,
        "free": day.free,
        "morning": day.morning,
        "afternoon": day.afternoon,
        "releases_at": day.releases_at.isoformat() if day.releases_at else None,
    }


def _cached(response: Response) -> AnyResponse:
    """Whoever asks again within a second need not, and later hears in one line that nothing has changed."""
    response.set_etag(sha256(response.get_data()).hexdigest()[:24])
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response.make_conditional(request)


@free_h5.after_request
def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
