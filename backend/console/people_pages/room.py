"""Persons as a room of the console: its menu, its part of the search, its subjects."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from flask import url_for

from backend.console.guard import may_here
from backend.console.people_pages import counter, pages, texts
from backend.console.people_pages.blueprint import people
from backend.console.people_pages.scope import scope_of
from backend.console.rooms import ConsoleRoom, Found, NavEntry, Nodes, SubjectLink
from backend.people import PersonView
from backend.people.models import Person
from backend.people.notices import SUBJECT_KIND
from backend.people.parameters import PROOFS
from backend.staff import Permission
from backend.storage import transaction

__all__ = ["counter", "pages", "people_console"]  # the modules hang their views on `people`


def _search(text: str) -> Sequence[Found]:
    if not may_here(Permission.READ_PERSONS):
        return ()
    with transaction():
        return [_found(person) for person in pages.look_for(text) or ()]


def _found(person: PersonView) -> Found:
    note = " ".join(part for part in (person.masked_number, texts.LEVEL_NAMES[person.level]) if part)
    title = person.name or texts.SUBJECT_UNKNOWN
    return Found(texts.MATTER, title, url_for("people.person", person_id=person.id), note)


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    query = sa.select(Person.id, Person.last4).where(Person.id.in_(ids), scope_of(nodes).condition())
    with transaction() as session:
        rows = session.execute(query).all()
    return {
        row.id: SubjectLink(
            texts.SUBJECT.format(last4=row.last4) if row.last4 else texts.SUBJECT_UNKNOWN,
            url_for("people.person", person_id=row.id),
        )
        for row in rows
    }


def _all_subjects(nodes: Nodes) -> sa.Select[uuid.UUID]:
    return sa.select(Person.id).where(scope_of(nodes).condition())


people_console = ConsoleRoom(
    blueprint=people,
    navigation=[
        NavEntry("people.start", texts.PERSONS, Permission.READ_PERSONS),
        NavEntry("people.verify_form", texts.VERIFY, Permission.VERIFY_PERSONS),
    ],
    search=_search,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: _all_subjects},
    parameters=[PROOFS],
)
