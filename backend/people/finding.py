"""Finding persons at a desk by what people have at hand: a card, a telephone, a name with the card's last four.

Nothing is opened to search: numbers, telephones and names are found by their blind indexes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import today
from backend.kernel.identity import IdentityFault, IdType, clean_number, parse_identity_number
from backend.kernel.names import clean_name, is_name
from backend.people.lookups import PersonView, view_of
from backend.people.models import Person, name_index, number_index, phone_index
from backend.people.reading import clean_phone, is_phone
from backend.storage import transaction

# Whoever sees this many asks for the card.
MOST_FOUND = 30

_NAME_AND_TAIL = re.compile(r"(?P<name>.*?[^\d\s])\s*(?P<tail>\d{3}[\dXx])", re.ASCII)


@dataclass(frozen=True)
class Scope:
    """Which persons somebody may see: those of the communities among `nodes`, or everyone.

    `unplaced`: those too of whom nobody knows yet where they live.
    """

    nodes: frozenset[uuid.UUID]
    everyone: bool = False
    unplaced: bool = False

    def condition(self) -> sa.ColumnElement[bool]:
        """The same within a query; closed accounts are nobody's to see."""
        if self.everyone:
            return Person.closed_at.is_(None)
        placed = Person.community_id.in_(self.nodes)
        mine = sa.or_(placed, Person.community_id.is_(None)) if self.unplaced else placed
        return sa.and_(Person.closed_at.is_(None), mine)


def visible_person(scope: Scope, person_id: uuid.UUID) -> PersonView | None:
    """One person of the scope, or None."""
    with transaction() as db:
        person = db.scalars(sa.select(Person).where(Person.id == person_id, scope.condition())).one_or_none()
        return None if person is None else view_of(person)


def find_persons(scope: Scope, text: str) -> Sequence[PersonView] | None:
    """Persons of the scope that fit, newest first, at most `MOST_FOUND`; None when `text` is nothing to look for.

    Understood: the whole number of any paper; a telephone; the last four of either; a name, with the last four of the
    card behind it or alone.
    """
    wanted = _wanted(text)
    if not wanted:
        return None
    query = sa.select(Person).where(scope.condition(), sa.or_(*wanted))
    with transaction() as db:
        rows = db.scalars(query.order_by(Person.created_at.desc(), Person.id).limit(MOST_FOUND))
        return [view_of(person) for person in rows]


def _wanted(text: str) -> list[sa.ColumnElement[bool]]:
    """Every way in which the text can be meant."""
    number, phone, name = clean_number(text), clean_phone(text), clean_name(text)
    if re.fullmatch(r"\d{3}[\dX]", number, re.ASCII):
        return [Person.last4 == number, Person.phone_last4 == number]
    found: list[sa.ColumnElement[bool]] = []
    indexes = _number_indexes(number)
    if indexes:
        found.append(Person.id_number_index.in_(indexes))
    if is_phone(phone):
        found.append(Person.phone_index == phone_index(phone))
    if is_name(name):
        found.append(Person.name_index == name_index(name))
    both = _NAME_AND_TAIL.fullmatch(name)
    if both and is_name(both["name"]):
        found.append(sa.and_(Person.name_index == name_index(both["name"]), Person.last4 == both["tail"].upper()))
    return found


def _number_indexes(number: str) -> list[bytes]:
    indexes: list[bytes] = []
    for id_type in IdType:
        with suppress(IdentityFault):
            indexes.append(number_index(parse_identity_number(id_type, number, today=today())))
    return indexes
