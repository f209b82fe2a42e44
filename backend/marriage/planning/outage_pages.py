"""Windows that go out for some hours: a look at whom it hits, with times for them, then one button; and back again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, say
from backend.kernel.access import Caller, access
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.models import WindowOutage
from backend.marriage.capacity.outage import end_outage, outages_of, place_chosen, take_windows_out
from backend.marriage.capacity.outage_look import OutageLook, OutageWish, look_at_outage
from backend.marriage.kinds import Area
from backend.marriage.offices import OfficeView
from backend.marriage.planning.blueprint import capacity, own_office
from backend.marriage.planning.outage_form import chosen_couples, read_outage, typed
from backend.marriage.tickets.windows import seat_of
from backend.staff import Permission, record
from backend.storage import session, transaction


@capacity.get("/<uuid:office_id>/outage")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def outage(office_id: uuid.UUID) -> str:
    """The form, filled in for the window one sits at, and what is out already."""
    place = own_office(office_id, Permission.DECIDE_APPOINTMENTS)
    seat = seat_of(current_account().id)
    mine = seat if seat is not None and seat.office_id == place.id else None
    values = {
        "area": mine.area.value if mine else "",
        "windows": str(mine.window_number) if mine else "",
        "day": request.args.get("day", today().isoformat()),
        "from": f"{now():%H:%M}",
    }
    return _render(place, values)


@capacity.post("/<uuid:office_id>/outage/look")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def outage_look(office_id: uuid.UUID) -> AnyResponse:
    """Whom it hits; nothing is changed yet."""
    place = own_office(office_id, Permission.DECIDE_APPOINTMENTS)
    try:
        return make_response(_render(place, request.form, look_at_outage(place, read_outage(request.form, place))))
    except AppError as refusal:
        return make_response(_render(place, request.form, refusal=refusal), refusal.status)


@capacity.post("/<uuid:office_id>/outage")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def outage_begin(office_id: uuid.UUID) -> AnyResponse:
    """Take the windows out and move whoever was ticked; shown again where anything has moved since."""
    place = own_office(office_id, Permission.DECIDE_APPOINTMENTS)
    try:
        wish, chosen = read_outage(request.form, place), chosen_couples(request.form)
        with transaction():
            done = take_windows_out(place, wish, chosen, request.form.get("base", ""), current_account().id)
            _record(place, "outage", wish, purpose=wish.reason, moved=done.moved)
    except AppError as refusal:
        look = look_at_outage(place, read_outage(request.form, place)) if refusal.code == "state_conflict" else None
        return make_response(_render(place, request.form, look, refusal), refusal.status)
    place_chosen(done, chosen)
    told = texts.OUT_DONE_MOVED if done.moved else texts.OUT_DONE
    say(told.format(windows=numbers(wish.windows), until=f"{wish.ends_at:%H:%M}", count=done.moved))
    if done.move_id is None:
        return redirect(url_for("marriage_desk.hall", office=place.code), 303)
    return redirect(url_for("marriage_capacity.move", move_id=done.move_id), 303)


@capacity.post("/<uuid:office_id>/outages/<uuid:outage_id>/end")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def outage_end(office_id: uuid.UUID, outage_id: uuid.UUID) -> AnyResponse:
    """They work again."""
    place = own_office(office_id, Permission.DECIDE_APPOINTMENTS)
    try:
        with transaction():
            end_outage(place, outage_id, current_account().id)
            ended = session().get_one(WindowOutage, outage_id)
            _record(place, "outage_ended", ended)
        say(texts.OUT_ENDED.format(windows=numbers(ended.windows)))
    except AppError as refusal:
        return make_response(_render(place, {}, refusal=refusal), refusal.status)
    return redirect(url_for("marriage_desk.hall", office=place.code), 303)


def numbers(windows: Iterable[int]) -> str:
    """Window numbers in a row."""
    return texts.BETWEEN_WINDOWS.join(str(one) for one in sorted(windows))


def _record(
    place: OfficeView, action: str, of: OutageWish | WindowOutage, purpose: str | None = None, moved: int = 0
) -> None:
    record(
        f"marriage.capacity.{action}",
        "marriage_office",
        place.id,
        purpose=purpose,
        area=of.area.value,
        windows=sorted(of.windows),
        first=of.starts_at.isoformat(),
        last=of.ends_at.isoformat(),
        hits=moved,
    )


def _render(
    place: OfficeView, values: Mapping[str, str], look: OutageLook | None = None, refusal: AppError | None = None
) -> str:
    return render_template(
        "marriage/capacity/outage.html",
        place=place,
        values=values,
        typed=typed(values),
        shown=look,
        problem=refusal.user_text if refusal else None,
        errors=refusal.errors if refusal else {},
        areas=list(Area),
        reasons=texts.OUT_REASONS,
        running=outages_of(place),
        numbers=numbers,
    )
