"""The groups of parameters that the rooms bring, and the places for which the person at the desk may set them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import abort

from backend.console.guard import current_nodes
from backend.console.rooms import console_rooms
from backend.console.settings_pages import texts
from backend.parameters import Parameter, ParameterGroup, Words
from backend.staff import Permission, district_id
from backend.staff.models import NodeKind, OrganisationNode
from backend.storage import transaction

EVERYWHERE = ""


@dataclass(frozen=True)
class Declared:
    """A parameter with the group it stands in."""

    parameter: Parameter
    group: ParameterGroup

    @property
    def words(self) -> Words:
        """What it is called."""
        return self.group.words[self.parameter.key]


@dataclass(frozen=True)
class Place:
    """Where a value holds: the code under which it is kept (empty for everywhere), and the name."""

    code: str
    name: str


def parameter_groups() -> Sequence[ParameterGroup]:
    """Every group, room by room."""
    return [group for room in console_rooms() for group in room.parameters]


def find_declared(key: str) -> Declared | None:
    """The parameter of a key, or None: a request may be older than the program."""
    found = (Declared(one, group) for group in parameter_groups() for one in group.parameters if one.key == key)
    return next(found, None)


def declared_or_404(key: str) -> Declared:
    """The parameter of a key."""
    found = find_declared(key)
    if found is None:
        abort(404)
    return found


def places_for(group: ParameterGroup) -> Sequence[Place]:
    """Where the person at the desk may set a value: everywhere if the district is theirs, and registries below."""
    nodes = current_nodes(Permission.MANAGE_SETTINGS)
    everywhere = [Place(EVERYWHERE, texts.DEFAULT_PLACE)] if district_id() in nodes else []
    return [*everywhere, *_registries(nodes)] if group.by_place else everywhere


def _registries(nodes: frozenset[object]) -> Sequence[Place]:
    node = OrganisationNode
    query = sa.select(node.code, node.name).where(
        node.kind == NodeKind.REGISTRY, node.closed_at.is_(None), node.id.in_(nodes)
    )
    with transaction() as session:
        return [Place(row.code, row.name) for row in session.execute(query.order_by(node.name, node.code).limit(100))]


def place_names() -> dict[str, str]:
    """The name of every place a value may have been set for, by its code."""
    query = sa.select(OrganisationNode.code, OrganisationNode.name).where(OrganisationNode.kind == NodeKind.REGISTRY)
    with transaction() as session:
        names = {row.code: row.name for row in session.execute(query)}
    return {EVERYWHERE: texts.DEFAULT_PLACE, **names}
