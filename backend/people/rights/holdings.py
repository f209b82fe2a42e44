"""All rooms' holdings about one person: told together, cut off together, erased together (PIPL 45, 47)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.personal_data import Holding, Kept, Section
from backend.people.models import Person
from backend.people.rights import texts
from backend.people.rights.holds import is_held
from backend.storage import atomic, transaction


class _Process:
    holdings: tuple[Holding, ...] = ()


def use_holdings(holdings: Sequence[Holding]) -> None:
    """Choose the holdings of this process, in the order in which they are erased: whoever is referred to comes last."""
    _Process.holdings = tuple(holdings)


def holdings() -> tuple[Holding, ...]:
    """Every room's holding."""
    return _Process.holdings


@dataclass(frozen=True)
class RoomData:
    """What one room holds about a person."""

    room: str
    title: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Erased:
    """What became of a person's data: rows erased by table, and what is kept for a reason."""

    rows: dict[str, int]
    kept: Sequence[Kept]


def collect(person_id: uuid.UUID) -> Sequence[RoomData]:
    """Everything held about a person, room by room; rooms that hold nothing are left out."""
    with transaction():
        found = [RoomData(holding.name, holding.title, holding.collect(person_id)) for holding in holdings()]
    return [room for room in found if any(section.records for section in room.sections)]


def kept_of(person_id: uuid.UUID) -> Sequence[Kept]:
    """What could not be erased today, and why."""
    with transaction():
        if is_held(person_id):
            return [Kept(texts.K_HELD, texts.WHY_HELD)]
        return [kept for holding in holdings() for kept in holding.keeps(person_id)]


def erase_person(person_id: uuid.UUID) -> Erased:
    """Cut a person's account off and erase all that need not be kept, wholly or not at all.

    What is kept is only stored from now on (PIPL 47): no login or chat leads to it, and rooms hide it from their desks.
    Under a legal hold the account is cut off and nothing is erased. May be done again; then it erases what has become
    free meanwhile.
    """
    with atomic() as session:
        # What goes on at this moment on another telephone of theirs is finished first.
        person = session.scalars(sa.select(Person).where(Person.id == person_id).with_for_update()).one()
        for holding in holdings():
            holding.cut(person_id)
        if person.closed_at is None:
            person.closed_at = now()
        session.flush()
        kept = kept_of(person_id)
        rows: Counter[str] = Counter()
        if not is_held(person_id):
            for holding in holdings():
                rows.update(holding.erase(person_id))
        session.flush()
        return Erased({table: count for table, count in sorted(rows.items()) if count}, kept)
