"""Which persons the person at the desk may see, and the communities they may name."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.console.guard import current_nodes, may_here
from backend.console.rooms import Nodes
from backend.people.finding import Scope
from backend.staff import Permission, district_id
from backend.staff.models import NodeKind, OrganisationNode, StaffAccount
from backend.storage import transaction

# Of one district; a list that is longer is not read anyway.
MOST_COMMUNITIES = 300


def scope_of(nodes: Nodes) -> Scope:
    """The persons within places: the whole district sees all, and who verifies sees those who live nowhere yet."""
    return Scope(nodes, everyone=district_id() in nodes, unplaced=may_here(Permission.VERIFY_PERSONS))


def scope_for(permission: str) -> Scope:
    """The persons over whom the person at the desk has a permission."""
    return scope_of(current_nodes(permission))


def communities() -> Sequence[tuple[uuid.UUID, str]]:
    """Id and name of the communities in which the person at the desk may place somebody."""
    node = OrganisationNode
    mine = sa.select(node.id, node.name).where(
        node.kind == NodeKind.COMMUNITY,
        node.closed_at.is_(None),
        node.id.in_(current_nodes(Permission.VERIFY_PERSONS)),
    )
    with transaction() as session:
        rows = session.execute(mine.order_by(node.name, node.id).limit(MOST_COMMUNITIES))
        return [(row.id, row.name) for row in rows]


def place_names(ids: Collection[uuid.UUID | None]) -> Mapping[uuid.UUID, str]:
    """The names of places; one query."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = sa.select(OrganisationNode.id, OrganisationNode.name).where(OrganisationNode.id.in_(wanted))
    with transaction() as session:
        return {row.id: row.name for row in session.execute(found)}


def account_names(ids: Collection[uuid.UUID | None]) -> Mapping[uuid.UUID, str]:
    """The names of colleagues; one query."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = sa.select(StaffAccount.id, StaffAccount.display_name).where(StaffAccount.id.in_(wanted))
    with transaction() as session:
        return {row.id: row.display_name for row in session.execute(found)}
