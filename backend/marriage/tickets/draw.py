"""Drawing numbers: each number of an office, day and area once, in order, and never again."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.marriage.kinds import Area
from backend.marriage.tickets.models import MOST_NUMBERS
from backend.marriage.tickets.texts import NUMBERS_USED_UP
from backend.storage import session

# One statement: who comes second waits for the row, and counts on from what the first has committed. A number whose
# transaction is taken back was never seen by anybody, so it may come again.
_DRAW = sa.text(
    """
    INSERT INTO marriage_ticket_counters AS counter (office_id, day, area, last_number)
    VALUES (:office_id, :day, :area, 1)
    ON CONFLICT ON CONSTRAINT pk_marriage_ticket_counters
    DO UPDATE SET last_number = counter.last_number + 1 WHERE counter.last_number < :most
    RETURNING last_number
    """
)


def draw_number(office_id: uuid.UUID, day: date, area: Area) -> int:
    """The next number, in the open transaction. Raises `AppError` state_conflict after the last one of the day."""
    values = {"office_id": office_id, "day": day, "area": area.value, "most": MOST_NUMBERS}
    drawn: int | None = session().execute(_DRAW, values).scalar()
    if drawn is None:
        raise AppError("state_conflict", NUMBERS_USED_UP, 409)
    return drawn
