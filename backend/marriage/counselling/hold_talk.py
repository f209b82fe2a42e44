"""Use cases of whoever counsels: came, absent, done; the note; the video's link; a mark that somebody is at risk."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlsplit

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.counselling import texts
from backend.marriage.counselling.history import conflict, locked_session, move, require_booked
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.notices import plan, tell
from backend.marriage.counselling.rules import NOTED, SessionState, Way
from backend.storage import atomic, session, transaction

NOTE_CHARACTERS = 4000
LINK_CHARACTERS = 500
_BATCH = 100
_NUMBER = re.compile(r"\d{15}")
_EVENTS = {SessionState.CAME: "came", SessionState.ABSENT: "absent", SessionState.DONE: "done"}


def note_state(session_id: uuid.UUID, to_state: SessionState, account_id: uuid.UUID) -> CounsellingSession:
    """Note that somebody came (on the day), did not come, or that the talk is over; twice is once.

    Raises `AppError`: not_found, too_early, state_conflict.
    """
    with atomic():
        row = locked_session(session_id)
        if row.state is to_state:
            return row
        begun = row.starts_at.date() == now().date() if to_state is SessionState.CAME else row.starts_at <= now()
        if row.state is SessionState.BOOKED and not begun:
            raise AppError("too_early", texts.NOT_YET, 409)
        move(row, _EVENTS[to_state], to_state, Actor("staff", account_id))
        plan(row)
        return row


def write_note(session_id: uuid.UUID, note: str) -> CounsellingSession:
    """Keep the counsellor's note, sealed; an empty one takes it away.

    Raises `AppError`: not_found, invalid, too_early, state_conflict (called off).
    """
    words = note.strip()
    if len(words) > NOTE_CHARACTERS:
        raise AppError("invalid", texts.NOTE_LONG, 422, errors={"note": [texts.NOTE_LONG]})
    with atomic():
        row = locked_session(session_id)
        if row.state is SessionState.BOOKED:
            raise AppError("too_early", texts.NOTE_EARLY, 409)
        if row.state not in NOTED:
            raise conflict(row.state)
        row.note, row.noted_at = (words, now()) if words else (None, None)
        session().flush()
        return row


def enter_link(session_id: uuid.UUID, link: str) -> CounsellingSession:
    """Say where the video is; whoever booked is told that it is there, never where. The same again changes nothing.

    Raises `AppError`: not_found, invalid, state_conflict.
    """
    address = link.strip()
    with atomic():
        row = locked_session(session_id)
        require_booked(row)
        if row.way is not Way.VIDEO:
            raise AppError("invalid", texts.LINK_NOT_VIDEO, 422, errors={"link": [texts.LINK_NOT_VIDEO]})
        if not _is_link(address):
            raise AppError("invalid", texts.LINK_FORM, 422, errors={"link": [texts.LINK_FORM]})
        if row.link != address:
            row.link, row.changed_at = address, now()
            session().flush()
            tell("marriage.counselling_link_ready", row, hint=texts.LINK_READY)
        return row


def mark_risk(session_id: uuid.UUID, *, at_risk: bool) -> CounsellingSession:
    """Note, or take back, that somebody is at risk of violence (E9); in effect at once, and no reason is stored."""
    with atomic():
        row = locked_session(session_id)
        row.at_risk = at_risk
        session().flush()
        return row


def close_over() -> int:
    """Note that the time of sessions has passed; their counsellors are asked how it went. Run by the tick."""
    query = (
        sa.select(CounsellingSession.id)
        .where(CounsellingSession.state == SessionState.BOOKED, CounsellingSession.ends_at <= now())
        .order_by(CounsellingSession.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as db:
        ids = db.scalars(query).all()
        for session_id in ids:
            row = locked_session(session_id)
            move(row, "over", SessionState.OVER, SYSTEM)
            plan(row)
    return len(ids)


def _is_link(address: str) -> bool:
    parts = urlsplit(address)
    whole = parts.scheme == "https" and bool(parts.hostname) and not re.search(r"\s", address)
    return whole and len(address) <= LINK_CHARACTERS and not _NUMBER.search(address)
