"""How a request ends: carried out through the rooms' holdings, or refused with a reason and what one may do then."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.kernel.personal_data import Kept
from backend.people.models import Person, WeChatIdentity
from backend.people.rights import texts
from backend.people.rights.copies import make_copy
from backend.people.rights.holdings import erase_person
from backend.people.rights.holds import is_held
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import Relative, ask, locked_request, move, number_of
from backend.people.rights.rules import AT_ONCE, RefusalReason, RequestKind, RequestState, Via
from backend.storage import atomic, session
from messages import Subject, post

SUBJECT_KIND = "rights_request"


def ask_for_oneself(person_id: uuid.UUID, kind: RequestKind, words: str, via: Via, *, confirmed: bool) -> RightsRequest:
    """A resident's own request. A copy and closing the account are carried out at once.

    Raises `AppError`: invalid (no words; closing unconfirmed; a relative's request), state_conflict.
    """
    if kind is RequestKind.TAKE_DOWN:
        raise AppError("invalid", texts.NOT_DEAD, 422, errors={"kind": [texts.NOT_DEAD]})
    if kind is RequestKind.CLOSE_ACCOUNT and not confirmed:
        raise AppError("invalid", texts.CLOSE_UNCONFIRMED, 422, errors={"confirmed": [texts.CLOSE_UNCONFIRMED]})
    actor = Actor("resident", person_id)
    with atomic():
        request = ask(person_id, kind, words, via, actor)
        if kind in AT_ONCE:
            _carry_out(request)
            move(request, "done", RequestState.DONE, actor)
        return request


def ask_at_desk(
    person_id: uuid.UUID, kind: RequestKind, words: str, account_id: uuid.UUID, relative: Relative | None = None
) -> RightsRequest:
    """A request that somebody brings to the counter, for themselves or as a close relative of the dead (PIPL 49).

    Raises `AppError`: invalid (no words; a relative without name, relation or papers; a person not recorded dead),
    state_conflict.
    """
    if (kind is RequestKind.TAKE_DOWN) != (relative is not None):
        raise _relative_missing()
    if relative is not None:
        if not relative.name.strip() or not relative.evidence.strip():
            raise _relative_missing()
        if session().scalar(sa.select(Person.died_on).where(Person.id == person_id)) is None:
            raise AppError("invalid", texts.NOT_DEAD, 422, errors={"kind": [texts.NOT_DEAD]})
    return ask(person_id, kind, words, Via.DESK, Actor("staff", account_id), relative)


def _relative_missing() -> AppError:
    return AppError("invalid", texts.RELATIVE_MISSING, 422, errors={"relative": [texts.RELATIVE_MISSING]})


def take_up(request_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """An officer begins. Raises `AppError`: not_found, state_conflict."""
    with atomic():
        request = locked_request(request_id)
        request.handler_id = account_id
        move(request, "taken", RequestState.IN_WORK, Actor("staff", account_id))


def complete(request_id: uuid.UUID, account_id: uuid.UUID, words: str) -> RightsRequest:
    """Carry a request out and tell the person. `words`: what was done, needed for a correction.

    Raises `AppError`: not_found; state_conflict, also while a legal hold stands; invalid without words.
    """
    words = words.strip()
    with atomic():
        request = locked_request(request_id)
        if request.kind is RequestKind.CORRECT and not words:
            raise AppError("invalid", texts.ANSWER_MISSING, 422, errors={"words": [texts.ANSWER_MISSING]})
        if request.kind in (RequestKind.DELETE, RequestKind.TAKE_DOWN) and is_held(request.person_id):
            raise AppError("state_conflict", texts.HELD, 409)
        request.handler_id = account_id
        request.answer = words or None
        move(request, "done", RequestState.DONE, Actor("staff", account_id))
        _carry_out(request)
        _tell(request, texts.STATE_NAMES[RequestState.DONE], texts.TOLD_DONE[request.kind])
        return request


def refuse(request_id: uuid.UUID, account_id: uuid.UUID, reason: RefusalReason, words: str) -> RightsRequest:
    """Refuse a request; the person hears the reason, the remedy and where they can go with it (PIPL 50).

    Raises `AppError`: not_found, state_conflict.
    """
    words = words.strip()
    with atomic():
        request = locked_request(request_id)
        request.handler_id, request.refusal = account_id, reason
        request.answer = words or None
        move(request, "refused", RequestState.REFUSED, Actor("staff", account_id))
        _tell(request, texts.STATE_NAMES[RequestState.REFUSED], texts.REASON_NAMES[reason])
        return request


def _carry_out(request: RightsRequest) -> None:
    if request.kind is RequestKind.EXPORT:
        make_copy(request)
    elif request.kind is not RequestKind.CORRECT:
        erased = erase_person(request.person_id)
        request.outcome = {"erased": erased.rows, "kept": _codes(erased.kept)}
        session().flush()


def _codes(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    return [{"title": k.title, "reason": k.reason, "until": k.until and k.until.isoformat()} for k in kept]


def _tell(request: RightsRequest, result: str, hint: str) -> None:
    """Tell whoever asked in WeChat; who has no account there was at the counter and is told there."""
    has_account = sa.exists().where(WeChatIdentity.person_id == request.person_id)
    if not session().scalar(sa.select(has_account)):
        return
    post(
        "privacy.request_answered",
        recipient_id=request.person_id,
        subject=Subject(SUBJECT_KIND, request.id),
        data={
            "matter": texts.KIND_NAMES[request.kind],
            "number": number_of(request),
            "result": result,
            "hint": hint,
        },
        key=f"privacy.request_answered:{request.id}",
    )
