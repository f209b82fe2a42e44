"""What a resident may see of their own appointments: those they booked, and those they are one of the couple of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from backend.kernel.paging import Cursor
from backend.marriage.history import not_found
from backend.marriage.models import Appointment, Slot
from backend.marriage.partners.who import appointments_of
from backend.marriage.rules import ACTIVE_STATES, State
from backend.storage import transaction


def _own(person_id: uuid.UUID) -> sa.Select[Appointment]:
    return (
        sa.select(Appointment)
        .where(Appointment.id.in_(appointments_of(person_id)), Appointment.state.not_in((State.HELD, State.EXPIRED)))
        .options(joinedload(Appointment.slot).joinedload(Slot.office), selectinload(Appointment.parties))
    )


def own_appointment(appointment_id: uuid.UUID, person_id: uuid.UUID) -> Appointment:
    """One appointment with slot, office and parties; raises `AppError` not_found, also for another's."""
    with transaction() as session:
        found = session.scalars(_own(person_id).where(Appointment.id == appointment_id)).one_or_none()
    if found is None:
        raise not_found()
    return found


def active_appointments(person_id: uuid.UUID) -> Sequence[Appointment]:
    """Appointments that still lie ahead or are under way, soonest first, at most ten."""
    query = _own(person_id).where(Appointment.state.in_(ACTIVE_STATES)).join(Appointment.slot)
    with transaction() as session:
        return session.scalars(query.order_by(Slot.starts_at).limit(10)).all()


def own_appointments(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[Appointment]:
    """A page of a person's appointments, newest first."""
    query = _own(person_id).order_by(Appointment.created_at.desc(), Appointment.id.desc()).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(Appointment.created_at, Appointment.id) < sa.tuple_(after.at, after.id))
    with transaction() as session:
        return session.scalars(query).all()
