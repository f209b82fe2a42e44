"""Which persons the person at the desk may see."""

from __future__ import annotations

import uuid

from flask import abort

from backend.console.guard import current_nodes, may_here
from backend.console.rooms import Nodes
from backend.people import PersonView
from backend.people.finding import Scope, visible_person
from backend.staff import Permission, district_id


def scope_of(nodes: Nodes) -> Scope:
    """The persons within places: the whole district sees all, and who verifies sees those who live nowhere yet."""
    return Scope(nodes, everyone=district_id() in nodes, unplaced=may_here(Permission.VERIFY_PERSONS))


def scope_for(permission: str) -> Scope:
    """The persons over whom the person at the desk has a permission."""
    return scope_of(current_nodes(permission))


def person_or_404(permission: str, person_id: uuid.UUID) -> PersonView:
    """A person over whom the person at the desk has a permission; everybody else is not there."""
    found = visible_person(scope_for(permission), person_id)
    if found is None:
        abort(404)
    return found
