"""What other rooms may know of a person, by id or by the number of a paper."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.identity import IdType, Sex, parse_identity_number
from backend.kernel.masking import mask_name, mask_number, mask_number_for_owner, mask_phone
from backend.people.models import Person, number_index
from backend.people.rules import Level, ProofMethod, level_at
from backend.storage import transaction


@dataclass(frozen=True)
class PersonView:
    """A person as they are now. Name, number and telephone are whole: show the masked ones wherever that will do."""

    id: uuid.UUID
    level: Level
    name: str | None = field(repr=False)
    id_type: IdType | None
    id_number: str | None = field(repr=False)
    last4: str | None = field(repr=False)
    sex: Sex | None
    birth_date: date | None = field(repr=False)
    phone: str | None = field(repr=False)
    verified_at: datetime | None
    verified_by: ProofMethod | None
    fresh_until: datetime | None
    community_id: uuid.UUID | None
    died_on: date | None
    closed_at: datetime | None
    created_at: datetime

    @property
    def masked_name(self) -> str | None:
        """As shown to the person without a fresh proof."""
        return None if self.name is None else mask_name(self.name)

    @property
    def masked_number(self) -> str | None:
        """As shown on public surfaces: first and last character (domain-rules §1.3-7)."""
        return None if self.id_number is None else mask_number(self.id_number)

    @property
    def number_for_owner(self) -> str | None:
        """The first three and last four characters after a fresh proof, else as `masked_number`."""
        if self.id_number is None or self.level < Level.FRESH:
            return self.masked_number
        return mask_number_for_owner(self.id_number)

    @property
    def masked_phone(self) -> str | None:
        """The first three and last four digits."""
        return None if self.phone is None else mask_phone(self.phone)


def person_view(person_id: uuid.UUID) -> PersonView | None:
    """A person by id, also a dead or closed one; None for one that is not there."""
    with transaction() as db:
        person = db.get(Person, person_id, populate_existing=True)
        return None if person is None else view_of(person)


def person_by_number(id_type: IdType, number: str) -> uuid.UUID | None:
    """Whose the number of a paper is, the dead among them and closed accounts not; None if nobody has proven it.

    Raises `IdentityFault` for what can be no number.
    """
    index = number_index(parse_identity_number(id_type, number, today=today()))
    held = sa.select(Person.id).where(Person.id_number_index == index, Person.closed_at.is_(None))
    with transaction() as db:
        return db.scalars(held).one_or_none()


def view_of(person: Person) -> PersonView:
    """The view of a row at hand."""
    return PersonView(
        id=person.id,
        level=level_at(person.level, person.fresh_until, now()),
        name=person.name,
        id_type=person.id_type,
        id_number=person.id_number,
        last4=person.last4,
        sex=person.sex,
        birth_date=person.birth_date,
        phone=person.phone,
        verified_at=person.verified_at,
        verified_by=person.verified_by,
        fresh_until=person.fresh_until,
        community_id=person.community_id,
        died_on=person.died_on,
        closed_at=person.closed_at,
        created_at=person.created_at,
    )
