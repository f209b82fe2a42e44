"""A request brought to the counter: by the person themselves, or by a close relative of somebody who died (PIPL 49)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TypeVar

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console.guard import current_account, current_nodes, say
from backend.console.rights_pages import queries, texts
from backend.console.rights_pages.blueprint import rights
from backend.kernel.access import Caller, access
from backend.kernel.chinese_dates import spoken_date
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdType
from backend.people.lookups import person_by_number
from backend.people.rights import texts as names
from backend.people.rights.answers import SUBJECT_KIND, ask_at_desk
from backend.people.rights.requests import Relative, number_of
from backend.people.rights.rules import Relation, RequestKind
from backend.people.texts import PAPER_NAMES
from backend.staff import Permission, record
from backend.storage import transaction

Member = TypeVar("Member", RequestKind, IdType)

_FIELDS = ("kind", "id_type", "words", "applicant_name", "applicant_phone", "relation", "evidence")


@rights.get("/requests/new")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def new() -> str:
    """The form."""
    return _render({"id_type": IdType.RESIDENT_IDENTITY_CARD.value})


@rights.post("/requests/new")
@access(Caller.STAFF, Permission.HANDLE_RIGHTS)
def register() -> AnyResponse:
    """Take it in. The number is looked up and not kept with the request."""
    form = request.form
    try:
        with transaction():
            person_id = find_person(form)
            kind = _member(RequestKind, form.get("kind"), texts.FALSE_KIND)
            asked = ask_at_desk(person_id, kind, form.get("words", ""), current_account().id, _relative(kind, form))
            record("rights.request_registered", SUBJECT_KIND, asked.id, kind=kind.value)
    except AppError as refusal:
        return make_response(_render({field: form.get(field, "") for field in _FIELDS}, refusal), refusal.status)
    say(texts.REGISTERED.format(number=number_of(asked), due=spoken_date(asked.due_on)))
    return redirect(url_for("rights.one", request_id=asked.id), 303)


def find_person(form: Mapping[str, str]) -> uuid.UUID:
    """Whose the number typed is, among those the desk may see; raises `AppError` invalid, not_found."""
    id_type = _member(IdType, form.get("id_type"), names.NUMBER_UNREADABLE)
    try:
        person_id = person_by_number(id_type, form.get("id_number", "")[:40])
    except IdentityFault:
        told = names.NUMBER_UNREADABLE
        raise AppError("invalid", told, 422, errors={"id_number": [told]}) from None
    if person_id is None or not queries.person_in_scope(current_nodes(Permission.HANDLE_RIGHTS), person_id):
        told = names.PERSON_UNKNOWN
        raise AppError("not_found", told, 404, errors={"id_number": [told]})
    return person_id


def _relative(kind: RequestKind, form: Mapping[str, str]) -> Relative | None:
    if kind is not RequestKind.TAKE_DOWN:
        return None
    relation = form.get("relation", "")
    if relation not in set(Relation):
        told = names.RELATIVE_MISSING
        raise AppError("invalid", told, 422, errors={"relation": [told]})
    return Relative(
        form.get("applicant_name", "").strip()[:60],
        form.get("applicant_phone", "").strip()[:30],
        Relation(relation),
        form.get("evidence", "").strip()[:300],
    )


def _member(kind: type[Member], text: str | None, told: str) -> Member:
    if text not in {member.value for member in kind}:
        raise AppError("invalid", told, 422)
    return kind(text)


def _render(values: Mapping[str, str], refusal: AppError | None = None) -> str:
    return render_template(
        "console/rights/new.html",
        values=values,
        errors=refusal.errors if refusal else {},
        problem=refusal.user_text if refusal else None,
        kinds=list(RequestKind),
        papers=PAPER_NAMES,
        relations=names.RELATION_NAMES,
    )
