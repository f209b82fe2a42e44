"""Entries of a couple at events come back when a death turns out to be recorded by mistake."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.ceremonies.couples import STANDING
from backend.marriage.ceremonies.entries import locked_entry, put_entry, take_place
from backend.marriage.ceremonies.rules import EntryState, comes_back_as
from backend.marriage.models import Appointment
from backend.storage import session


def give_entry_back(entry_id: uuid.UUID, before: EntryState) -> bool:
    """Back to where it stood, or into the reserve where the place is taken; whether it could be.

    Not once the event has begun or was called off, nor while its draw has been without it, nor beside a new entry.
    """
    try:
        event, entry = locked_entry(entry_id, None)
    except AppError:  # erased meanwhile, with its appointment
        return False
    state = comes_back_as(before, event.state)
    registration = session().get_one(Appointment, entry.appointment_id)
    gone = entry.state is not EntryState.WITHDRAWN or event.starts_at <= now() or registration.state not in STANDING
    if gone or state is None:
        return False
    try:
        with session().begin_nested():
            if state is EntryState.PLACED and not take_place(event.id):
                state = EntryState.RESERVE
            put_entry(entry, "restored_by_life_event", state, SYSTEM)
    except sa.exc.IntegrityError:  # they have signed up anew
        session().refresh(entry)
        return False
    return True
