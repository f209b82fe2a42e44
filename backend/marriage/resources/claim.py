"""Taking and giving back the time of a resource, in the caller's open transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.resources.models import ResourceBooking, ResourceCell
from backend.marriage.resources.rules import CELL_MINUTES, cells_of
from backend.marriage.resources.texts import TIME_TAKEN
from backend.storage import atomic, session

# All cells or none. Whoever comes second waits at the first cell both want until the other has committed.
_TAKE = sa.text(
    f"""
    INSERT INTO marriage_resource_cells (resource_id, starts_at, booking_id)
    SELECT :resource_id, CAST(:starts_at AS timestamptz) + number * interval '{CELL_MINUTES} minutes', :booking_id
    FROM generate_series(0, :last) AS number ORDER BY number
    ON CONFLICT (resource_id, starts_at) DO NOTHING
    """  # noqa: S608 - a constant of this room
)


def claim(resource_id: uuid.UUID, starts_at: datetime, until: datetime) -> uuid.UUID:
    """Take a stretch of a resource's time; the booking's id. Raises `AppError` slot_full where any of it is taken."""
    wanted = len(cells_of(starts_at, until))
    with atomic():
        booking = ResourceBooking(id=new_id(), resource_id=resource_id, starts_at=starts_at, until=until)
        session().add(booking)
        session().flush()
        taken = session().execute(
            _TAKE,
            {"resource_id": resource_id, "starts_at": starts_at, "booking_id": booking.id, "last": wanted - 1},
        )
        if taken.rowcount != wanted:  # type: ignore[attr-defined]
            raise AppError("slot_full", TIME_TAKEN, 409)
    return booking.id


def is_free(resource_id: uuid.UUID, starts_at: datetime, until: datetime) -> bool:
    """Whether nothing of the stretch is taken as far as one can see; only `claim` makes sure of it."""
    query = sa.select(ResourceCell.starts_at).where(
        ResourceCell.resource_id == resource_id, ResourceCell.starts_at >= starts_at, ResourceCell.starts_at < until
    )
    return session().scalar(query.limit(1)) is None


def give_back(booking_id: uuid.UUID) -> None:
    """Give the time of a booking back; giving it back twice is once."""
    session().execute(
        sa.delete(ResourceBooking).where(ResourceBooking.id == booking_id),
        execution_options={"synchronize_session": "fetch"},
    )
