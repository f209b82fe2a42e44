"""What bulk moves hold about a person: told with their appointment, kept and erased with it (PIPL 45, 47)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import BEIJING
from backend.kernel.personal_data import Holding, Kept, Section
from backend.marriage.capacity import texts
from backend.marriage.capacity.models import MoveLine
from backend.marriage.models import Appointment
from backend.storage import session


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    query = (
        sa.select(MoveLine, Appointment.number)
        .join(Appointment, Appointment.id == MoveLine.appointment_id)
        .where(Appointment.booked_by == person_id)
        .order_by(MoveLine.created_at, MoveLine.id)
    )
    records = [_record(line, number or "") for line, number in session().execute(query)]
    return [Section(texts.HELD_MOVES, records, texts.HELD_KEPT)]


def _record(line: MoveLine, number: str) -> Mapping[str, str]:
    told = {
        texts.L_NUMBER: number,
        texts.L_OLD: template_moment(line.old_starts_at.astimezone(BEIJING)),
        texts.L_NEW: template_moment(line.new_starts_at.astimezone(BEIJING)) if line.new_starts_at else "",
        texts.L_STATE: texts.LINE_NAMES[line.state],
        texts.L_CALL: texts.CALL_NAMES[line.call] if line.call else "",
        texts.L_NOTE: line.note or "",
    }
    return {label: text for label, text in told.items() if text}


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    """The rows go with their appointments; what an officer wrote down of a call goes at once."""
    mine = sa.select(Appointment.id).where(Appointment.booked_by == person_id)
    gone = session().execute(
        sa.update(MoveLine)
        .where(MoveLine.appointment_id.in_(mine), MoveLine.note_sealed.is_not(None))
        .values(note_sealed=None)
        .returning(MoveLine.id)
        .execution_options(synchronize_session=False)
    )
    return {"marriage_move_lines": len(gone.all())}


def _keeps(_person_id: uuid.UUID) -> Sequence[Kept]:
    """Nothing of its own: what is kept is told with the appointment."""
    return ()


capacity_holding = Holding(
    name="marriage_moves",
    title=texts.HELD_MOVES,
    tables=frozenset({MoveLine.__tablename__}),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
)
