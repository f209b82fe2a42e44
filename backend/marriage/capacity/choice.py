"""The free choice of a couple whose time the registry has taken away (domain-rules §2.5-4).

While a line is open its couple moves or gives up whenever it likes, and nothing is counted. The core's commands import
this module, so it imports none of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.marriage.capacity.models import MoveLine
from backend.marriage.capacity.rules import MOVES, OPEN_STATES, LineState
from backend.storage import session, transaction


def open_line(appointment_id: uuid.UUID) -> MoveLine | None:
    """The open line of an appointment whose row is locked, locked too; None where it is not being moved.

    A line whose deadline has passed counts as closed even if the tick has not closed it yet.
    """
    query = sa.select(MoveLine).where(MoveLine.appointment_id == appointment_id, MoveLine.state.in_(OPEN_STATES))
    line = session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if line is None or (line.answer_until is not None and line.answer_until <= now()):
        return None
    return line


def being_moved(appointment_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of some appointments that may still be changed freely; one query, nothing locked."""
    query = sa.select(MoveLine.appointment_id).where(
        MoveLine.appointment_id.in_(appointment_ids),
        MoveLine.state.in_(OPEN_STATES),
        sa.or_(MoveLine.answer_until.is_(None), MoveLine.answer_until > now()),
    )
    with transaction() as opened:
        return frozenset(opened.scalars(query)) if appointment_ids else frozenset()


def close_line(line: MoveLine, state: LineState) -> None:
    """Move a locked open line on; raises `ValueError` for a move that `rules.MOVES` does not list."""
    if state not in MOVES[line.state]:
        raise ValueError(f"a line does not go from {line.state} to {state}")
    line.state, line.changed_at = state, now()
