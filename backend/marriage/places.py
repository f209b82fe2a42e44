"""The only code that moves `marriage_slots.taken` (docs/adr/0002).

Window-minutes are taken by one conditional statement; the CHECK on the row is the second guard. Nobody counts first and
inserts afterwards: between the two, others do the same. What lies over several slots takes all of them or none, and
whoever touches several slots locks them in the order of their ids first.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.freed import tell_freed
from backend.marriage.history import record
from backend.marriage.models import Appointment, FurtherSlot
from backend.marriage.rules import State
from backend.marriage.spread import fitting, spread
from backend.storage import ask, look, session


@dataclass(frozen=True)
class Part:
    """Minutes of one slot."""

    slot_id: uuid.UUID
    minutes: int


_TAKE = sa.text(
    "UPDATE marriage_slots SET taken = taken + :minutes"
    " WHERE id = :slot_id AND taken + :minutes <= capacity - reserved * :others RETURNING id"
)
_FREE = sa.text("UPDATE marriage_slots SET taken = taken - :minutes WHERE id = :slot_id")
_LOCK = sa.text("SELECT id FROM marriage_slots WHERE id = ANY(:slot_ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_FREE = sa.text(
    "SELECT id FROM marriage_slots WHERE id = ANY(:slot_ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
# All of them or none: how many fit is counted on rows that this transaction has locked.
_TAKE_ALL = sa.text(
    """
    WITH parts AS (
        SELECT * FROM unnest(CAST(:slot_ids AS uuid[]), CAST(:minutes AS int[])) AS part(slot_id, minutes)
    ),
    fits AS (
        SELECT count(*) AS places FROM marriage_slots AS slot JOIN parts ON parts.slot_id = slot.id
        WHERE slot.taken + parts.minutes <= slot.capacity - slot.reserved * :others
    )
    UPDATE marriage_slots AS slot SET taken = slot.taken + parts.minutes FROM parts, fits
    WHERE slot.id = parts.slot_id AND fits.places = (SELECT count(*) FROM parts) RETURNING slot.id
    """
)
# What somebody waits for is left to the sweep, which offers it to the first in line.
_NOBODY_WAITS = sa.text(
    """
    NOT EXISTS (
        SELECT 1 FROM marriage_slots AS slot JOIN marriage_waiting AS entry
            ON entry.office_id = slot.office_id AND entry.kind = ANY(slot.kinds)
            AND slot.day BETWEEN entry.first_day AND entry.last_day
            AND (entry.slot_id IS NULL OR entry.slot_id = slot.id)
        WHERE slot.id = marriage_appointments.slot_id AND entry.state = 'waiting'
    )
    """
)
_FOLLOWING = sa.text(
    """
    SELECT later.id, later.starts_at, later.ends_at, later.capacity, later.taken, later.reserved
    FROM marriage_slots AS slot JOIN marriage_slots AS later
        ON later.office_id = slot.office_id AND later.area = slot.area AND later.day = slot.day
        AND later.starts_at >= slot.starts_at
    WHERE slot.id = :slot_id ORDER BY later.starts_at LIMIT 30
    """
)


def lock_slots(*slot_ids: uuid.UUID) -> None:
    """Lock several slots in the order of their ids, so that two couples who swap places never wait in a circle."""
    session().execute(_LOCK, {"slot_ids": list(slot_ids)})


def make_ready(slot_ids: Collection[uuid.UUID]) -> None:
    """Lock slots of which several are to be touched, and free what dead holds keep of them.

    The slots of those holds are locked in the same order, together with the wanted ones.
    """
    holds = _dead_holds(slot_ids, limit=200)
    lock_slots(*slot_ids, *slot_ids_of(holds))
    for hold in holds:
        expire_hold(hold)


def take_place(parts: Sequence[Part], *, rescue: bool = False) -> bool:
    """Take all parts in the open transaction, or nothing; False when they do not fit.

    A full slot may be full of holds that have run out and were not swept yet; those are freed first. Whoever touches
    other slots as well calls `make_ready` for all of them before. `rescue`: also what is held back for couples whose
    window closes (§2.5-3).
    """
    if len(parts) > 1:
        make_ready([part.slot_id for part in parts])
        return _take_all(parts, rescue=rescue)
    only = {"slot_id": parts[0].slot_id, "minutes": parts[0].minutes, "others": int(not rescue)}
    if session().execute(_TAKE, only).one_or_none():
        return True
    if release_expired_holds(slot_ids=[parts[0].slot_id]):
        return session().execute(_TAKE, only).one_or_none() is not None
    return False


def _take_all(parts: Sequence[Part], *, rescue: bool) -> bool:
    values = {
        "slot_ids": [part.slot_id for part in parts],
        "minutes": [part.minutes for part in parts],
        "others": int(not rescue),
    }
    return bool(session().execute(_TAKE_ALL, values).all())


def take_at_once(parts: Sequence[Part], *, rescue: bool = False) -> bool:
    """Take all parts of slots that this transaction has locked, or nothing; waits for nobody and frees nothing."""
    return _take_all(parts, rescue=rescue)


def lock_without_waiting(slot_ids: Collection[uuid.UUID]) -> bool:
    """Lock slots unless somebody else has one of them; then False, and some may be locked."""
    return len(session().execute(_LOCK_FREE, {"slot_ids": list(slot_ids)}).all()) == len(set(slot_ids))


def keep_further(appointment_id: uuid.UUID, parts: Sequence[Part]) -> None:
    """Write down what an appointment takes beyond its own slot."""
    further = parts[1:]
    rows = [FurtherSlot(appointment_id=appointment_id, slot_id=part.slot_id, minutes=part.minutes) for part in further]
    if rows:
        session().add_all(rows)
        session().flush()


def parts_of(appointment: Appointment) -> list[Part]:
    """What an appointment that has its place takes, its own slot first."""
    query = sa.select(FurtherSlot.slot_id, FurtherSlot.minutes).where(FurtherSlot.appointment_id == appointment.id)
    further = [Part(*row) for row in session().execute(query.order_by(FurtherSlot.slot_id))]
    return [Part(appointment.slot_id, appointment.minutes - sum(part.minutes for part in further)), *further]


def parts_from(slot_id: uuid.UUID, minutes: int, *, rescue: bool = False) -> tuple[list[Part], int]:
    """How so many minutes would lie from a slot on, and how often they fit; nothing where the slots end too early."""
    slots = ask(_FOLLOWING, {"slot_id": slot_id})
    pieces = spread(minutes, slots) or []
    parts = [Part(slot.id, piece) for slot, piece in zip(slots, pieces, strict=False)]
    return parts, fitting(minutes, slots, rescue=rescue)


def free_place(appointment: Appointment) -> None:
    """Give back, in the open transaction, exactly what an appointment took."""
    free_parts(appointment.id, parts_of(appointment))


def free_parts(appointment_id: uuid.UUID, parts: Sequence[Part]) -> None:
    """Give parts back that an appointment took; the slots of several are locked in order."""
    if len(parts) > 1:
        lock_slots(*(part.slot_id for part in parts))
        session().execute(sa.delete(FurtherSlot).where(FurtherSlot.appointment_id == appointment_id))
    for part in parts:
        session().execute(_FREE, {"slot_id": part.slot_id, "minutes": part.minutes})
    tell_freed(part.slot_id for part in parts)


def release_expired_holds(*, slot_ids: Collection[uuid.UUID] | None = None, limit: int = 200) -> int:
    """Expire holds that have run out, on some slots or on all, and free their places; returns how many."""
    holds = _dead_holds(slot_ids, limit)
    several = slot_ids_of(holds)
    if len(several) > 1:
        lock_slots(*several)
    for hold in holds:
        expire_hold(hold)
    return len(holds)


def _dead_holds(slot_ids: Collection[uuid.UUID] | None, limit: int) -> Sequence[Appointment]:
    due = sa.select(Appointment).where(_is_hold(), Appointment.hold_expires_at <= now())
    if slot_ids is not None:
        due = due.where(_NOBODY_WAITS)
        further = sa.select(FurtherSlot.appointment_id).where(FurtherSlot.slot_id.in_(slot_ids))
        due = due.where(sa.or_(Appointment.slot_id.in_(slot_ids), Appointment.id.in_(further)))
    # Sorted and skipping locked rows, so that two sweepers neither wait for one another nor deadlock.
    query = due.order_by(Appointment.slot_id, Appointment.id).limit(limit).with_for_update(skip_locked=True)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def _is_hold() -> sa.ColumnElement[bool]:
    """Kept for whoever types at this moment; what is offered to those who wait is `backend.marriage.waiting`'s."""
    return sa.and_(Appointment.state == State.HELD, Appointment.waiting_id.is_(None))


# The same, by the driver: every conversation that is left asks it, and mostly there is none.
_HOLDS = sa.text(
    "SELECT 1 FROM marriage_appointments WHERE booked_by = :person_id AND state = 'held' AND waiting_id IS NULL LIMIT 1"
)


def holds_place(person_id: uuid.UUID) -> bool:
    """Whether a person has a hold; nothing is locked."""
    return look(_HOLDS, {"person_id": person_id}) is not None


def locked_hold(person_id: uuid.UUID) -> Appointment | None:
    """A person's hold, its row locked for the rest of the transaction."""
    query = sa.select(Appointment).where(Appointment.booked_by == person_id, _is_hold())
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def expire_hold(hold: Appointment) -> None:
    """End a locked hold and free its place."""
    hold.state = State.EXPIRED
    hold.changed_at = now()
    record(hold.id, "hold_expired", SYSTEM, State.HELD, State.EXPIRED)
    free_place(hold)


def slot_ids_of(appointments: Iterable[Appointment]) -> set[uuid.UUID]:
    """All slots from which appointments take minutes."""
    own = {appointment.id: appointment.slot_id for appointment in appointments}
    if not own:
        return set()
    further = sa.select(FurtherSlot.slot_id).where(FurtherSlot.appointment_id.in_(own))
    return {*own.values(), *session().scalars(further)}
