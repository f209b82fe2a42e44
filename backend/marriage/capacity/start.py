"""Use case `start_move`: a line for every appointment that lost its time, in the order in which they are helped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import Hit, hit_by
from backend.marriage.capacity.change import days_of, lock_office
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.rules import LineState
from backend.marriage.days import plan_as_written
from backend.marriage.notices import drop_reminders
from backend.marriage.offices import OfficeView
from backend.storage import locked, session, transaction


def start_move(place: OfficeView, move_id: uuid.UUID, account_id: uuid.UUID) -> int:
    """Begin a bulk move; `place_waiting` gives each line its new time. Starting twice is the same as once.

    Returns how many appointments are in it. Raises `AppError`: not_found, state_conflict when nobody is left to move.
    """
    with transaction():
        lock_office(place)  # two officers at once: the second finds it started
        move = locked(BulkMove, move_id)
        if move is None or move.office_id != place.id:
            raise AppError("not_found", texts.MOVE_UNKNOWN, 404)
        if move.started_at is not None:
            return _lines(move)
        moment = now()
        hits = hit_by(place, plan_as_written(place, moment), days_of(move))
        if not hits:
            raise AppError("state_conflict", texts.NOTHING_TO_MOVE, 409)
        add_lines(move, hits)
        move.started_at, move.started_by = moment, account_id
        return len(hits)


def add_lines(move: BulkMove, hits: Sequence[Hit]) -> None:
    """A line for each of these appointments, in their order and the open transaction; nobody reminds them any more."""
    moment = now()
    for rank, hit in enumerate(hits):
        line = MoveLine(
            id=new_id(),
            move_id=move.id,
            appointment_id=hit.id,
            rank=rank,
            by_phone=hit.closing,
            state=LineState.WAITING,
            old_starts_at=hit.starts_at,
            created_at=moment,
            changed_at=moment,
        )
        session().add(line)
        drop_reminders(hit.id)
    session().flush()


def _lines(move: BulkMove) -> int:
    return session().query(MoveLine).filter(MoveLine.move_id == move.id).count()
