"""What is held about a person in counselling: told whole, but for the counsellor's private note, of which it is told
that it is there (docs/privacy.md says why). Erased but for sealed notes, which are kept three years without a name.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.personal_data import Holding, Kept, Section
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import Callback, CounsellingEvent, CounsellingSession
from backend.marriage.counselling.retention import CONTACT_GONE, NOTES_FOR
from backend.marriage.counselling.rules import CallbackState, SessionState
from backend.storage import session

_UNDER_WAY = (SessionState.BOOKED, SessionState.CAME)
_UNTRACKED = {"synchronize_session": False}


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    return [
        Section(texts.HELD, _sessions(person_id), texts.HELD_KEPT),
        Section(texts.HELD_CALLBACKS, _callbacks(person_id), texts.HELD_CALLBACKS_KEPT),
    ]


def _sessions(person_id: uuid.UUID) -> list[Mapping[str, str]]:
    query = (
        sa.select(CounsellingSession)
        .where(CounsellingSession.person_id == person_id)
        .options(joinedload(CounsellingSession.counsellor), joinedload(CounsellingSession.office))
        .order_by(CounsellingSession.created_at)
    )
    return [_record(row) for row in session().scalars(query)]


def _record(row: CounsellingSession) -> Mapping[str, str]:
    told = {
        texts.L_NUMBER: row.number,
        texts.L_WHAT: texts.MATTER_NAMES[row.matter],
        texts.L_WAY: texts.WAY_NAMES[row.way],
        texts.L_WHEN: spoken_moment(row.starts_at),
        texts.L_WHO: f"{row.office.name} {row.counsellor.name}",
        texts.L_STATE: texts.STATE_NAMES[row.state],
        texts.L_NAME: row.name,
        texts.L_PHONE: row.phone,
        texts.L_GUARDIAN: row.guardian,
        texts.L_ABOUT: row.about,
        texts.L_NOTE: texts.NOTE_THERE if row.note_sealed is not None else None,
    }
    return {label: text for label, text in told.items() if text}


def _callbacks(person_id: uuid.UUID) -> list[Mapping[str, str]]:
    query = sa.select(Callback).where(Callback.person_id == person_id).order_by(Callback.raised_at)
    return [
        {
            texts.L_RAISED: spoken_moment(row.raised_at),
            texts.L_NAME: row.name or "",
            texts.L_PHONE: row.phone or "",
            texts.L_OUTCOME: texts.OUTCOME_NAMES[row.outcome] if row.outcome else texts.CALLBACK_STATES[row.state],
        }
        for row in session().scalars(query)
    ]


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    over = sa.and_(CounsellingSession.person_id == person_id, CounsellingSession.state.not_in(_UNDER_WAY))
    gone = session().execute(
        sa.delete(CounsellingSession)
        .where(over, CounsellingSession.note_sealed.is_(None))
        .returning(CounsellingSession.id),
        execution_options=_UNTRACKED,
    )
    session().execute(sa.update(CounsellingSession).where(over).values(**CONTACT_GONE), execution_options=_UNTRACKED)
    closed = session().execute(
        sa.delete(Callback)
        .where(Callback.person_id == person_id, Callback.state == CallbackState.CLOSED)
        .returning(Callback.id),
        execution_options=_UNTRACKED,
    )
    return {"counselling_sessions": len(gone.all()), "counselling_callbacks": len(closed.all())}


def _keeps(person_id: uuid.UUID) -> Sequence[Kept]:
    query = (
        sa.select(CounsellingSession)
        .where(
            CounsellingSession.person_id == person_id,
            sa.or_(CounsellingSession.state.in_(_UNDER_WAY), CounsellingSession.note_sealed.is_not(None)),
        )
        .order_by(CounsellingSession.created_at)
    )
    open_calls = sa.select(Callback.id).where(Callback.person_id == person_id, Callback.state != CallbackState.CLOSED)
    calls = [Kept(texts.KEPT_CALLBACK, texts.WHY_CALLBACK) for _ in session().scalars(open_calls)]
    return [*(_kept(row) for row in session().scalars(query)), *calls]


def _kept(row: CounsellingSession) -> Kept:
    title = texts.KEPT_TITLE.format(number=row.number)
    if row.state in _UNDER_WAY:
        return Kept(title, texts.WHY_UNDER_WAY)
    return Kept(title, texts.WHY_NOTE, NOTES_FOR.last_day(row.ends_at.date()))


counselling_holding = Holding(
    name="counselling",
    title=texts.HELD,
    tables=frozenset(table.__tablename__ for table in (CounsellingSession, CounsellingEvent, Callback)),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
)
