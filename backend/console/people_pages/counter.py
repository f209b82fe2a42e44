"""At the counter: verifying somebody with the card in hand, and a code for a WeChat that comes later."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.people_pages import texts
from backend.console.people_pages.blueprint import people
from backend.console.people_pages.scope import person_or_404, scope_for
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.people.binding import give_code
from backend.people.counter import CardInHand, verify_at_counter
from backend.people.finding import visible_person
from backend.people.notices import SUBJECT_KIND
from backend.people.proving import Proven
from backend.people.reading import read_claim
from backend.people.texts import PAPER_NAMES
from backend.staff import Permission, record
from backend.staff.names import communities
from backend.storage import transaction

_TEXT_FIELDS = ("name", "id_number", "phone", "code")


@people.get("/verify")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def verify_form() -> str:
    """The form for a card in hand."""
    return _render_form({"id_type": IdType.RESIDENT_IDENTITY_CARD.value}, {})


@people.post("/verify")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def verify() -> AnyResponse:
    """Verify the person on the card; with a code, their WeChat becomes theirs. New people get a row by it."""
    try:
        card = _card(request.form)
        proven = verify_at_counter(current_account().id, card, also=lambda proven: _record(card, proven))
    except AppError as refusal:
        page = _render_form(request.form, refusal.errors, refusal.user_text)
        return make_response(page, refusal.status)
    _tell(card, proven)
    if visible_person(scope_for(Permission.READ_PERSONS), proven.person_id) is None:
        return redirect(url_for("people.start"), 303)
    return redirect(url_for("people.person", person_id=proven.person_id), 303)


@people.post("/<uuid:person_id>/code")
@access(Caller.STAFF, Permission.VERIFY_PERSONS)
def code(person_id: uuid.UUID) -> str:
    """A code by which the person's WeChat is tied to them later; shown once, to be printed or copied down."""
    with transaction():
        found = person_or_404(Permission.VERIFY_PERSONS, person_id)
        given = give_code(person_id, current_account().id)
        record("people.code_given", SUBJECT_KIND, person_id, account_id=current_account().id)
    return render_template("console/people/code.html", person=found, code=given)


def _record(card: CardInHand, proven: Proven) -> None:
    record(
        "people.verified_at_counter",
        SUBJECT_KIND,
        proven.person_id,
        account_id=current_account().id,
        id_type=card.id_type.value,
        created=proven.created,
        joined=proven.joined,
        renamed=proven.renamed,
    )


def _card(form: Mapping[str, str]) -> CardInHand:
    id_type = form.get("id_type", "")
    if id_type not in set(IdType):
        raise AppError("invalid", texts.NO_PAPER, 422, errors={"id_type": [texts.NO_PAPER]})
    return CardInHand(
        name=form.get("name", ""),
        id_type=IdType(id_type),
        id_number=form.get("id_number", ""),
        seen=form.get("seen") == "yes",
        code=form.get("code", "").strip() or None,
        phone=form.get("phone", "").strip() or None,
        community_id=_community(form.get("community_id", "")),
    )


def _communities() -> Sequence[tuple[uuid.UUID, str]]:
    """The communities in which the person at the desk may place somebody."""
    return communities(current_nodes(Permission.VERIFY_PERSONS))


def _community(text: str) -> uuid.UUID | None:
    if not text:
        return None
    chosen = next((one for one, _ in _communities() if str(one) == text), None)
    if chosen is None:
        raise AppError("invalid", texts.BAD_COMMUNITY, 422, errors={"community_id": [texts.BAD_COMMUNITY]})
    return chosen


def _tell(card: CardInHand, proven: Proven) -> None:
    if visible_person(scope_for(Permission.READ_PERSONS), proven.person_id) is None:
        say(texts.VERIFIED_ELSEWHERE)
        return
    sentence = texts.VERIFIED_AND_BOUND if card.code else texts.VERIFIED
    say(sentence.format(name=card.name.strip()))
    if proven.renamed:
        say(texts.RENAMED, "problem")
    for hints in read_claim(card.name, card.id_type, card.id_number).hints.values():
        for hint in hints:
            say(hint, "problem")


def _render_form(values: Mapping[str, str], errors: Mapping[str, Sequence[str]], problem: str | None = None) -> str:
    return render_template(
        "console/people/verify.html",
        values={name: values.get(name, "") for name in (*_TEXT_FIELDS, "id_type", "community_id", "seen")},
        errors=errors,
        problem=problem,
        papers=list(PAPER_NAMES.items()),
        communities=_communities(),
    )
