"""紧急回电: who has to be called at once. One officer takes a call, and closes it with what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.counselling import desk_queries, texts
from backend.marriage.counselling.callbacks import close_callback, note_missed_call, take_callback
from backend.marriage.counselling.desk_blueprint import counselling_desk
from backend.marriage.counselling.models import Callback
from backend.marriage.counselling.rules import BY_A_PERSON, MOST_ATTEMPTS, CallbackState, Outcome
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

SUBJECT_KIND = "counselling_callback"
_OPEN_ROWS, _CLOSED_ROWS = 100, 20


@counselling_desk.get("/callbacks")
@access(Caller.STAFF, Permission.CALL_BACK)
def callbacks() -> str:
    """What is due, and what was closed lately; names are on the page of each call."""
    nodes = _nodes()
    open_, closed = desk_queries.open_callbacks(nodes, _OPEN_ROWS), desk_queries.closed_callbacks(nodes, _CLOSED_ROWS)
    accounts = {row.taken_by for row in (*open_, *closed) if row.taken_by}
    return render_template(
        "counselling/callbacks.html",
        open_rows=open_,
        closed_rows=closed,
        accounts=desk_queries.names_of_accounts(accounts),
        me=current_account().id,
        moment=now(),
    )


@counselling_desk.get("/callbacks/<uuid:callback_id>")
@access(Caller.STAFF, Permission.CALL_BACK)
def callback(callback_id: uuid.UUID) -> str:
    """One call: whom, on which number, why, until when."""
    return _render(callback_id)


@counselling_desk.post("/callbacks/<uuid:callback_id>/take")
@access(Caller.STAFF, Permission.CALL_BACK)
def callback_taken(callback_id: uuid.UUID) -> AnyResponse:
    """Say that one calls."""
    return _do(
        callback_id,
        lambda: take_callback(callback_id, current_account().id),
        "counselling.callback_taken",
        texts.CALLBACK_YOURS,
    )


@counselling_desk.post("/callbacks/<uuid:callback_id>/missed")
@access(Caller.STAFF, Permission.CALL_BACK)
def callback_missed(callback_id: uuid.UUID) -> AnyResponse:
    """Nobody answered."""
    return _do(
        callback_id,
        lambda: note_missed_call(callback_id, current_account().id),
        "counselling.callback_missed",
        texts.CALLBACK_MISSED,
    )


@counselling_desk.post("/callbacks/<uuid:callback_id>/close")
@access(Caller.STAFF, Permission.CALL_BACK)
def callback_closed(callback_id: uuid.UUID) -> AnyResponse:
    """Close it with what came of it."""
    chosen = request.form.get("outcome", "")

    def act() -> None:
        if chosen not in set(Outcome):
            raise AppError("invalid", texts.FALSE_CHOICE, 422)
        close_callback(callback_id, current_account().id, Outcome(chosen))

    return _do(callback_id, act, "counselling.callback_closed", texts.CALLBACK_DONE)


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.CALL_BACK)


def _found(callback_id: uuid.UUID) -> tuple[Callback, list[bytes]]:
    row = desk_queries.callback_row(_nodes(), callback_id)
    if row is None:
        abort(404)
    indexes = desk_queries.watch_indexes(row.person_id)
    require_reason(SUBJECT_KIND, callback_id, indexes, url_for("counselling_desk.callback", callback_id=callback_id))
    return row, indexes


def _task(row: Callback) -> str | None:
    return f"{SUBJECT_KIND}:{row.id}" if row.state is not CallbackState.CLOSED else None


def _render(callback_id: uuid.UUID, refusal: AppError | None = None) -> str:
    with transaction():
        row, indexes = _found(callback_id)
        record_look(
            "counselling.callback_viewed",
            SUBJECT_KIND,
            [callback_id],
            number_indexes=indexes,
            task=_task(row),
            fields=("name", "phone"),
        )
        return render_template(
            "counselling/callback.html",
            row=row,
            mine=row.taken_by == current_account().id,
            taken_by=next(iter(desk_queries.names_of_accounts([row.taken_by] if row.taken_by else []).values()), None),
            outcomes=[one for one in BY_A_PERSON if one is not Outcome.UNREACHABLE or row.attempts >= MOST_ATTEMPTS],
            moment=now(),
            problem=refusal.user_text if refusal else None,
        )


def _do(callback_id: uuid.UUID, act: Callable[[], None], action: str, told: str) -> AnyResponse:
    with transaction():
        row, indexes = _found(callback_id)
        task = _task(row)
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, callback_id, task=task, number_indexes=indexes)
    except AppError as refusal:
        return make_response(_render(callback_id, refusal), refusal.status)
    say(told)
    return redirect(url_for("counselling_desk.callback", callback_id=callback_id), 303)
