"""Recording an event of a life: the form, what it will do, and what it did."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, say
from backend.console.life_pages import texts
from backend.console.life_pages.blueprint import life
from backend.console.life_pages.forms import FIELDS, KINDS, read_report
from backend.console.people_pages.looks import note_look
from backend.console.people_pages.scope import person_or_404, scope_for
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.people import PersonView
from backend.people.finding import visible_person
from backend.people.life_events.queries import events_of, in_words, left_in_words, life_event
from backend.people.life_events.record import preview, record_life_event
from backend.people.life_events.rules import SOURCES, EventKind
from backend.people.life_events.texts import KIND_NAMES, SOURCE_NAMES
from backend.people.notices import SUBJECT_KIND
from backend.staff import Permission, record
from backend.staff.audit import record_look
from backend.staff.names import account_names, communities, place_name
from backend.storage import transaction

_WHAT = "<any(death, reversal, move, name):what>"


@life.get("/<uuid:person_id>")
@access(Caller.STAFF, Permission.RECORD_LIFE_EVENTS)
def person(person_id: uuid.UUID) -> str:
    """What was recorded of a person, and what can be recorded now."""
    with transaction():
        found = _visible(person_id)
        note_look("life.person_viewed", found, request.path)
        events = events_of(person_id)
        names = account_names([event.recorded_by for event in events])
    return render_template(
        "console/life/person.html", person=found, events=events, colleagues=names, possible=_possible(found)
    )


@life.get(f"/<uuid:person_id>/{_WHAT}")
@access(Caller.STAFF, Permission.RECORD_LIFE_EVENTS)
def form(person_id: uuid.UUID, what: str) -> str:
    """The form of one kind of event."""
    return _render_form(_visible(person_id), what, {"effective_on": today().isoformat()}, {})


@life.post(f"/<uuid:person_id>/{_WHAT}/check")
@access(Caller.STAFF, Permission.RECORD_LIFE_EVENTS)
def check(person_id: uuid.UUID, what: str) -> AnyResponse:
    """What recording it will do; nothing is recorded yet."""
    with transaction():
        found, kind = _visible(person_id), KINDS[what]
        try:
            report = read_report(kind, request.form)
            effects = preview(person_id, report)
        except AppError as refusal:
            return _ask_again(found, what, refusal)
    page = render_template(
        "console/life/check.html",
        person=found,
        what=what,
        kind=kind,
        report=report,
        values=_values(request.form),
        effects=in_words(kind, effects),
        community=place_name(report.community_id),
        titles=texts.TITLES,
        days=texts.DAYS,
        sources=SOURCE_NAMES,
    )
    return make_response(page)


@life.post(f"/<uuid:person_id>/{_WHAT}")
@access(Caller.STAFF, Permission.RECORD_LIFE_EVENTS)
def record_event(person_id: uuid.UUID, what: str) -> AnyResponse:
    """Record it, in one transaction with what every room does about it and with the audit row."""
    found, kind = _visible(person_id), KINDS[what]
    if request.form.get("back"):
        return make_response(_render_form(found, what, request.form, {}))
    try:
        with transaction():
            report = read_report(kind, request.form)
            event_id = record_life_event(person_id, report)
            record(
                f"life.{kind.value}",
                SUBJECT_KIND,
                person_id,
                account_id=current_account().id,
                event=str(event_id),
                source=report.source.value,
            )
    except AppError as refusal:
        return _ask_again(found, what, refusal)
    say(texts.RECORDED[kind])
    return redirect(url_for("life.event", event_id=event_id), 303)


@life.get("/events/<uuid:event_id>")
@access(Caller.STAFF, Permission.RECORD_LIFE_EVENTS)
def event(event_id: uuid.UUID) -> str:
    """What was recorded and what came of it; for those who may see the person, and for whoever recorded it."""
    with transaction():
        found = life_event(event_id)
        if found is None:
            abort(404)
        about = visible_person(scope_for(Permission.RECORD_LIFE_EVENTS), found.person_id)
        if about is None and found.recorded_by != current_account().id:
            abort(404)
        record_look("life.event_viewed", SUBJECT_KIND, [found.person_id], account_id=current_account().id)
        return render_template(
            "console/life/event.html",
            event=found,
            person=about,
            kinds=KIND_NAMES,
            sources=SOURCE_NAMES,
            days=texts.DAYS,
            effects=in_words(found.kind, found.effects),
            left=left_in_words(found),
            colleague=account_names([found.recorded_by]).get(found.recorded_by),
        )


def _visible(person_id: uuid.UUID) -> PersonView:
    return person_or_404(Permission.RECORD_LIFE_EVENTS, person_id)


def _possible(found: PersonView) -> Sequence[tuple[str, str]]:
    """What can be recorded of a person as they are: address part and title."""
    dead = found.died_on is not None
    kinds = {what: kind for what, kind in KINDS.items() if (kind is EventKind.DEATH_REVERSED) == dead}
    return [(what, texts.TITLES[kind]) for what, kind in kinds.items()]


def _ask_again(found: PersonView, what: str, refusal: AppError) -> AnyResponse:
    page = _render_form(found, what, request.form, refusal.errors, refusal.user_text)
    return make_response(page, refusal.status)


def _values(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in FIELDS}


def _render_form(
    found: PersonView,
    what: str,
    values: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    problem: str | None = None,
) -> str:
    kind = KINDS[what]
    return render_template(
        "console/life/form.html",
        person=found,
        what=what,
        kind=kind,
        values=_values(values),
        errors=errors,
        problem=problem,
        title=texts.TITLES[kind],
        lead=texts.LEADS[kind],
        day=texts.DAYS[kind],
        paper=texts.PAPERS[kind],
        sources=[(source, SOURCE_NAMES[source]) for source in SOURCES[kind]],
        communities=communities() if kind is EventKind.MOVED else (),
        latest=None if kind is EventKind.MOVED else today().isoformat(),
    )
