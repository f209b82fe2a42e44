"""Who may act for an appointment: whoever booked it, and each of the two by the number they have proven."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from backend.marriage.models import Appointment, Party
from backend.marriage.partners.models import PartnerNote
from backend.people.models import Person
from backend.storage import session


def proven_number(person_id: uuid.UUID) -> sa.ScalarSelect[bytes | None]:
    """The blind index of the number a person has proven, within a query."""
    proven = sa.select(Person.id_number_index).where(Person.id == person_id, Person.level == 2)
    return proven.scalar_subquery()


def appointments_of(person_id: uuid.UUID) -> sa.CompoundSelect[uuid.UUID]:
    """The ids of appointments a person booked or is a party of, within a query."""
    booked = sa.select(Appointment.id).where(Appointment.booked_by == person_id)
    party = sa.select(Party.appointment_id).where(Party.id_number_index == proven_number(person_id))
    return booked.union(party)


def may_act(appointment: Appointment, person_id: uuid.UUID) -> bool:
    """Whether somebody may see and give up an appointment; asks only about those who did not book it."""
    if appointment.booked_by == person_id:
        return True
    query = sa.select(Party.id).where(
        Party.appointment_id == appointment.id, Party.id_number_index == proven_number(person_id)
    )
    return session().scalars(query).first() is not None


def told_partners(appointment_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """The persons besides the booker who were told of an appointment and hear what becomes of it."""
    query = sa.select(PartnerNote.person_id).join(Party, Party.id == PartnerNote.party_id)
    query = query.where(Party.appointment_id == appointment_id).order_by(PartnerNote.person_id)
    return session().scalars(query.distinct()).all()
