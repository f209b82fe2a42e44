"""Whose ceremony it is: the couple of an appointment for the registration, and their accounts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.marriage.ceremonies.rules import Registration
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Party, Slot
from backend.marriage.rules import State
from backend.people.models import Person
from backend.people.rules import Level
from backend.storage import session

STANDING = (State.BOOKED, State.CONFIRMED, State.CHECKED_IN, State.SERVED)

_KNOWN = (Person.level >= Level.VERIFIED.value, Person.closed_at.is_(None), Person.died_on.is_(None))


def is_theirs(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """Whether an `Appointment` is a person's: they booked it, or are one of the two by a number they have proven."""
    one_of_them = sa.exists().where(
        Party.appointment_id == Appointment.id,
        Party.id_number_index == Person.id_number_index,
        Person.id == person_id,
        *_KNOWN,
    )
    return sa.or_(Appointment.booked_by == person_id, one_of_them)


def own_registrations(person_id: uuid.UUID, limit: int = 5) -> Sequence[Appointment]:
    """A person's appointments for the registration that a ceremony can be tied to, the latest first, with slots."""
    query = (
        sa.select(Appointment)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(
            Appointment.kind == Kind.MARRIAGE_REGISTRATION,
            Appointment.state.in_(STANDING),
            Appointment.blocked_at.is_(None),
            is_theirs(person_id),
        )
        .options(joinedload(Appointment.slot).joinedload(Slot.office))
        .order_by(Slot.starts_at.desc())
        .limit(limit)
    )
    return session().scalars(query).all()


def own_registration(appointment_id: uuid.UUID, person_id: uuid.UUID) -> Appointment | None:
    """One of them, or None."""
    return next((one for one in own_registrations(person_id, 50) if one.id == appointment_id), None)


def registration_of(appointment: Appointment, slot: Slot) -> Registration:
    """When the registration is over, and whether they are registered."""
    return Registration(slot.starts_at + timedelta(minutes=appointment.minutes), appointment.state is State.SERVED)


def recipients(appointment_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Whom of the couple we can write to: whoever booked, and whoever of the two has proven who they are."""
    booked_by = sa.select(Appointment.booked_by).where(Appointment.id == appointment_id)
    return sorted({*session().scalars(booked_by), *members(appointment_id).values()})


def members(appointment_id: uuid.UUID) -> dict[int, uuid.UUID]:
    """The accounts of the two by their position, as far as they have proven who they are."""
    query = (
        sa.select(Party.position, Person.id)
        .join(Person, Person.id_number_index == Party.id_number_index)
        .where(Party.appointment_id == appointment_id, *_KNOWN)
    )
    return {row.position: row.id for row in session().execute(query)}
