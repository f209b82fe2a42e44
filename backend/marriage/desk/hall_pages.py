"""The hall's page (叫号台): one screen on which a window is opened, tickets are issued and called, couples check in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, is_htmx, say
from backend.kernel.access import Caller, access
from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.check_in import check_in_couple
from backend.marriage.close import complete_ticket
from backend.marriage.desk.arrivals import arriving
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.halls import HallOffice, chosen_office, hall_offices, hall_view
from backend.marriage.desk.queries import AppointmentRow
from backend.marriage.desk.trail import audit_list, record_step, task_of
from backend.marriage.kinds import Area, Kind
from backend.marriage.tickets import texts
from backend.marriage.tickets.call import begin_serving, call_next, call_this, note_left, queue_again
from backend.marriage.tickets.hall import AreaLine, hall_now
from backend.marriage.tickets.issue import issue_ticket
from backend.marriage.tickets.models import Ticket
from backend.marriage.tickets.rules import AT_WINDOWS, Lane, TicketState, ticket_label
from backend.marriage.tickets.windows import close_window, open_window
from backend.staff import Permission
from backend.storage import transaction

Choice = TypeVar("Choice", bound=StrEnum)

_STEPS: Mapping[str, Callable[[uuid.UUID, frozenset[uuid.UUID], uuid.UUID], Ticket]] = {
    "call": call_this,
    "begin": begin_serving,
    "left": note_left,
    "again": queue_again,
    "done": lambda ticket_id, offices, account_id: complete_ticket(ticket_id, offices, Actor("staff", account_id)),
}


@desk.app_context_processor
def _hall_names() -> dict[str, object]:
    if not request.path.startswith("/console/marriage"):
        return {}
    return {
        "AREA_NAMES": texts.AREA_NAMES,
        "KIND_NAMES": texts.KIND_NAMES,
        "TICKET_STATE_NAMES": texts.TICKET_STATE_NAMES,
        "LANE_NAMES": texts.LANE_NAMES,
    }


@desk.get("/hall")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def hall() -> str:
    """The hall of a registry; for htmx only the hall itself."""
    return render_hall(_seen_office())


@desk.get("/hall/queue")
@access(Caller.STAFF, Permission.READ_APPOINTMENTS)
def hall_queue() -> str:
    """Who waits and who is at which window: numbers without names, drawn anew every quarter of a minute."""
    nodes, office = current_nodes(Permission.READ_APPOINTMENTS), _seen_office()
    return render_template("marriage/hall_queue.html", view=hall_view(nodes, office, current_account().id))


def render_hall(office: HallOffice, focus: str = "scan", choices: tuple[AppointmentRow, ...] = ()) -> str:
    """The hall with an audit row of the couples shown. `focus` names where the keyboard goes on."""
    nodes = current_nodes(Permission.READ_APPOINTMENTS)
    with transaction():
        view = hall_view(nodes, office, current_account().id)
        audit_list("marriage.hall_viewed", [*view.expected, *choices, *([view.couple] if view.couple else [])])
    template = "marriage/hall_part.html" if is_htmx() else "marriage/hall.html"
    return render_template(template, view=view, focus=focus, choices=choices, areas=list(Area), at_windows=AT_WINDOWS)


@desk.post("/hall/window")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def hall_window() -> AnyResponse:
    """Sit down at a window, or, without a number, get up."""
    office = _own_office()

    def act() -> str:
        given = request.form.get("window", "").strip()
        if not given:
            close_window(current_account().id)
            say(texts.WINDOW_CLOSED)
            return "window"
        area = _member(Area, request.form.get("area"))
        post = open_window(office.id, int(given) if given.isdecimal() else 0, area, current_account().id)
        say(texts.WINDOW_OPENED.format(window=post.window_number, area=texts.AREA_NAMES[area]))
        return "next"

    return _act(office, act)


@desk.post("/hall/next")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def hall_next() -> AnyResponse:
    """Call the next."""
    return _act(_own_office(), _call_next)


@desk.post("/hall/tickets")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def hall_issue() -> AnyResponse:
    """A ticket for whoever came without a booking."""
    office = _own_office()

    def act() -> str:
        kind, lane = _member(Kind, request.form.get("kind")), _member(Lane, request.form.get("lane", "ordinary"))
        ticket = issue_ticket(office.id, kind, lane, Actor("staff", current_account().id))
        say(_told(texts.ISSUED, office, ticket))
        return "scan"

    return _act(office, act)


@desk.post("/hall/arrivals")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def hall_arrive() -> AnyResponse:
    """Check in whoever fits what was scanned or typed; nothing typed calls the next, as Enter does."""
    office, text = _own_office(), request.form.get("text", "")
    if not text.strip():
        return _act(office, _call_next)
    try:
        found = arriving(current_nodes(Permission.DECIDE_APPOINTMENTS), office.name, text)
    except AppError as refusal:
        say(refusal.user_text, "problem")
        return _answer(office, "scan", refusal.status)
    if len(found) > 1:
        return _answer(office, "choice", 200, tuple(found))
    return _act(office, lambda: _check_in(office, found[0]))


@desk.post("/hall/tickets/<uuid:ticket_id>/<any(call, begin, left, again, done):action>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def hall_step(ticket_id: uuid.UUID, action: str) -> AnyResponse:
    """Take a step with a ticket of one's own registries."""
    office = _own_office()
    mine = frozenset(one.id for one in hall_offices(current_nodes(Permission.DECIDE_APPOINTMENTS)))

    def act() -> str:
        try:
            ticket = _STEPS[action](ticket_id, mine, current_account().id)
        except AppError as refusal:
            if refusal.code == "not_found" and not is_htmx():
                abort(404)
            raise
        _record(ticket, action)
        label = ticket_label(ticket.area, ticket.number)
        say(texts.TICKET_STEPS_DONE[ticket.state].format(label=label, window=ticket.window_number))
        return _after(ticket)

    return _act(office, act)


def _call_next() -> str:
    ticket = call_next(current_account().id)
    _record(ticket, "call")
    label = ticket_label(ticket.area, ticket.number)
    say(texts.CALLED.format(label=label, window=ticket.window_number))
    return "begin"


def _check_in(office: HallOffice, row: AppointmentRow) -> str:
    account = current_account()
    ticket = check_in_couple(row.id, Actor("staff", account.id))
    record_step("check-in", row.id, task_of(row))
    if ticket is not None:
        told = texts.CHECKED_IN if ticket.booked_for else texts.CHECKED_IN_LATE
        say(_told(told, office, ticket, number=row.number))
    return "scan"


def _after(ticket: Ticket) -> str:
    """Where the keyboard goes on after a step: to the papers of a couple, else to the next."""
    if ticket.state is TicketState.SERVING:
        return "papers" if ticket.appointment_id else "done"
    return "begin" if ticket.state is TicketState.CALLED else "next"


def _told(sentence: str, office: HallOffice, ticket: Ticket, **more: str) -> str:
    line = hall_now(office.id).area(ticket.area)
    ahead, minutes = _place_of(line, ticket)
    wait = texts.WAIT.format(minutes=minutes) if minutes else texts.NO_WAIT
    return sentence.format(label=ticket_label(ticket.area, ticket.number), ahead=ahead, wait=wait, **more)


def _place_of(line: AreaLine, ticket: Ticket) -> tuple[int, int]:
    ids = [one.id for one in line.waiting]
    ahead = ids.index(ticket.id) if ticket.id in ids else 0
    return ahead, (line.waiting[ahead].wait or 0) if line.waiting else 0


def _record(ticket: Ticket, action: str) -> None:
    """Steps with a booked couple are in the trail; a walk-in's ticket names nobody, and has its own event rows."""
    if ticket.appointment_id is not None:
        record_step(action, ticket.appointment_id)


def _act(office: HallOffice, act: Callable[[], str]) -> AnyResponse:
    """Act, tell it, and show the hall as it is then; a refusal is told just as kindly, with the fresh state."""
    try:
        with transaction():
            focus = act()
    except AppError as refusal:
        say(refusal.user_text, "problem")
        return _answer(office, "next" if refusal.code == "state_conflict" else "scan", refusal.status)
    return _answer(office, focus, 200)


def _answer(office: HallOffice, focus: str, status: int, choices: tuple[AppointmentRow, ...] = ()) -> AnyResponse:
    if is_htmx() or choices:
        return make_response(render_hall(office, focus, choices), status)
    return redirect(url_for("marriage_desk.hall", office=office.code), 303)


def _member(kind: type[Choice], value: str | None) -> Choice:
    try:
        return kind(value or "")
    except ValueError:
        raise AppError("invalid", texts.CHOICE_UNKNOWN, 422) from None


def _seen_office() -> HallOffice:
    return _office(Permission.READ_APPOINTMENTS)


def _own_office() -> HallOffice:
    return _office(Permission.DECIDE_APPOINTMENTS)


def _office(permission: Permission) -> HallOffice:
    try:
        return chosen_office(current_nodes(permission), request.args.get("office"))
    except AppError:
        abort(404)
