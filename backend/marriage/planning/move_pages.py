"""Bulk moves at the desk: the list, one with its figures and lines, starting it, and the telephone."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, is_htmx, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import hit_by
from backend.marriage.capacity.answer import accept_for, choose_for, give_up_for, note_call
from backend.marriage.capacity.change import opened_by
from backend.marriage.capacity.move_queries import LineRow, MoveRow, callees, line, lines, move_rows, note_of
from backend.marriage.capacity.place import place_waiting, times_for
from backend.marriage.capacity.rules import OPEN_STATES, CallResult
from backend.marriage.capacity.start import start_move
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.planning.blueprint import capacity
from backend.staff import Permission, record
from backend.staff.audit import record_look, watch_index
from backend.storage import transaction

SHOWN = 100
# So many get their time while the officer waits; the tick does the rest at once after.
AT_ONCE = 30
DETAIL_FIELDS = ("name", "phone")


@capacity.get("/moves")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def moves() -> str:
    """The newest moves of one's registries."""
    return render_template("marriage/capacity/moves.html", rows=move_rows(_nodes(), SHOWN))


@capacity.get("/moves/<uuid:move_id>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def move(move_id: uuid.UUID) -> str:
    """One move: whom it hits before it is started, how far it has come afterwards."""
    return _render(_found(move_id))


@capacity.post("/moves/<uuid:move_id>/start")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def move_start(move_id: uuid.UUID) -> AnyResponse:
    """Give everybody the nearest time and tell them."""
    found = _found(move_id)
    try:
        with transaction():
            count = start_move(found.office, move_id, current_account().id)
            record("marriage.move_started", "marriage_bulk_move", move_id, appointments=count)
        place_waiting(move_id, AT_ONCE)
        say(texts.STARTED.format(count=count))
    except AppError as refusal:
        say(refusal.user_text, "problem")
    return redirect(url_for("marriage_capacity.move", move_id=move_id), 303)


@capacity.get("/moves/<uuid:move_id>/lines/<uuid:line_id>")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def move_line(move_id: uuid.UUID, line_id: uuid.UUID) -> str:
    """One appointment: whom to telephone, and what they answer."""
    return _render_line(*_found_line(move_id, line_id))


@capacity.post("/moves/<uuid:move_id>/lines/<uuid:line_id>/call")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def move_call(move_id: uuid.UUID, line_id: uuid.UUID) -> AnyResponse:
    """Note a call."""
    result = request.form.get("result", "")

    def act() -> None:
        if result not in set(CallResult):
            raise AppError("invalid", texts.CALL_MISSING, 422, errors={"result": [texts.CALL_MISSING]})
        note_call(line_id, CallResult(result), request.form.get("note", ""), current_account().id)

    return _do(move_id, line_id, act, "marriage.move_called", texts.CALL_NOTED)


@capacity.post("/moves/<uuid:move_id>/lines/<uuid:line_id>/answer")
@access(Caller.STAFF, Permission.DECIDE_APPOINTMENTS)
def move_answer(move_id: uuid.UUID, line_id: uuid.UUID) -> AnyResponse:
    """Note what they answered on the telephone."""
    answer, account_id = request.form.get("answer", ""), current_account().id

    def act() -> None:
        if answer == "accept":
            accept_for(line_id, account_id)
        elif answer == "give_up":
            give_up_for(line_id, account_id)
        elif answer == "choose":
            choose_for(line_id, _slot_id(), account_id)
        else:
            raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"answer": [texts.FALSE_CHOICE]})

    return _do(move_id, line_id, act, "marriage.move_answered", texts.ANSWER_NOTED)


def _do(move_id: uuid.UUID, line_id: uuid.UUID, act: Callable[[], None], action: str, told: str) -> AnyResponse:
    found, row = _found_line(move_id, line_id)
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, row.appointment_id, task=f"marriage_bulk_move:{move_id}")
    except AppError as refusal:
        return make_response(_render_line(found, row, refusal), refusal.status)
    say(told)
    return redirect(url_for("marriage_capacity.move", move_id=move_id), 303)


def _slot_id() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("slot", ""))
    except ValueError:
        raise AppError("invalid", texts.FALSE_CHOICE, 422, errors={"slot": [texts.FALSE_CHOICE]}) from None


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.DECIDE_APPOINTMENTS)


def _found(move_id: uuid.UUID) -> MoveRow:
    rows = move_rows(_nodes(), 1, move_id)
    if not rows:
        abort(404)
    return rows[0]


def _found_line(move_id: uuid.UUID, line_id: uuid.UUID) -> tuple[MoveRow, LineRow]:
    found, row = _found(move_id), line(_nodes(), move_id, line_id)
    if row is None:
        abort(404)
    return found, row


def _render(found: MoveRow) -> str:
    after = request.args.get("after", "")
    rank = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else -1
    hits = []
    if found.started_at is None:
        wish = Wish(Action.RELAY, found.first, found.last)
        hits = hit_by(found.office, opened_by(found.office, wish), wish.days)
    rows = lines(_nodes(), found.id, rank, SHOWN + 1)
    return render_template(
        "marriage/capacity/move_part.html" if is_htmx() else "marriage/capacity/move.html",
        move=found,
        rows=rows[:SHOWN],
        next_after=rank + SHOWN if len(rows) > SHOWN else None,
        hits=hits,
        open_states=OPEN_STATES,
    )


def _render_line(found: MoveRow, row: LineRow, refusal: AppError | None = None) -> str:
    with transaction():
        persons = callees(row.appointment_id)
        indexes = [watch_index(one.number) for one in persons]
        record_look(
            "marriage.move_line_viewed",
            SUBJECT_KIND,
            [row.appointment_id],
            task=f"marriage_bulk_move:{found.id}",
            fields=DETAIL_FIELDS,
            number_indexes=indexes,
        )
        times = times_for(row.id) if row.state in OPEN_STATES else []
    return render_template(
        "marriage/capacity/line.html",
        move=found,
        row=row,
        persons=persons,
        times=times,
        note=note_of(row.id),
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        values=request.form,
        is_open=row.state in OPEN_STATES,
    )
