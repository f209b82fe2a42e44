"""Changes of the calendar, bulk moves and what stands of them."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa

from backend.marriage.capacity.change import Changed, change_days
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.preview import preview
from backend.marriage.capacity.start import start_move
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.kinds import Area
from backend.marriage.models import Appointment, FurtherSlot, Slot
from backend.marriage.offices import OfficeView
from backend.marriage.rules import ACTIVE_STATES, State
from backend.storage import transaction

POWER = "线路检修停电"


def closing(first: date, last: date | None = None, area: Area | None = None) -> Wish:
    """A registry, or one area of it, closed for a power cut."""
    return Wish(Action.CLOSE, first, last or first, POWER, area)


def change(place: OfficeView, wish: Wish, officer: uuid.UUID) -> Changed:
    """Look at a change and confirm it."""
    return change_days(place, wish, preview(place, wish).base, officer)


def close_and_move(place: OfficeView, officer: uuid.UUID, first: date, last: date | None = None) -> uuid.UUID:
    """Close days and move whoever was booked on them; the move's id."""
    changed = change(place, closing(first, last), officer)
    assert changed.move_id is not None
    start_move(place, changed.move_id, officer)
    place_waiting(changed.move_id)
    return changed.move_id


def slots_of(place: OfficeView, day: date, area: Area = Area.MARRIAGE_HALL) -> list[Slot]:
    """The slots of a day, in order."""
    with transaction() as session:
        query = sa.select(Slot).where(Slot.office_id == place.id, Slot.day == day, Slot.area == area)
        return list(session.scalars(query.order_by(Slot.starts_at)))


def line_of(appointment_id: uuid.UUID) -> MoveLine:
    """The newest line of an appointment."""
    with transaction() as session:
        query = sa.select(MoveLine).where(MoveLine.appointment_id == appointment_id)
        return session.scalars(query.order_by(MoveLine.created_at.desc()).limit(1)).one()


def lines_of(move_id: uuid.UUID) -> list[MoveLine]:
    """The lines of a move by rank."""
    with transaction() as session:
        return list(session.scalars(sa.select(MoveLine).where(MoveLine.move_id == move_id).order_by(MoveLine.rank)))


def moves() -> list[BulkMove]:
    """All moves."""
    with transaction() as session:
        return list(session.scalars(sa.select(BulkMove).order_by(BulkMove.created_at)))


def slot_id_of(appointment_id: uuid.UUID) -> uuid.UUID:
    """Where an appointment is."""
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).slot_id


def assert_nothing_oversold() -> None:
    """Every slot holds what its appointments take, and no more than it has (domain-rules §8)."""
    with transaction() as session:
        used: dict[uuid.UUID, int] = {}
        rows = session.scalars(sa.select(Appointment).where(Appointment.state.in_((*ACTIVE_STATES, State.HELD)))).all()
        further = session.execute(sa.select(FurtherSlot.appointment_id, FurtherSlot.slot_id, FurtherSlot.minutes)).all()
        for row in rows:
            elsewhere = [(slot_id, minutes) for owner, slot_id, minutes in further if owner == row.id]
            own = row.minutes - sum(minutes for _, minutes in elsewhere)
            for slot_id, minutes in [(row.slot_id, own), *elsewhere]:
                used[slot_id] = used.get(slot_id, 0) + minutes
        for slot in session.scalars(sa.select(Slot)):
            assert slot.taken == used.get(slot.id, 0) <= slot.capacity
