"""The archivist's steps: take a request, ask one thing, say where the volume lies or that there is none."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import Actor
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.archive import texts
from backend.marriage.archive.asking import REASON_CHARACTERS, one_line
from backend.marriage.archive.history import clean_reason, locked_request, move, office_of, place, record, require
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import drop_reminders, plan_reminders, tell
from backend.marriage.archive.parameters import answer_days, locate_days, ready_days
from backend.marriage.archive.rules import ArchiveState, KeptAt, NotFoundWhy, Sought, lapses_on, locate_by
from backend.marriage.models import Office
from backend.staff import StaffAccount
from backend.storage import atomic, session

# Characters of the columns.
_MOST = {"name": 60, "address": 120, "phone": 30, "volume": 60}


@dataclass(frozen=True)
class Place:
    """Where a volume was found. `volume` is its number on the shelf; the rest is for places other than here.

    `at_window`: it is at the window already. `they_go`: whoever asked goes to where it is kept, and the request ends.
    """

    kept_at: KeptAt
    volume: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    at_window: bool = False
    they_go: bool = False


def take(request_id: uuid.UUID, account_id: uuid.UUID) -> ArchiveRequest:
    """Begin to look for a request; of two archivists at once one is told that the other has it.

    Raises `AppError`: not_found, not_approved, taken, state_conflict.
    """
    with atomic():
        request = locked_request(request_id)
        if request.state is ArchiveState.SEARCHING:
            who = session().scalar(sa.select(StaffAccount.display_name).where(StaffAccount.id == request.archivist_id))
            raise AppError("taken", texts.TAKEN_ALREADY.format(who=who or ""), 409)
        require(request, (ArchiveState.ASKED,))
        if request.needs_approval:
            raise AppError("not_approved", texts.NOT_APPROVED, 409)
        request.archivist_id = account_id
        move(request, "taken", ArchiveState.SEARCHING, _staff(account_id))
        return request


def ask_one_thing(request_id: uuid.UUID, question: str, account_id: uuid.UUID) -> ArchiveRequest:
    """Ask whoever asked one thing; the promised day stands still meanwhile.

    Raises `AppError`: not_found, invalid, state_conflict.
    """
    words = one_line(question)[:REASON_CHARACTERS]
    if not words:
        raise AppError("invalid", texts.QUESTION_MISSING, 422, errors={"question": [texts.QUESTION_MISSING]})
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.SEARCHING,))
        office = office_of(request)
        request.question, request.answer = words, None
        wait_anew(request, ArchiveState.NEED_MORE)
        move(request, "question_asked", ArchiveState.NEED_MORE, _staff(account_id))
        tell("marriage.archive_more", request, office)
        return request


def locate(request_id: uuid.UUID, found: Place, account_id: uuid.UUID) -> ArchiveRequest:
    """Write down where the volume lies; it is fetched, is at the window, or whoever asked goes to where it is.

    Raises `AppError`: not_found, invalid (no volume number, no address), state_conflict.
    """
    kept = _kept(found)
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.SEARCHING,))
        office, actor = office_of(request), _staff(account_id)
        place(request, found.kept_at, one_line(found.volume) or None, kept)
        if found.they_go and found.kept_at is not KeptAt.HERE:
            move(request, "referred", ArchiveState.REFERRED, actor)
            tell("marriage.archive_elsewhere", request, office)
            return request
        move(request, "located", ArchiveState.LOCATED, actor)
        # A check before a reissue needs the entry, not the volume: it is done once the place is known.
        if found.at_window or request.sought is Sought.REISSUE_CHECK:
            _ready(request, office, actor)
        else:
            tell("marriage.archive_located", request, office)
        return request


def mark_ready(request_id: uuid.UUID, account_id: uuid.UUID) -> ArchiveRequest:
    """The volume is at the window. After a lapse too: whoever comes late is served as long as it lies there.

    Raises `AppError`: not_found, state_conflict.
    """
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.LOCATED, ArchiveState.LAPSED))
        if request.kept_at is None:  # lapsed while an answer was awaited
            raise AppError("state_conflict", texts.STATE_TEXTS[request.state], 409)
        _ready(request, office_of(request), _staff(account_id))
        return request


def _ready(request: ArchiveRequest, office: Office, actor: Actor) -> None:
    wait_anew(request, ArchiveState.READY)
    move(request, "readied", ArchiveState.READY, actor)
    tell("marriage.archive_ready", request, office)
    plan_reminders(request, office)


def find_nothing(request_id: uuid.UUID, why: NotFoundWhy, account_id: uuid.UUID) -> ArchiveRequest:
    """There is nothing; whoever asked reads why, and what helps.

    Raises `AppError`: not_found, state_conflict.
    """
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.SEARCHING,))
        request.not_found_why = why
        move(request, "not_found", ArchiveState.NOT_FOUND, _staff(account_id), detail={"why": why.value})
        tell("marriage.archive_not_found", request, office_of(request))
        return request


def reopen(request_id: uuid.UUID, reason: str, account_id: uuid.UUID) -> ArchiveRequest:
    """Look again: something new is known, or the volume is missing after all; a new day is promised.

    Raises `AppError`: not_found, invalid (no reason), state_conflict.
    """
    words = clean_reason(reason)
    if not words:
        raise AppError("invalid", texts.REFUSAL_REASON_MISSING, 422, errors={"reason": [texts.REFUSAL_REASON_MISSING]})
    with atomic():
        request = locked_request(request_id)
        request.archivist_id = account_id
        move(request, "reopened", ArchiveState.SEARCHING, _staff(account_id), words)
        drop_reminders(request.id)
        promise_anew(request)
        return request


def hand_over(request_id: uuid.UUID, office_id: uuid.UUID, account_id: uuid.UUID) -> ArchiveRequest:
    """Give a request that nobody has taken yet to the registry that keeps those years.

    Raises `AppError`: not_found, invalid (the same registry), state_conflict.
    """
    with atomic() as db:
        request = locked_request(request_id)
        require(request, (ArchiveState.ASKED,))
        if db.get(Office, office_id) is None:
            raise AppError("not_found", texts.OFFICE_UNKNOWN, 404)
        if office_id == request.office_id:
            raise AppError("invalid", texts.SAME_OFFICE, 422, errors={"office": [texts.SAME_OFFICE]})
        request.office_id = office_id
        db.flush()
        record(request, "moved_out", _staff(account_id), request.state)
        return request


def promise_anew(request: ArchiveRequest) -> None:
    """Count the promised day from today on."""
    due = locate_by(today(), locate_days(office_of(request).code), legal_calendar())
    request.due_on, request.due_from, request.due_provisional = due.day, today(), due.provisional
    session().flush()


def wait_anew(request: ArchiveRequest, state: ArchiveState) -> None:
    """Count the last day of waiting for an answer or a visit from today on; before the move to that state."""
    office = office_of(request)
    days = answer_days(office.code) if state is ArchiveState.NEED_MORE else ready_days(office.code)
    request.until = lapses_on(today(), days, legal_calendar()).day


def _kept(found: Place) -> tuple[str, str, str] | None:
    if found.kept_at is KeptAt.HERE:
        if not one_line(found.volume):
            raise AppError("invalid", texts.VOLUME_MISSING, 422, errors={"volume": [texts.VOLUME_MISSING]})
        _short(found.volume, "volume", _MOST["volume"])
        return None
    kept = (one_line(found.name), one_line(found.address), one_line(found.phone))
    if not all(kept):
        raise AppError("invalid", texts.PLACE_MISSING, 422, errors={"name": [texts.PLACE_MISSING]})
    for text, key in zip((*kept, found.volume), _MOST, strict=True):
        _short(text, key, _MOST[key])
    return kept


def _short(text: str, key: str, most: int) -> None:
    if len(one_line(text)) > most:
        told = texts.TEXT_LONG.format(most=most)
        raise AppError("invalid", told, 422, errors={key: [told]})


def _staff(account_id: uuid.UUID) -> Actor:
    return Actor("staff", account_id)
