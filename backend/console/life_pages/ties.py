"""Ties of a person at the counter: the six digits, confirming with what was looked at, ending one."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, say
from backend.console.life_pages import texts
from backend.console.life_pages.blueprint import life
from backend.console.people_pages.looks import note_look
from backend.console.people_pages.scope import person_or_404
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.people import PersonView
from backend.people.proxies.answer import confirm_as_staff, give_code
from backend.people.proxies.cut import cut_as_staff
from backend.people.proxies.notices import SUBJECT_KIND, matters
from backend.people.proxies.principals import relation_name
from backend.people.proxies.queries import active_ties, tie_of
from backend.people.proxies.rules import Confirmation, TieState, ways_to_confirm
from backend.people.proxies.texts import CONFIRMATION_NAMES, STATE_NAMES
from backend.staff import Permission, record
from backend.storage import transaction

# Tie, person, member of staff, reason.
_StaffStep = Callable[[uuid.UUID, uuid.UUID, uuid.UUID, str], None]


@life.get("/<uuid:person_id>/ties")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def ties(person_id: uuid.UUID) -> str:
    """Who may act for a person, whom they may act for, and what waits for an answer."""
    with transaction():
        found = _visible(person_id)
        note_look("proxies.viewed", found, request.path)
        return _render(found)


@life.post("/<uuid:person_id>/ties/<uuid:tie_id>/code")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def code(person_id: uuid.UUID, tie_id: uuid.UUID) -> AnyResponse:
    """Six digits for the principal at the counter, shown once; the helper types them."""
    with transaction():
        found = _visible(person_id)
        try:
            digits = give_code(tie_id, person_id, current_account().id)
        except AppError as refusal:
            return _say_why(found, refusal)
        record("proxies.code_given", SUBJECT_KIND, tie_id, account_id=current_account().id)
        page = render_template(
            "console/life/code.html", person=found, digits=digits, tie=tie_of(tie_id, person_id), **_words()
        )
    return make_response(page)


@life.post("/<uuid:person_id>/ties/<uuid:tie_id>/confirm")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def confirm(person_id: uuid.UUID, tie_id: uuid.UUID) -> AnyResponse:
    """Confirm a tie, with what was looked at."""
    return _step(person_id, tie_id, confirm_as_staff, "proxies.confirmed", texts.TIE_CONFIRMED)


@life.post("/<uuid:person_id>/ties/<uuid:tie_id>/cut")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def cut(person_id: uuid.UUID, tie_id: uuid.UUID) -> AnyResponse:
    """End a tie, with a reason."""
    return _step(person_id, tie_id, cut_as_staff, "proxies.cut", texts.TIE_CUT)


def _step(person_id: uuid.UUID, tie_id: uuid.UUID, use_case: _StaffStep, action: str, told: str) -> AnyResponse:
    """Take a step that needs a reason, and leave its audit row."""
    with transaction():
        found = _visible(person_id)
        try:
            use_case(tie_id, person_id, current_account().id, request.form.get("reason", ""))
        except AppError as refusal:
            return _say_why(found, refusal)
        record(action, SUBJECT_KIND, tie_id, account_id=current_account().id)
    say(told)
    return redirect(url_for("life.ties", person_id=person_id), 303)


def _visible(person_id: uuid.UUID) -> PersonView:
    return person_or_404(Permission.VERIFY_PERSONS, person_id)


def _say_why(found: PersonView, refusal: AppError) -> AnyResponse:
    if refusal.status == 404:
        abort(404)
    return make_response(_render(found, refusal.user_text), refusal.status)


def _render(found: PersonView, problem: str | None = None) -> str:
    views = active_ties(found.id)
    return render_template(
        "console/life/ties.html",
        person=found,
        problem=problem,
        helped=[view for view in views if view.role == "principal"],
        helping=[view for view in views if view.role == "helper"],
        **_words(),
    )


def _words() -> dict[str, object]:
    return {
        "matters": matters,
        "relation_name": relation_name,
        "STATE_NAMES": STATE_NAMES,
        "CONFIRMATION_NAMES": CONFIRMATION_NAMES,
        "takes_code": lambda view: Confirmation.COUNTER_CODE in ways_to_confirm(view.relation),
        "waits": lambda view: view.state is TieState.ASKED,
    }
