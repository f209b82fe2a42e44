"""The steps on one request, each with its audit row; refused, the form or the page says why."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.marriage.archive import answer, decide, desk_queries, search, texts
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_detail import RequestDetail, request_detail
from backend.marriage.archive.desk_filters import read_choice, read_id
from backend.marriage.archive.desk_pages import ask_reason, look, render_request, task_of
from backend.marriage.archive.notices import SUBJECT_KIND
from backend.marriage.archive.rules import KeptAt, NotFoundWhy, Paper
from backend.marriage.archive.steps import AT_ONCE, DeskStep
from backend.marriage.archive.visit import MOST_COPIES, Reading, record_visit
from backend.staff import Permission, record
from backend.storage import transaction

_FORMS = "answer, ask, handover, locate, nothing, refuse, reopen, visit, withdraw"


@archive_desk.get(f"/archive/<uuid:archive_request_id>/<any({_FORMS}):step>")
@access(Caller.STAFF, Permission.WORK_ARCHIVE)
def step_form(archive_request_id: uuid.UUID, step: str) -> str:
    """The form of a step that asks for something."""
    return _render_form(look(archive_request_id, "archive.viewed", Permission.WORK_ARCHIVE), DeskStep(step))


@archive_desk.post(f"/archive/<uuid:archive_request_id>/<any({_FORMS}, ready, take):step>")
@access(Caller.STAFF, Permission.WORK_ARCHIVE)
def step(archive_request_id: uuid.UUID, step: str) -> AnyResponse:
    """Take a step of the archivist's."""
    return _do(archive_request_id, DeskStep(step), Permission.WORK_ARCHIVE)


@archive_desk.post("/archive/<uuid:archive_request_id>/approve")
@access(Caller.STAFF, Permission.APPROVE_ARCHIVE)
def approve(archive_request_id: uuid.UUID) -> AnyResponse:
    """Let it be looked for, by whoever heads the registry."""
    return _do(archive_request_id, DeskStep.APPROVE, Permission.APPROVE_ARCHIVE)


def _do(request_id: uuid.UUID, step: DeskStep, permission: Permission) -> AnyResponse:
    done, act = _ACTS[step]
    with transaction():
        found = _mine(request_id, permission)
        indexes = ask_reason(found.request)
        task = task_of(found.request)
    try:
        with transaction():
            act(request_id, request.form)
            record(f"archive.{done}", SUBJECT_KIND, request_id, task=task, fields=("state",), number_indexes=indexes)
    except AppError as refusal:
        return make_response(_refused(request_id, step, permission, refusal), refusal.status)
    say(texts.DONE[step])
    if step is DeskStep.HAND_OVER:
        return redirect(url_for("archive_desk.requests"), 303)
    return redirect(url_for("archive_desk.one_request", archive_request_id=request_id), 303)


def _refused(request_id: uuid.UUID, step: DeskStep, permission: Permission, refusal: AppError) -> str:
    """The form again where the fault is in it, else the page as it stands now."""
    if step in AT_ONCE or step is DeskStep.APPROVE or not refusal.errors:
        return render_request(request_id, refusal)
    with transaction():
        return _render_form(_mine(request_id, permission), step, refusal)


def _mine(request_id: uuid.UUID, permission: Permission) -> RequestDetail:
    found = request_detail(current_nodes(permission), request_id)
    if found is None:
        abort(404)
    return found


def _render_form(found: RequestDetail, step: DeskStep, refusal: AppError | None = None) -> str:
    return render_template(
        "archive/step.html",
        found=found,
        row=found.request,
        step=step.value,
        values=request.form,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        places=list(KeptAt),
        reasons=list(NotFoundWhy),
        offices=[one for one in desk_queries.all_offices() if one.id != found.request.office_id],
    )


# --- what each step does with its form ---

Form = Mapping[str, str]
Act = Callable[[uuid.UUID, Form], object]


def _locate(request_id: uuid.UUID, form: Form) -> None:
    kept_at = read_choice(KeptAt, form.get("kept_at"))
    if kept_at is None:
        raise AppError("invalid", texts.WHERE_MISSING, 422, errors={"kept_at": [texts.WHERE_MISSING]})
    here = kept_at is KeptAt.HERE
    found = search.Place(
        kept_at,
        form.get("volume", ""),
        "" if here else form.get("name", ""),
        "" if here else form.get("address", ""),
        "" if here else form.get("phone", ""),
        at_window="at_window" in form,
        they_go=form.get("who_goes") == "they" and not here,
    )
    search.locate(request_id, found, current_account().id)


def _find_nothing(request_id: uuid.UUID, form: Form) -> None:
    why = read_choice(NotFoundWhy, form.get("why"))
    if why is None:
        raise AppError("invalid", texts.WHY_MISSING, 422, errors={"why": [texts.WHY_MISSING]})
    search.find_nothing(request_id, why, current_account().id)


def _hand_over(request_id: uuid.UUID, form: Form) -> None:
    office_id = read_id(form.get("office"))
    if office_id is None:
        raise AppError("invalid", texts.OFFICE_UNKNOWN, 422, errors={"office": [texts.OFFICE_UNKNOWN]})
    search.hand_over(request_id, office_id, current_account().id)


def _visit(request_id: uuid.UUID, form: Form) -> None:
    text = form.get("copies", "").strip()
    copies = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_COPIES)) else -1
    seen = {paper for paper in Paper if f"paper_{paper.value}" in form}
    record_visit(request_id, Reading(seen, copies), current_account().id)


def _account() -> uuid.UUID:
    return current_account().id


_ACTS: Mapping[DeskStep, tuple[str, Act]] = {
    DeskStep.APPROVE: ("approved", lambda one, form: decide.approve(one, _account(), form.get("reason", ""))),
    DeskStep.TAKE: ("taken", lambda one, _form: search.take(one, _account())),
    DeskStep.LOCATE: ("located", _locate),
    DeskStep.READY: ("readied", lambda one, _form: search.mark_ready(one, _account())),
    DeskStep.VISIT: ("visited", _visit),
    DeskStep.ANSWER: (
        "answered",
        lambda one, form: answer.answer_for_them(one, form.get("answer", ""), _account()),
    ),
    DeskStep.ASK: (
        "question_asked",
        lambda one, form: search.ask_one_thing(one, form.get("question", ""), _account()),
    ),
    DeskStep.NOT_FOUND: ("not_found", _find_nothing),
    DeskStep.REOPEN: ("reopened", lambda one, form: search.reopen(one, form.get("reason", ""), _account())),
    DeskStep.HAND_OVER: ("handed_over", _hand_over),
    DeskStep.REFUSE: ("refused", lambda one, form: decide.refuse(one, _account(), form.get("reason", ""))),
    DeskStep.WITHDRAW: (
        "withdrawn",
        lambda one, form: answer.withdraw_for_them(one, form.get("reason", ""), _account()),
    ),
}
