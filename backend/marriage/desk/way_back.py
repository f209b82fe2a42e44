"""Where a step was taken: the board with its filter, one appointment, the hall; and the way back there."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_nodes, is_htmx
from backend.console.audit_pages.reasons import require_reason
from backend.marriage.desk.detail import watch_indexes
from backend.marriage.desk.filters import read_board, with_cursor
from backend.marriage.desk.hall_pages import render_hall
from backend.marriage.desk.halls import chosen_office
from backend.marriage.desk.pages import render_board, render_detail
from backend.marriage.desk.queries import AppointmentRow, appointment_row
from backend.marriage.notices import SUBJECT_KIND
from backend.staff import Permission


def own_row(appointment_id: uuid.UUID) -> AppointmentRow:
    """An appointment that one may decide about; 404 for any other."""
    row = appointment_row(current_nodes(Permission.DECIDE_APPOINTMENTS), appointment_id)
    if row is None:
        abort(404)
    href = url_for("marriage_desk.detail", appointment_id=appointment_id)
    require_reason(SUBJECT_KIND, appointment_id, watch_indexes(appointment_id), href)
    return row


def asked_again(form: str, status: int) -> AnyResponse:
    """The form of a dialog once more, with what is wrong in it."""
    response = make_response(form, status)
    response.headers["HX-Retarget"] = "#dialog-body"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def view_here() -> dict[str, Any]:
    """Where the step was taken, as the query string that its address carries."""
    view = request.args.get("view")
    if view == "detail":
        return {"view": view}
    if view == "hall":
        return {"view": view, "office": request.args.get("office", "")}
    return with_cursor(read_board(request.args), request.args.get("cursor"))


def target_here() -> str:
    """The part of the page that a step draws anew."""
    view = view_here()
    return f"#{view['view']}" if "view" in view else "#board"


def place_of(appointment_id: uuid.UUID) -> str:
    """The page to which a step leads back."""
    view = view_here()
    if view.get("view") == "detail":
        return url_for("marriage_desk.detail", appointment_id=appointment_id)
    if view.get("view") == "hall":
        return url_for("marriage_desk.hall", office=view["office"])
    return url_for("marriage_desk.board", **view)


def back(appointment_id: uuid.UUID, status: int) -> AnyResponse:
    """Lead back, or for htmx draw what the step has changed."""
    if not is_htmx():
        return redirect(place_of(appointment_id), 303)
    view = view_here()
    if view.get("view") == "detail":
        return make_response(render_detail(appointment_id), status)
    if view.get("view") == "hall":
        office = chosen_office(current_nodes(Permission.DECIDE_APPOINTMENTS), view["office"])
        return make_response(render_hall(office, "next"), status)
    return make_response(render_board(read_board(request.args), request.args.get("cursor")), status)
