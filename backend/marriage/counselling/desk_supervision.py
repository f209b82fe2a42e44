"""The supervisor's pages: a day of everybody, counts of the month, one session with its note, who counsels and when."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.counselling import desk_queries, texts
from backend.marriage.counselling.change import call_off, see_alone
from backend.marriage.counselling.desk_blueprint import counselling_desk
from backend.marriage.counselling.desk_pages import (
    ask_reason,
    drawn,
    month_shown,
    placing,
    read_day_shown,
    task_of,
)
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.notices import SUBJECT_KIND
from backend.marriage.counselling.rules import Matter, SessionState
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

# What the figures of a month stand under.
_COLUMNS = (SessionState.DONE, SessionState.ABSENT, SessionState.CANCELLED)


@counselling_desk.get("/overview")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def overview() -> str:
    """The sessions of a day without names, and the counts of its month."""
    day, nodes = read_day_shown(), _nodes()
    with transaction():
        rows = desk_queries.day_sessions(nodes, None, day)
        record_look("counselling.list_viewed", SUBJECT_KIND, [row.id for row in rows], fields=("state",))
        return render_template(
            "counselling/overview.html",
            rows=rows,
            figures=desk_queries.figures(nodes, day),
            columns=_COLUMNS,
            matters=list(Matter),
            **month_shown(nodes, None, day, "overview"),
        )


@counselling_desk.get("/sessions/<uuid:counselling_id>/supervised")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def supervised(counselling_id: uuid.UUID) -> str:
    """One session with its note, for the supervisor."""
    return _render(counselling_id)


@counselling_desk.post("/sessions/<uuid:counselling_id>/supervised/<any(place, apart, call_off):step>")
@access(Caller.STAFF, Permission.SUPERVISE_COUNSELLING)
def supervised_step(counselling_id: uuid.UUID, step: str) -> AnyResponse:
    """Put it elsewhere, have the person seen alone, or call it off."""
    action, told, act = _steps(counselling_id)[step]
    with transaction():
        row = _found(counselling_id)
        indexes = ask_reason(row, "counselling_desk.supervised")
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, counselling_id, task=task_of(row), number_indexes=indexes)
    except AppError as refusal:
        return make_response(_render(counselling_id, refusal), refusal.status)
    say(told)
    return redirect(url_for("counselling_desk.supervised", counselling_id=counselling_id), 303)


def _steps(counselling_id: uuid.UUID) -> Mapping[str, tuple[str, str, Callable[[], object]]]:
    account_id, reason = current_account().id, request.form.get("reason", "")
    return {
        "place": ("counselling.placed", texts.PLACED, placing(counselling_id)),
        "apart": ("counselling.seen_alone", texts.APART, lambda: see_alone(counselling_id, account_id)),
        "call_off": (
            "counselling.called_off",
            texts.CALLED_OFF,
            lambda: call_off(counselling_id, reason, account_id),
        ),
    }


def _nodes() -> frozenset[uuid.UUID]:
    return current_nodes(Permission.SUPERVISE_COUNSELLING)


def _found(counselling_id: uuid.UUID) -> CounsellingSession:
    found = desk_queries.session_row(_nodes(), counselling_id, None)
    if found is None:
        abort(404)
    return found


def _render(counselling_id: uuid.UUID, refusal: AppError | None = None) -> str:
    with transaction():
        row = _found(counselling_id)
        indexes = ask_reason(row, "counselling_desk.supervised")
        noted = row.note_sealed is not None
        looked, more = ("note_read", ("note",)) if noted else ("viewed", ())
        fields, task = ("name", "phone", *more), task_of(row)
        record_look(f"counselling.{looked}", SUBJECT_KIND, [row.id], number_indexes=indexes, task=task, fields=fields)
        return drawn(row, refusal, supervised=True)
