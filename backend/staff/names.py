"""What colleagues and places are called, by their ids; for pages that show who did something and where."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.staff.models import NodeKind, OrganisationNode, StaffAccount
from backend.storage import transaction

# Of one district; a list that is longer is not read anyway.
MOST_COMMUNITIES = 300


def account_names(ids: Collection[uuid.UUID | None]) -> Mapping[uuid.UUID, str]:
    """The names of colleagues; one query, none where there are no ids."""
    return _names(StaffAccount.id, StaffAccount.display_name, ids)


def place_names(ids: Collection[uuid.UUID | None]) -> Mapping[uuid.UUID, str]:
    """The names of places; one query, none where there are no ids."""
    return _names(OrganisationNode.id, OrganisationNode.name, ids)


def place_name(node_id: uuid.UUID | None) -> str | None:
    """The name of one place, None for none."""
    return None if node_id is None else place_names([node_id]).get(node_id)


def communities(within: frozenset[uuid.UUID] | None = None) -> Sequence[tuple[uuid.UUID, str]]:
    """Id and name of the open communities, by name: those among `within`, or all of the district's."""
    node = OrganisationNode
    wanted = sa.select(node.id, node.name).where(node.kind == NodeKind.COMMUNITY, node.closed_at.is_(None))
    if within is not None:
        wanted = wanted.where(node.id.in_(within))
    with transaction() as session:
        rows = session.execute(wanted.order_by(node.name, node.id).limit(MOST_COMMUNITIES))
        return [(row.id, row.name) for row in rows]


def _names(
    key: sa.orm.InstrumentedAttribute[uuid.UUID],
    name: sa.orm.InstrumentedAttribute[str],
    ids: Collection[uuid.UUID | None],
) -> Mapping[uuid.UUID, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    with transaction() as session:
        return dict(session.execute(sa.select(key, name).where(key.in_(wanted))).all())
