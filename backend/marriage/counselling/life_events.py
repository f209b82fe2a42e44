"""What becomes of talks and calls back when somebody dies: they end, and nobody is written to about it.

When the death turns out to be a mistake, a talk comes back if its time lies ahead and is free.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.counselling.callbacks import end_callback
from backend.marriage.counselling.history import locked_session, move
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.notices import plan
from backend.marriage.counselling.places import fill, take_time
from backend.marriage.counselling.rules import CallbackState, Outcome, SessionState
from backend.marriage.counselling.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.marriage.models import Office
from backend.people.life_events import EventKind, Handler, Happening, NotRestored, Reaction, on_life_event
from backend.storage import atomic, locked, session

ROOM = "marriage.counselling"


def react_to_life_events() -> None:
    """Take part in the events that concern counselling; called once when the application is put together."""
    parts = {
        EventKind.DEATH: (_end, _preview_end),
        EventKind.DEATH_REVERSED: (_restore, _preview_restore),
    }
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(CounsellingSession.id, CounsellingSession.number, Office.name, Office.phone)
    rows = session().execute(
        query.join(Office, Office.id == CounsellingSession.office_id).where(CounsellingSession.id.in_(ids))
    )
    return {row.id: f"{row.number} {row.name} {row.phone}" for row in rows}


def _sessions(happening: Happening) -> Sequence[uuid.UUID]:
    query = sa.select(CounsellingSession.id).where(
        CounsellingSession.person_id == happening.person_id, CounsellingSession.state == SessionState.BOOKED
    )
    return session().scalars(query.order_by(CounsellingSession.id)).all()


def _callbacks(happening: Happening) -> Sequence[uuid.UUID]:
    query = sa.select(Callback.id).where(
        Callback.person_id == happening.person_id, Callback.state != CallbackState.CLOSED
    )
    return session().scalars(query.order_by(Callback.id)).all()


def _preview_end(happening: Happening) -> Mapping[str, int]:
    return {"sessions_ended": len(_sessions(happening)), "callbacks_ended": len(_callbacks(happening))}


def _end(happening: Happening) -> Reaction:
    ended = []
    for session_id in _sessions(happening):
        row = locked_session(session_id)
        if row.state is SessionState.BOOKED:
            move(row, "stopped_by_life_event", SessionState.CANCELLED, SYSTEM)
            plan(row)
            ended.append(session_id)
    calls = _callbacks(happening)
    for callback_id in calls:
        call = locked(Callback, callback_id)
        if call is not None and call.state is not CallbackState.CLOSED:
            end_callback(call, Outcome.MOOT)
    counts = {"sessions_ended": len(ended), "callbacks_ended": len(calls)}
    return Reaction(counts, {"sessions": [str(one) for one in ended]})


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"sessions_restored": len(happening.undo.get("sessions", ()))}


def _restore(happening: Happening) -> Reaction:
    wanted = [uuid.UUID(text) for text in happening.undo.get("sessions", ())]
    restored = [one for one in wanted if _take_back(one)]
    left = [NotRestored("counselling_session", one) for one in wanted if one not in restored]
    return Reaction({"sessions_restored": len(restored)}, not_restored=left)


def _take_back(session_id: uuid.UUID) -> bool:
    row = locked(CounsellingSession, session_id)
    if row is None or row.state is not SessionState.CANCELLED or row.starts_at <= now() or row.phone_sealed is None:
        return False
    office = session().get_one(Office, row.office_id)
    try:
        with atomic():
            taken = take_time(office, row.matter, row.way, row.starts_at, row.counsellor_id)
            fill(row, taken)
            move(row, "restored_by_life_event", SessionState.BOOKED, SYSTEM)
    except (AppError, sa.exc.IntegrityError):  # the time is taken, or they have booked anew
        session().refresh(row)
        return False
    plan(row)
    return True
