"""Use cases on a session that is booked: moved or given up by whoever booked; placed or called off by the desk."""

from __future__ import annotations

import uuid
from datetime import datetime

from backend.kernel.actors import Actor
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.marriage.counselling import texts
from backend.marriage.counselling.history import locked_session, move, not_found, require_booked
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.notices import plan, tell
from backend.marriage.counselling.offers import offers, offers_at_desk
from backend.marriage.counselling.parameters import move_lead
from backend.marriage.counselling.places import put, take_for
from backend.marriage.counselling.rules import SessionState
from backend.marriage.models import Office
from backend.storage import atomic, session

REASON_CHARACTERS = 60


def move_counselling(session_id: uuid.UUID, starts_at: datetime, person_id: uuid.UUID) -> CounsellingSession:
    """Move one's own session to another free time, with the same counsellor where they are free; moving it to where it
    is changes nothing. The old time is given up last.

    Raises `AppError`: not_found, state_conflict, too_late, slot_full.
    """
    with atomic():
        row = _own(session_id, person_id)
        require_booked(row)
        if row.starts_at == starts_at:
            return row
        office = session().get_one(Office, row.office_id)
        lead = move_lead(office.code)
        if now() > row.starts_at - lead:
            minutes = int(lead.total_seconds()) // 60
            raise AppError("too_late", texts.MOVE_LATE.format(minutes=minutes), 409)
        day = starts_at.astimezone(BEIJING).date()
        found = next((one for one in offers(office, row.matter, row.way, day, day) if one.starts_at == starts_at), None)
        if found is None:
            raise AppError("slot_full", texts.TIME_TAKEN, 409)
        known = [one for one in found.counsellors if one.resource_id == row.counsellor_id]
        put(row, take_for(row, (known or found.counsellors)[0], found))
        _changed(row, "moved", Actor("resident", person_id), "marriage.counselling_booked")
        return row


def cancel_counselling(session_id: uuid.UUID, person_id: uuid.UUID) -> CounsellingSession:
    """Give one's own session up before it begins; twice is once.

    Raises `AppError`: not_found, too_late, state_conflict.
    """
    with atomic():
        row = _own(session_id, person_id)
        if row.state is SessionState.CANCELLED:
            return row
        if row.state is SessionState.BOOKED and row.starts_at <= now():
            raise AppError("too_late", texts.BEGUN, 409)
        require_booked(row)
        end(row, "cancelled", Actor("resident", person_id), texts.CANCELLED_BY_PERSON)
        return row


def place_session(
    session_id: uuid.UUID, counsellor_id: uuid.UUID, starts_at: datetime, account_id: uuid.UUID
) -> CounsellingSession:
    """Put a session at another time or with another counsellor; whoever booked is told.

    Raises `AppError`: not_found, state_conflict, slot_full.
    """
    with atomic():
        row = locked_session(session_id)
        require_booked(row)
        office, day = session().get_one(Office, row.office_id), starts_at.date()
        for offer in offers_at_desk(office, row, day, day):
            chosen = next((one for one in offer.counsellors if one.resource_id == counsellor_id), None)
            if offer.starts_at == starts_at and chosen is not None:
                put(row, take_for(row, chosen, offer))
                detail = {"counsellor": str(counsellor_id)}
                _changed(row, "placed", Actor("staff", account_id), "marriage.counselling_changed", detail=detail)
                return row
        raise AppError("slot_full", texts.TIME_TAKEN, 409)


def see_alone(session_id: uuid.UUID, account_id: uuid.UUID) -> CounsellingSession:
    """Have a session of two be one of whoever booked; the words they read are the same for everybody.

    Raises `AppError`: not_found, state_conflict.
    """
    with atomic():
        row = locked_session(session_id)
        require_booked(row)
        if row.together:
            row.together = False
            actor = Actor("staff", account_id)
            _changed(row, "apart", actor, "marriage.counselling_changed", hint=texts.SEE_ALONE)
        return row


def call_off(session_id: uuid.UUID, reason: str, account_id: uuid.UUID) -> CounsellingSession:
    """Call a session off; whoever booked reads the reason, which must not say what it is about.

    Raises `AppError`: not_found, invalid, state_conflict.
    """
    words = " ".join(reason.split())[:REASON_CHARACTERS]
    tells = any(word in words for word in texts.TELLING)
    told = texts.REASON_MISSING if not words else texts.REASON_QUIET if tells else None
    if told is not None:
        raise AppError("invalid", told, 422, errors={"reason": [told]})
    with atomic():
        row = locked_session(session_id)
        require_booked(row)
        end(row, "called_off", Actor("staff", account_id), words)
        return row


def end(row: CounsellingSession, event: str, actor: Actor, reason: str) -> None:
    """Cancel a locked session and tell whoever booked."""
    move(row, event, SessionState.CANCELLED, actor, reason)
    plan(row)
    tell("marriage.counselling_cancelled", row, reason=reason)


def _changed(
    row: CounsellingSession,
    event: str,
    actor: Actor,
    notice: str,
    *,
    hint: str | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    move(row, event, SessionState.BOOKED, actor, detail=detail)
    plan(row)
    tell(notice, row, hint=hint)


def _own(session_id: uuid.UUID, person_id: uuid.UUID) -> CounsellingSession:
    row = locked_session(session_id)
    if row.person_id != person_id:
        raise not_found()
    return row
