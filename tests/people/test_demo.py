"""The demonstration's persons: invented, of the test-only area, the same every time, loaded quickly."""

from __future__ import annotations

import time
from collections import Counter

import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock, today
from backend.kernel.identity import IdType, age_on
from backend.people import person_by_number
from backend.people.demo import PERSONS, load_demo
from backend.people.lookups import PersonView, view_of
from backend.people.models import Person
from backend.staff import NodeKind, make_node
from backend.staff.models import OrganisationNode
from backend.storage import transaction


def loaded() -> list[PersonView]:
    """Everybody, in the order of their numbers."""
    with transaction() as db:
        everybody = [view_of(person) for person in db.scalars(sa.select(Person))]
    return sorted(everybody, key=lambda person: person.id_number or "")


def facts(person: PersonView) -> tuple[object, ...]:
    """What does not depend on when it was loaded."""
    return person.name, person.id_number, person.phone, person.sex, person.verified_by, person.level


def test_they_are_many_and_believable(bureau: Flask) -> None:
    began = time.monotonic()
    load_demo()
    assert time.monotonic() - began < 3
    people = loaded()
    assert len(people) == PERSONS
    assert {(person.id_number or "")[:6] for person in people} == {"100000"}
    assert len({person.phone for person in people if person.phone}) == len([p for p in people if p.phone])
    ages = [age_on(person.birth_date, today()) for person in people if person.birth_date]
    assert min(ages) >= 18
    assert max(ages) <= 95
    assert 0.3 < sum(age >= 60 for age in ages) / PERSONS < 0.6
    assert {int(person.level) for person in people} == {2}
    sexes = Counter(person.sex for person in people)
    assert min(sexes.values()) > PERSONS / 3
    names = Counter(person.name for person in people)
    assert len(names) > PERSONS / 2


def test_loading_again_changes_nothing_and_anew_is_the_same(bureau: Flask, clock: MovableClock) -> None:
    load_demo()
    first = loaded()
    load_demo()
    assert loaded() == first
    with transaction() as db:
        db.execute(sa.text("TRUNCATE persons CASCADE"))
    load_demo()
    assert [facts(person) for person in loaded()] == [facts(person) for person in first]


def test_known_ones_can_be_asked_for(bureau: Flask) -> None:
    load_demo()
    granny = next(person for person in loaded() if person.name == "王桂英")
    assert granny.id_number is not None
    assert person_by_number(IdType.RESIDENT_IDENTITY_CARD, granny.id_number) == granny.id
    assert granny.phone == "13900010001"


def test_they_live_in_the_communities_there_are(bureau: Flask) -> None:
    with transaction() as db:
        district = db.scalars(sa.select(OrganisationNode)).one()
        street = make_node("street", NodeKind.STREET, "街道", district)
        db.add(street)
        db.flush()
        homes = [make_node(f"c{number}", NodeKind.COMMUNITY, f"社区{number}", street) for number in range(9)]
        db.add_all(homes)
    load_demo()
    living = Counter(person.community_id for person in loaded())
    assert living.keys() == {home.id for home in homes} | {None}
    assert living[None] < PERSONS / 8


def test_without_communities_nobody_has_one(bureau: Flask) -> None:
    load_demo()
    assert {person.community_id for person in loaded()} == {None}
