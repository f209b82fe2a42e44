"""Two rows turned out to be one person: their talks and calls back are one person's."""

from __future__ import annotations

import uuid
from typing import TypeVar

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.marriage.counselling.callbacks import end_callback
from backend.marriage.counselling.change import end
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.notices import plan
from backend.marriage.counselling.rules import CallbackState, Outcome, SessionState
from backend.marriage.counselling.texts import CANCELLED_AGAIN
from backend.storage import session

_Row = TypeVar("_Row")


def join_counselling(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what stood under `joined_id`. Of two talks that lie ahead the sooner stays, of two calls back
    the one that is due first.
    """
    both = (joined_id, person_id)
    booked = sa.select(CounsellingSession).where(
        CounsellingSession.person_id.in_(both), CounsellingSession.state == SessionState.BOOKED
    )
    for row in _locked(booked.order_by(CounsellingSession.starts_at, CounsellingSession.id))[1:]:
        end(row, "joined", SYSTEM, CANCELLED_AGAIN)
    waiting = sa.select(Callback).where(Callback.person_id.in_(both), Callback.state != CallbackState.CLOSED)
    for call in _locked(waiting.order_by(Callback.due_at, Callback.id))[1:]:
        end_callback(call, Outcome.MERGED)
    for table in (CounsellingSession, Callback):
        session().execute(
            sa.update(table).where(table.person_id == joined_id).values(person_id=person_id),
            execution_options={"synchronize_session": "fetch"},
        )
    for row in _locked(booked):
        plan(row)


def _locked(query: sa.Select[_Row]) -> list[_Row]:
    return list(session().scalars(query.with_for_update().execution_options(populate_existing=True)))
