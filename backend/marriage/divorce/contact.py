"""Use cases of whoever looks after people: take a care, note a contact, mark a risk; and the registrar's call."""

from __future__ import annotations

import uuid
from enum import StrEnum

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.divorce import texts
from backend.marriage.divorce.history import locked_case, record, require
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact, DivorceParty
from backend.marriage.divorce.rules import CaseState, ContactState
from backend.storage import atomic, locked, session

NOTE_CHARACTERS = 2000


class CallOutcome(StrEnum):
    """What came of a registrar's call about a window that closes."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"


def note_call(case_id: uuid.UUID, position: int, outcome: CallOutcome, account_id: uuid.UUID) -> None:
    """Note a call about the end of the window (§2.5-3); codes only, no words of what was said.

    Raises `AppError` not_found, invalid, state_conflict outside the window.
    """
    if position not in (0, 1):
        raise AppError("invalid", texts.WHO_MISSING, 422, errors={"position": [texts.WHO_MISSING]})
    with atomic():
        case = locked_case(case_id)
        require(case, (CaseState.WINDOW,))
        detail = {"position": position, "outcome": outcome.value}
        record(case, "called", Actor("staff", account_id), case.state, detail=detail)


def take_care(care_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Make a care one's own: one person is called by one worker. Raises `AppError` not_found, state_conflict."""
    with atomic():
        care = _locked(care_id)
        if care.worker_id not in (None, account_id):
            raise AppError("state_conflict", texts.CARE_TAKEN, 409)
        if care.ended_at is not None:
            raise AppError("state_conflict", texts.CARE_OVER, 409)
        care.worker_id = account_id


def release_care(care_id: uuid.UUID) -> None:
    """Let somebody else take a care; the notes stay with it. Raises `AppError` not_found, state_conflict."""
    with atomic():
        care = _locked(care_id)
        if care.ended_at is not None:
            raise AppError("state_conflict", texts.CARE_OVER, 409)
        care.worker_id = None


def note_contact(contact_id: uuid.UUID, account_id: uuid.UUID, *, reached: bool, note: str) -> None:
    """Note one contact by the worker whose care it is, on its day or later; the note is sealed.

    Raises `AppError` not_found (also for a colleague's), invalid (too long), state_conflict (done, dropped), too_early.
    """
    words = note.strip()
    if len(words) > NOTE_CHARACTERS:
        raise AppError("invalid", texts.NOTE_LONG, 422, errors={"note": [texts.NOTE_LONG]})
    with atomic():
        contact = locked(DivorceCareContact, contact_id)
        care = None if contact is None else _locked(contact.care_id)
        if contact is None or care is None or care.worker_id != account_id:
            raise AppError("not_found", texts.CARE_UNKNOWN, 404)
        if contact.state is not ContactState.DUE:
            raise AppError("state_conflict", texts.CONTACT_DONE, 409)
        if contact.due_on > today():
            raise AppError("too_early", texts.CONTACT_EARLY, 409)
        contact.state = ContactState.REACHED if reached else ContactState.NOT_REACHED
        contact.done_at, contact.done_by = now(), account_id
        contact.note = words or None


def mark_risk(party_id: uuid.UUID, *, at_risk: bool) -> None:
    """Note, or take back, that a person is at risk of violence (E9); in effect at once, and no reason is stored."""
    with atomic():
        changed = session().execute(
            sa.update(DivorceParty)
            .where(DivorceParty.id == party_id)
            .values(at_risk=at_risk)
            .returning(DivorceParty.id)
            .execution_options(synchronize_session="fetch")
        )
        if changed.first() is None:
            raise AppError("not_found", texts.CASE_UNKNOWN, 404)


def _locked(care_id: uuid.UUID) -> DivorceCare:
    care = locked(DivorceCare, care_id)
    if care is None:
        raise AppError("not_found", texts.CARE_UNKNOWN, 404)
    return care
