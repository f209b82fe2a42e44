"""A couple whose papers were not in order is offered a new time, in the same dialog, before they leave the window."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import is_htmx, say
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.errors import AppError
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.queries import AppointmentRow
from backend.marriage.desk.trail import record_step, task_of
from backend.marriage.desk.way_back import asked_again, back, own_row, place_of, target_here, view_here
from backend.marriage.rebook import book_again, times_to_come_again
from backend.marriage.texts import BOOKED_AGAIN, SLOT_CHOICE
from backend.staff import Permission
from backend.storage import transaction


@desk.get("/appointments/<uuid:appointment_id>/again")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def again_form(appointment_id: uuid.UUID) -> str:
    """The free times; a page, or for htmx what goes into the dialog."""
    return _render(own_row(appointment_id))


@desk.post("/appointments/<uuid:appointment_id>/again")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def again(appointment_id: uuid.UUID) -> AnyResponse:
    """Book the couple anew and go back to where they were failed."""
    row = own_row(appointment_id)
    try:
        with transaction():
            booked = book_again(appointment_id, _slot_id())
            record_step("rebook", booked.appointment_id, task_of(row))
    except AppError as refusal:
        return asked_again(_render(row, refusal.user_text), refusal.status)
    say(BOOKED_AGAIN.format(number=booked.number, time=spoken_moment(booked.slot.starts_at)))
    return back(appointment_id, 200)


def offer_again(row: AppointmentRow) -> AnyResponse:
    """Right after the papers failed: the times in the open dialog, or on a page of their own."""
    if is_htmx():
        return asked_again(_render(row), 200)
    return redirect(url_for("marriage_desk.again_form", appointment_id=row.id, **view_here()), 303)


def _slot_id() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("slot", ""))
    except ValueError:
        raise AppError("invalid", SLOT_CHOICE, 422, errors={"slot": [SLOT_CHOICE]}) from None


def _render(row: AppointmentRow, problem: str | None = None) -> str:
    return render_template(
        "marriage/again_part.html" if is_htmx() else "marriage/again.html",
        row=row,
        times=times_to_come_again(row.id),
        problem=problem,
        back=place_of(row.id),
        arguments=view_here(),
        target=target_here(),
    )
