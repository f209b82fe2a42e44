"""Events of a life and ties as a room of the console; one comes to its pages from a person's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from flask import url_for

from backend.console.life_pages import events, ties
from backend.console.life_pages.blueprint import life
from backend.console.people_pages.scope import scope_of
from backend.console.rooms import ConsoleRoom, Nodes, SubjectLink
from backend.people.models import Person
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.notices import SUBJECT_KIND
from backend.people.proxies.parameters import PROXIES
from backend.people.proxies.texts import TIE_SUBJECT
from backend.storage import transaction

__all__ = ["events", "life_console", "ties"]  # the modules hang their views on `life`


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    """Ties of principals who live within the nodes."""
    query = sa.select(ProxyTie.id, ProxyTie.principal_id).join(Person, Person.id == ProxyTie.principal_id)
    query = query.where(ProxyTie.id.in_(ids), scope_of(nodes).condition())
    with transaction() as session:
        rows = session.execute(query).all()
    return {row.id: SubjectLink(TIE_SUBJECT, url_for("life.ties", person_id=row.principal_id)) for row in rows}


def _all_subjects(nodes: Nodes) -> sa.Select[uuid.UUID]:
    query = sa.select(ProxyTie.id).join(Person, Person.id == ProxyTie.principal_id)
    return query.where(scope_of(nodes).condition())


life_console = ConsoleRoom(
    blueprint=life,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: _all_subjects},
    parameters=[PROXIES],
)
