"""The counsellor's own pages: the day and the month, one session with its steps, its note.

A colleague's session is not there. Every look leaves an audit row that says whether a note was in it.
"""

from __future__ import annotations

import uuid
from calendar import Calendar
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import current_account, current_nodes, say
from backend.console.audit_pages.reasons import require_reason
from backend.kernel.access import Caller, access
from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.marriage.counselling import desk_queries, texts
from backend.marriage.counselling.change import call_off, place_session, see_alone
from backend.marriage.counselling.desk_blueprint import counselling_desk
from backend.marriage.counselling.hold_talk import enter_link, mark_risk, note_state, write_note
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.notices import SUBJECT_KIND
from backend.marriage.counselling.offers import Offer, offers_at_desk
from backend.marriage.counselling.queries import professions_of
from backend.marriage.counselling.risk import is_unsafe_together
from backend.marriage.counselling.rules import NOTED, SessionState
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.storage import transaction

_AHEAD = timedelta(days=14)
_TOLD = {SessionState.CAME: texts.CAME, SessionState.ABSENT: texts.ABSENT, SessionState.DONE: texts.DONE}


@counselling_desk.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith("/console/marriage/counselling"):
        return {}
    return {
        "MATTERS": texts.MATTER_NAMES,
        "WAYS": texts.WAY_NAMES,
        "PROFESSIONS": texts.PROFESSION_NAMES,
        "SESSION_STATES": texts.STATE_NAMES,
        "SESSION_EVENTS": texts.EVENT_NAMES,
        "CALLBACK_STATES": texts.CALLBACK_STATES,
        "CRISES": texts.CRISIS_NAMES,
        "OUTCOMES": texts.OUTCOME_NAMES,
    }


@counselling_desk.get("")
@access(Caller.STAFF, Permission.COUNSEL)
def sessions() -> str:
    """One's own day, with the month beside it; `?day=`."""
    day, nodes, me = read_day_shown(), current_nodes(Permission.COUNSEL), current_account().id
    with transaction():
        rows = desk_queries.day_sessions(nodes, me, day)
        record_look("counselling.list_viewed", SUBJECT_KIND, [row.id for row in rows], fields=("name", "state"))
        return render_template("counselling/day.html", rows=rows, **month_shown(nodes, me, day, "sessions"))


@counselling_desk.get("/sessions/<uuid:counselling_id>")
@access(Caller.STAFF, Permission.COUNSEL)
def session_page(counselling_id: uuid.UUID) -> str:
    """One session of one's own, with what the person wrote and one's own note."""
    return render_session(counselling_id)


@counselling_desk.post("/sessions/<uuid:counselling_id>/<any(came, absent, done):what>")
@access(Caller.STAFF, Permission.COUNSEL)
def session_noted(counselling_id: uuid.UUID, what: str) -> AnyResponse:
    """Came, did not come, done."""
    state = SessionState(what)

    def act() -> None:
        note_state(counselling_id, state, current_account().id)

    return _do(counselling_id, act, "counselling.state_noted", _TOLD[state])


@counselling_desk.post("/sessions/<uuid:counselling_id>/note")
@access(Caller.STAFF, Permission.COUNSEL)
def session_note(counselling_id: uuid.UUID) -> AnyResponse:
    """Keep the note."""
    note = request.form.get("note", "")
    return _do(counselling_id, lambda: write_note(counselling_id, note), "counselling.note_written", texts.NOTE_SAVED)


@counselling_desk.post("/sessions/<uuid:counselling_id>/link")
@access(Caller.STAFF, Permission.COUNSEL)
def session_link(counselling_id: uuid.UUID) -> AnyResponse:
    """Where the video is."""
    link = request.form.get("link", "")
    return _do(counselling_id, lambda: enter_link(counselling_id, link), "counselling.link_entered", texts.LINK_SAVED)


@counselling_desk.post("/sessions/<uuid:counselling_id>/risk")
@access(Caller.STAFF, Permission.COUNSEL)
def session_risk(counselling_id: uuid.UUID) -> AnyResponse:
    """Mark, or unmark, that the person is at risk."""
    at_risk = request.form.get("at_risk") == "yes"
    told = texts.RISK_MARKED if at_risk else texts.RISK_LIFTED
    return _do(counselling_id, lambda: mark_risk(counselling_id, at_risk=at_risk), "counselling.risk_marked", told)


@counselling_desk.post("/sessions/<uuid:counselling_id>/apart")
@access(Caller.STAFF, Permission.COUNSEL)
def session_apart(counselling_id: uuid.UUID) -> AnyResponse:
    """See the person alone."""

    def act() -> None:
        see_alone(counselling_id, current_account().id)

    return _do(counselling_id, act, "counselling.seen_alone", texts.APART)


@counselling_desk.post("/sessions/<uuid:counselling_id>/place")
@access(Caller.STAFF, Permission.COUNSEL)
def session_place(counselling_id: uuid.UUID) -> AnyResponse:
    """Another time, or a colleague; with a colleague the session is theirs from then on."""
    act = placing(counselling_id)
    with transaction():
        require_own(counselling_id)
    return _do(counselling_id, act, "counselling.placed", texts.PLACED, leads_to="counselling_desk.sessions")


@counselling_desk.post("/sessions/<uuid:counselling_id>/call-off")
@access(Caller.STAFF, Permission.COUNSEL)
def session_called_off(counselling_id: uuid.UUID) -> AnyResponse:
    """Call it off, with a reason that the person reads."""
    reason = request.form.get("reason", "")

    def act() -> None:
        call_off(counselling_id, reason, current_account().id)

    return _do(counselling_id, act, "counselling.called_off", texts.CALLED_OFF)


# --- shared with the supervisor's pages ---


def read_day_shown() -> date:
    """The day of the address; today without one, and for anything that is no day."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today()


def month_shown(nodes: frozenset[uuid.UUID], account_id: uuid.UUID | None, day: date, page: str) -> dict[str, object]:
    """What the calendar beside a day's list needs."""
    first = day.replace(day=1)
    return {
        "day": day,
        "today": today(),
        "moment": now(),
        "weeks": Calendar().monthdatescalendar(day.year, day.month),
        "counts": desk_queries.month_counts(nodes, account_id, day),
        "month_before": (first - timedelta(days=1)).replace(day=1),
        "month_after": (first + timedelta(days=32)).replace(day=1),
        "page": f"counselling_desk.{page}",
    }


def placing(counselling_id: uuid.UUID) -> Callable[[], object]:
    """What puts a session at the time and with the counsellor that the form names."""
    counsellor, _, starts_at = request.form.get("session", "").partition(" ")

    def act() -> None:
        try:
            counsellor_id, moment = uuid.UUID(counsellor), datetime.fromisoformat(starts_at).astimezone(BEIJING)
        except ValueError:
            raise AppError("invalid", texts.FALSE_CHOICE, 422) from None
        place_session(counselling_id, counsellor_id, moment, current_account().id)

    return act


def _other_times(row: CounsellingSession) -> Sequence[Offer]:
    """Where a session that is booked could be put in the next two weeks."""
    if row.state is not SessionState.BOOKED:
        return []
    found = offers_at_desk(row.office, row, today(), today() + _AHEAD)
    others = [
        Offer(
            one.starts_at,
            one.ends_at,
            [who for who in one.counsellors if (who.resource_id, one.starts_at) != (row.counsellor_id, row.starts_at)],
        )
        for one in found
    ]
    return [one for one in others if one.counsellors]


def ask_reason(row: CounsellingSession, endpoint: str) -> list[bytes]:
    """Ask for a reason where it is one's own or a relative's; the indexes by which the trail knows whose it is."""
    indexes = desk_queries.watch_indexes(row.person_id)
    require_reason(SUBJECT_KIND, row.id, indexes, url_for(endpoint, counselling_id=row.id))
    return indexes


def task_of(row: CounsellingSession) -> str | None:
    """The open matter for which somebody looks at a session: itself, until how it went is written down."""
    open_ = row.state in (SessionState.BOOKED, SessionState.CAME, SessionState.OVER)
    return f"{SUBJECT_KIND}:{row.id}" if open_ else None


def require_own(counselling_id: uuid.UUID) -> CounsellingSession:
    """One's own session; 404 for a colleague's and for what is not there."""
    found = desk_queries.session_row(current_nodes(Permission.COUNSEL), counselling_id, current_account().id)
    if found is None:
        abort(404)
    return found


def drawn(row: CounsellingSession, refusal: AppError | None, *, supervised: bool) -> str:
    """The page of a session; a supervisor reads the note, but not what the person wrote for the counsellor alone."""
    return render_template(
        "counselling/session.html",
        row=row,
        about=None if supervised else row.about,
        profession=professions_of([row.counsellor_id])[row.counsellor_id],
        events=desk_queries.history(row.id),
        times=_other_times(row),
        unsafe=row.at_risk or is_unsafe_together(row.person_id),
        may_note=not supervised and row.state in NOTED,
        supervised=supervised,
        moment=now(),
        problem=refusal.user_text if refusal else None,
        errors=refusal.errors if refusal else {},
        typed=request.form,
    )


def render_session(counselling_id: uuid.UUID, refusal: AppError | None = None) -> str:
    """One's own session."""
    with transaction():
        row = require_own(counselling_id)
        indexes = ask_reason(row, "counselling_desk.session_page")
        fields = ("name", "phone", "about", *(("note",) if row.note_sealed is not None else ()))
        record_look(
            "counselling.viewed", SUBJECT_KIND, [row.id], number_indexes=indexes, task=task_of(row), fields=fields
        )
        return drawn(row, refusal, supervised=False)


def _do(
    counselling_id: uuid.UUID,
    act: Callable[[], object],
    action: str,
    told: str,
    leads_to: str | None = None,
) -> AnyResponse:
    with transaction():
        row = require_own(counselling_id)
        indexes = ask_reason(row, "counselling_desk.session_page")
    try:
        with transaction():
            act()
            record(action, SUBJECT_KIND, counselling_id, task=task_of(row), number_indexes=indexes)
    except AppError as refusal:
        return make_response(render_session(counselling_id, refusal), refusal.status)
    say(told)
    address = url_for(leads_to) if leads_to else url_for("counselling_desk.session_page", counselling_id=counselling_id)
    return redirect(address, 303)
