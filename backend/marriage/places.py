"""The only code that moves `marriage_slots.taken` (docs/adr/0002).

A place is taken by one conditional statement; the CHECK on the row is the second guard. Nobody counts first and
inserts afterwards: between the two, others do the same.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.history import record
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.storage import session

_TAKE = sa.text("UPDATE marriage_slots SET taken = taken + 1 WHERE id = :slot_id AND taken < capacity RETURNING id")
_FREE = sa.text("UPDATE marriage_slots SET taken = taken - 1 WHERE id = :slot_id")


_LOCK = sa.text("SELECT id FROM marriage_slots WHERE id = ANY(:slot_ids) ORDER BY id FOR NO KEY UPDATE")


def lock_slots(*slot_ids: uuid.UUID) -> None:
    """Lock several slots in the order of their ids, so that two couples who swap places never wait in a circle."""
    session().execute(_LOCK, {"slot_ids": list(slot_ids)})


def take_place(slot_id: uuid.UUID) -> bool:
    """Take one place in the open transaction; False when there is none.

    A full slot may be full of holds that have run out and were not swept yet; those are freed first.
    """
    if session().execute(_TAKE, {"slot_id": slot_id}).one_or_none():
        return True
    if release_expired_holds(slot_id=slot_id):
        return session().execute(_TAKE, {"slot_id": slot_id}).one_or_none() is not None
    return False


def free_place(slot_id: uuid.UUID) -> None:
    """Give one place back in the open transaction."""
    session().execute(_FREE, {"slot_id": slot_id})


def release_expired_holds(*, slot_id: uuid.UUID | None = None, limit: int = 200) -> int:
    """Expire holds that have run out, of one slot or of all, and free their places; returns how many."""
    due = sa.select(Appointment).where(Appointment.state == State.HELD, Appointment.hold_expires_at <= now())
    if slot_id is not None:
        due = due.where(Appointment.slot_id == slot_id)
    # Sorted and skipping locked rows, so that two sweepers neither wait for one another nor deadlock.
    query = due.order_by(Appointment.slot_id, Appointment.id).limit(limit).with_for_update(skip_locked=True)
    holds = session().scalars(query.execution_options(populate_existing=True)).all()
    for hold in holds:
        expire_hold(hold)
    return len(holds)


def locked_hold(person_id: uuid.UUID) -> Appointment | None:
    """A person's hold, its row locked for the rest of the transaction."""
    query = sa.select(Appointment).where(Appointment.booked_by == person_id, Appointment.state == State.HELD)
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def expire_hold(hold: Appointment) -> None:
    """End a locked hold and free its place."""
    hold.state = State.EXPIRED
    hold.changed_at = now()
    record(hold.id, "hold_expired", SYSTEM, State.HELD, State.EXPIRED)
    free_place(hold.slot_id)
