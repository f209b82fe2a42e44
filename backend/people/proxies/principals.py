"""The two people of a tie: who the helper typed, who that is, and how each is named to the other.

Nothing here tells a helper whether somebody is known: what they typed is kept as it is, and only the principal and
the counter join it to a person.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.kernel.identity import IdentityNumber, Sex
from backend.kernel.masking import mask_name
from backend.kernel.names import plain_name
from backend.people.models import Person, number_index
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.rules import Relation, TieState
from backend.people.proxies.texts import HELPER_UNNAMED, RELATION_NAMES, SON_OR_DAUGHTER, YOURS
from backend.people.rules import Level
from backend.storage import session, transaction


@dataclass(frozen=True)
class Somebody:
    """A person as a tie needs to know them; `verified`: name and number were proven (domain-rules §6.2)."""

    id: uuid.UUID
    name: str | None = field(repr=False)
    number_index: bytes | None = field(repr=False)
    sex: Sex | None
    verified: bool
    living: bool


def somebody(person_id: uuid.UUID) -> Somebody:
    """One person; raises `NoResultFound` for an id that is none."""
    with transaction() as opened:
        return _somebody(opened.get_one(Person, person_id))


def people(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Somebody]:
    """Several persons by id, in one query."""
    if not ids:
        return {}
    with transaction() as opened:
        rows = opened.scalars(sa.select(Person).where(Person.id.in_(ids)))
        return {row.id: _somebody(row) for row in rows}


def _somebody(row: Person) -> Somebody:
    verified = row.level >= Level.VERIFIED and row.closed_at is None
    return Somebody(row.id, row.name, row.id_number_index, row.sex, verified, row.died_on is None)


def is_the_principal(tie: ProxyTie, person: Somebody) -> bool:
    """Whether a person is whom the helper typed: proven, of the same paper and the same name."""
    if not person.verified or person.name is None or person.number_index != tie.principal_number_index:
        return False
    return plain_name(tie.principal_name or "") == plain_name(person.name)


def person_of(tie: ProxyTie) -> Somebody | None:
    """The living person whom the helper typed, where known; looked for alike whether or not there is one."""
    query = sa.select(Person).where(
        Person.id_number_index == tie.principal_number_index, Person.closed_at.is_(None), Person.died_on.is_(None)
    )
    row = session().scalars(query).one_or_none()
    found = None if row is None else _somebody(row)
    return found if found is not None and is_the_principal(tie, found) else None


def claim_asks(person_id: uuid.UUID) -> int:
    """Join the requests that wait for this person by name and number, in the open transaction; returns how many.

    A helper may have asked before the person was known here.
    """
    person = somebody(person_id)
    if not person.verified or not person.living:
        return 0
    wanted = sa.select(ProxyTie).where(
        ProxyTie.principal_number_index == person.number_index,
        ProxyTie.principal_id.is_(None),
        ProxyTie.state == TieState.ASKED,
        ProxyTie.helper_id != person_id,
    )
    ties = session().scalars(wanted.order_by(ProxyTie.id).limit(50).with_for_update()).all()
    claimed = [tie for tie in ties if is_the_principal(tie, person)]
    for tie in claimed:
        tie.principal_id = person_id
    session().flush()
    return len(claimed)


def same_as(person: Somebody, identity: IdentityNumber) -> bool:
    """Whether a typed paper is the person's own."""
    return person.number_index == number_index(identity)


def relation_name(relation: Relation, sex: Sex | None) -> str:
    """What the helper is to the principal, as the principal would say it."""
    if sex is None or relation not in SON_OR_DAUGHTER:
        return RELATION_NAMES[relation]
    return SON_OR_DAUGHTER[relation][0 if sex is Sex.MALE else 1]


def who(helper: Somebody, relation: Relation) -> str:
    """How the helper is named to the principal: what they are to each other, and a masked name."""
    name = mask_name(helper.name) if helper.name else HELPER_UNNAMED
    return YOURS.format(relation=relation_name(relation, helper.sex), name=name)
