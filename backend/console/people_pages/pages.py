"""Finding persons, and one person's page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, is_htmx
from backend.console.people_pages import texts
from backend.console.people_pages.blueprint import people
from backend.console.people_pages.looks import note_look
from backend.console.people_pages.scope import person_or_404, scope_for
from backend.kernel.access import Caller, access
from backend.kernel.clock import today
from backend.kernel.identity import age_on
from backend.people import PersonView
from backend.people.finding import MOST_FOUND, find_persons
from backend.people.history import events_of, identities_of
from backend.people.notices import SUBJECT_KIND
from backend.people.texts import EVENT_NAMES, PAPER_NAMES
from backend.staff import Permission
from backend.staff.audit import record_look
from backend.staff.names import account_names, place_name, place_names
from backend.storage import transaction

MOST_CHARACTERS = 60


@people.app_context_processor
def _names() -> dict[str, object]:
    if not request.path.startswith("/console/people"):
        return {}
    return {
        "LEVEL_NAMES": texts.LEVEL_NAMES,
        "METHOD_NAMES": texts.METHOD_NAMES,
        "SEX_NAMES": texts.SEX_NAMES,
        "EVENT_NAMES": EVENT_NAMES,
        "PAPER_NAMES": PAPER_NAMES,
        "age_of": lambda person: age_on(person.birth_date, person.died_on or today()),
    }


@people.get("")
@access(Caller.STAFF, Permission.READ_PERSONS)
def start() -> str:
    """What one can search for, and where to verify somebody."""
    return render_template("console/people/start.html")


@people.get("/search")
@access(Caller.STAFF, Permission.READ_PERSONS)
def search_again() -> AnyResponse:
    """A reload of the results: what was typed is in no address, so it is typed again."""
    return redirect(url_for("people.start"))


@people.post("/search")
@access(Caller.STAFF, Permission.READ_PERSONS)
def search() -> AnyResponse | str:
    """Search; by POST, so that numbers and names stay out of addresses and logs. One hit opens at once."""
    with transaction():
        found = look_for(request.form.get("q", "")[:MOST_CHARACTERS])
    if found is not None and len(found) == 1:
        return redirect(url_for("people.person", person_id=found[0].id), 303)
    places = place_names([person.community_id for person in found or ()])
    return render_template(
        "console/people/found.html", found=found or (), understood=found is not None, most=MOST_FOUND, places=places
    )


def look_for(text: str) -> Sequence[PersonView] | None:
    """Persons the one at the desk may see, with an audit row that names them by their ids."""
    found = find_persons(scope_for(Permission.READ_PERSONS), text)
    record_look("people.searched", SUBJECT_KIND, [person.id for person in found or ()], account_id=current_account().id)
    return found


@people.get("/<uuid:person_id>")
@access(Caller.STAFF, Permission.READ_PERSONS)
def person(person_id: uuid.UUID) -> str:
    """One person, masked."""
    with transaction():
        found = person_or_404(Permission.READ_PERSONS, person_id)
        note_look("people.person_viewed", found, request.path)
        return render_person(found)


@people.post("/<uuid:person_id>/<any(number, phone):what>")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def reveal(person_id: uuid.UUID, what: str) -> str:
    """Show the whole number of the paper, or the telephone; always leaves an audit row of its own."""
    with transaction():
        found = person_or_404(Permission.VERIFY_PERSONS, person_id)
        value = found.id_number if what == "number" else found.phone
        if value is None:
            abort(404)
        note_look(f"people.{what}_revealed", found, url_for("people.person", person_id=person_id), what)
        if is_htmx():
            return render_template("console/people/whole.html", value=value, what=what)
        return render_person(found, {what: value})


def render_person(found: PersonView, revealed: dict[str, str] | None = None) -> str:
    """The page of a person one may see; the caller leaves the audit row."""
    settings = current_app.extensions["settings"]
    events = events_of(found.id)
    return render_template(
        "console/people/person.html",
        person=found,
        revealed=revealed or {},
        community=place_name(found.community_id),
        identities=identities_of(found.id),
        account_app_id=settings.account.app_id,
        events=events,
        colleagues=account_names([event.account_id for event in events]),
    )
