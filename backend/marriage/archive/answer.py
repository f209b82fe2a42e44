"""What whoever asked can still do: answer the one question, or take the request back."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.kernel.errors import AppError
from backend.marriage.archive import texts
from backend.marriage.archive.asking import REASON_CHARACTERS, one_line
from backend.marriage.archive.history import clean_reason, locked_request, move, own_request, require
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import drop_reminders
from backend.marriage.archive.rules import ArchiveState
from backend.marriage.archive.search import promise_anew
from backend.storage import atomic


def answer(request_id: uuid.UUID, words: str, person_id: uuid.UUID) -> ArchiveRequest:
    """Answer what was asked; a new day is promised. The same answer twice is once.

    Raises `AppError`: not_found (also for somebody else's), invalid, state_conflict.
    """
    with atomic():
        request = own_request(request_id, person_id)
        return _answer(request, words, Actor("resident", person_id))


def answer_for_them(request_id: uuid.UUID, words: str, account_id: uuid.UUID) -> ArchiveRequest:
    """Write down what somebody answered on the telephone or at the counter; errors as for `answer`."""
    with atomic():
        return _answer(locked_request(request_id), words, Actor("staff", account_id))


def _answer(request: ArchiveRequest, words: str, actor: Actor) -> ArchiveRequest:
    told = one_line(words)
    if not told:
        raise AppError("invalid", texts.ANSWER_MISSING, 422, errors={"answer": [texts.ANSWER_MISSING]})
    if len(told) > REASON_CHARACTERS:
        long = texts.TEXT_LONG.format(most=REASON_CHARACTERS)
        raise AppError("invalid", long, 422, errors={"answer": [long]})
    if request.state is ArchiveState.SEARCHING and request.answer == told:
        return request
    require(request, (ArchiveState.NEED_MORE,))
    request.answer = told
    move(request, "answered", ArchiveState.SEARCHING, actor)
    promise_anew(request)
    return request


def withdraw(request_id: uuid.UUID, person_id: uuid.UUID) -> ArchiveRequest:
    """Take a request back; twice is once. Raises `AppError`: not_found, state_conflict."""
    with atomic():
        request = own_request(request_id, person_id)
        if request.state is not ArchiveState.WITHDRAWN:
            _withdraw(request, Actor("resident", person_id), None)
        return request


def withdraw_for_them(request_id: uuid.UUID, reason: str, account_id: uuid.UUID) -> ArchiveRequest:
    """Note at the desk that somebody has taken their request back. Raises `AppError`: not_found, state_conflict."""
    with atomic():
        request = locked_request(request_id)
        _withdraw(request, Actor("staff", account_id), clean_reason(reason) or None)
        return request


def _withdraw(request: ArchiveRequest, actor: Actor, reason: str | None) -> None:
    move(request, "withdrawn", ArchiveState.WITHDRAWN, actor, reason)
    drop_reminders(request.id)
