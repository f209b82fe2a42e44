"""Unusual looks: the list, one of them, what came of it; the list of well-known persons."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.audit_pages import texts
from backend.console.audit_pages.blueprint import audit
from backend.console.audit_pages.filters import read_id_cursor
from backend.console.audit_pages.show import shown
from backend.console.guard import current_account, current_nodes, is_htmx, say
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission, record
from backend.staff.audit.flags import NOTE_MOST, look_into
from backend.staff.audit.queries import FlagLine, TrailFilter, TrailLine, flag_line, flags, trail
from backend.staff.audit.rules import FlagState, Rule, WatchKind
from backend.staff.audit.texts import FLAG_STATES, OUTCOMES, RULE_HINTS, RULES
from backend.staff.audit.watch import add_well_known, remove_watched, well_known
from backend.storage import transaction

PAGE_SIZE = 30
_AROUND = 20


@audit.get("/audit/flags")
@access(Caller.STAFF, Permission.READ_AUDIT)
def flag_list() -> str:
    """Unusual looks, newest first; those nobody has looked into unless asked otherwise."""
    state, rule = _read_state(request.args.get("state", FlagState.NEW)), _read_rule(request.args.get("rule"))
    after = read_id_cursor(request.args.get("cursor"))
    with transaction():
        page = flags(current_nodes(Permission.READ_AUDIT), state, rule, after, PAGE_SIZE)
        record("audit.flags_viewed", "audit_flag", state=state.value if state else None)
        entries = shown([TrailLine(line.entry, line.username, line.display_name) for line in page.rows])
    template = "console/audit/flags_part.html" if is_htmx() else "console/audit/flags.html"
    return render_template(
        template,
        page=page,
        lines=list(zip(page.rows, entries, strict=True)),
        state=state,
        rule=rule,
        arguments={"state": state.value if state else ""} | ({"rule": rule.value} if rule else {}),
        later_page=after is not None,
        rules=RULES,
        states=FLAG_STATES,
        outcomes=OUTCOMES,
    )


@audit.get("/audit/flags/<uuid:flag_id>")
@access(Caller.STAFF, Permission.READ_AUDIT)
def flag_page(flag_id: uuid.UUID) -> str:
    """One unusual look, with what the same account did on that day."""
    return _render_flag(_flag(flag_id), None)


@audit.post("/audit/flags/<uuid:flag_id>")
@access(Caller.STAFF, Permission.READ_AUDIT)
def flag_outcome(flag_id: uuid.UUID) -> AnyResponse:
    """Note what came of looking into it."""
    line = _flag(flag_id)
    try:
        look_into(flag_id, current_account().id, request.form.get("outcome", ""), request.form.get("note", ""))
    except AppError as refusal:
        return make_response(_render_flag(line, refusal), refusal.status)
    say(texts.FLAG_DONE)
    return redirect(url_for("audit.flag_list"), 303)


@audit.get("/audit/well-known")
@access(Caller.STAFF, Permission.READ_AUDIT)
def well_known_list() -> str:
    """Persons whose records are not looked at without notice."""
    return _render_well_known(None)


@audit.post("/audit/well-known")
@access(Caller.STAFF, Permission.READ_AUDIT)
def well_known_add() -> AnyResponse:
    """Put somebody on the list; by POST, so that the number stays out of addresses."""
    name, number, note = (request.form.get(field, "") for field in ("name", "number", "note"))
    try:
        add_well_known(current_account().id, name, number, note)
    except AppError as refusal:
        return make_response(_render_well_known(refusal), refusal.status)
    say(texts.WELL_KNOWN_ADDED)
    return redirect(url_for("audit.well_known_list"), 303)


@audit.post("/audit/well-known/<uuid:watched_id>/remove")
@access(Caller.STAFF, Permission.READ_AUDIT)
def well_known_remove(watched_id: uuid.UUID) -> AnyResponse:
    """Take somebody off the list."""
    if not remove_watched(current_account().id, WatchKind.WELL_KNOWN, watched_id):
        abort(404)
    say(texts.WATCHED_REMOVED)
    return redirect(url_for("audit.well_known_list"), 303)


def _flag(flag_id: uuid.UUID) -> FlagLine:
    line = flag_line(current_nodes(Permission.READ_AUDIT), flag_id)
    if line is None:
        abort(404)
    return line


def _render_flag(line: FlagLine, refusal: AppError | None) -> str:
    day = line.flag.at.date()
    with transaction():
        wanted = TrailFilter(username=line.username, first=day, last=day)
        around = trail(current_nodes(Permission.READ_AUDIT), wanted, None, _AROUND)
        [entry, *others] = shown([TrailLine(line.entry, line.username, line.display_name), *around.rows])
        record("audit.flag_viewed", "audit_flag", line.flag.id)
    return render_template(
        "console/audit/flag.html",
        line=line,
        entry=entry,
        around=others,
        more={"username": line.username, "first": day.isoformat(), "last": day.isoformat()},
        rules=RULES,
        hints=RULE_HINTS,
        outcomes=OUTCOMES,
        note_most=NOTE_MOST,
        own=line.flag.account_id == current_account().id,
        problem=refusal.user_text if refusal else None,
        form=request.form,
    )


def _render_well_known(refusal: AppError | None) -> str:
    after = read_id_cursor(request.args.get("cursor"))
    with transaction():
        found = well_known(PAGE_SIZE + 1, after)
        record("audit.well_known_viewed", "watched_number")
    return render_template(
        "console/audit/well_known.html",
        people=found[:PAGE_SIZE],
        next=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        later_page=after is not None,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        form=request.form,
    )


def _read_state(text: str) -> FlagState | None:
    if not text:
        return None
    if text not in set(FlagState):
        raise AppError("invalid", texts.BAD_FLAG_STATE, 422)
    return FlagState(text)


def _read_rule(text: str | None) -> Rule | None:
    if not text:
        return None
    if text not in set(Rule):
        raise AppError("invalid", texts.BAD_RULE, 422)
    return Rule(text)
