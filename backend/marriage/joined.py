"""Two persons turned out to be one: their appointments are one person's (`backend.people.joining`)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.marriage.models import Appointment
from backend.marriage.places import expire_hold, lock_slots, slot_ids_of
from backend.marriage.rules import State
from backend.storage import session


def join_bookers(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what `joined_id` booked or holds. Of two holds the one that lasts longer stays."""
    _keep_one_hold(joined_id, person_id)
    session().execute(
        sa.update(Appointment).where(Appointment.booked_by == joined_id).values(booked_by=person_id),
        execution_options={"synchronize_session": "fetch"},
    )


def _keep_one_hold(*persons: uuid.UUID) -> None:
    held = sa.select(Appointment).where(
        Appointment.booked_by.in_(persons), Appointment.state == State.HELD, Appointment.waiting_id.is_(None)
    )
    in_order = held.order_by(Appointment.id).with_for_update().execution_options(populate_existing=True)
    holds = sorted(session().scalars(in_order), key=lambda hold: (hold.hold_expires_at, hold.id))
    if len(holds) > 1:
        lock_slots(*slot_ids_of(holds))
        for hold in holds[:-1]:
            expire_hold(hold)
        session().flush()
