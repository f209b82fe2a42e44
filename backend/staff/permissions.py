"""What a role may do, and where: an account's permissions hold for its place in the tree and all below it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from backend.staff.models import OrganisationNode, Role, StaffAccount
from backend.storage import transaction


class Permission(StrEnum):
    """Names that views require with `@access(Caller.STAFF, ...)`."""

    READ_APPOINTMENTS = "marriage.appointments.read"
    DECIDE_APPOINTMENTS = "marriage.appointments.decide"
    ATTEND_MESSAGES = "messages.attention"
    READ_PERSONS = "people.read"
    VERIFY_PERSONS = "people.verify"
    RECORD_LIFE_EVENTS = "people.life_events"
    HANDLE_RIGHTS = "people.rights"
    MANAGE_STAFF = "staff.manage"
    READ_AUDIT = "audit.read"
    ASK_EXPORT = "exports.ask"
    APPROVE_EXPORT = "exports.approve"


# An administrator of the district oversees; what is decided about a couple is decided at its registry.
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.REGISTRAR: frozenset(
        {
            Permission.READ_APPOINTMENTS,
            Permission.DECIDE_APPOINTMENTS,
            Permission.ATTEND_MESSAGES,
            Permission.READ_PERSONS,
            Permission.VERIFY_PERSONS,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Permission.READ_APPOINTMENTS, Permission.ATTEND_MESSAGES, Permission.MANAGE_STAFF}),
}


def holds(account: StaffAccount, permission: str) -> bool:
    """Whether the account's role has the permission at all, wherever."""
    return permission in ROLES[account.role]


def may(account: StaffAccount, permission: str, node_id: uuid.UUID) -> bool:
    """Whether the account has the permission over what belongs to the node."""
    return holds(account, permission) and node_id in visible_nodes(account)


_nodes = OrganisationNode.__table__.c
_BELOW = sa.select(_nodes.id).where(_nodes.id == sa.bindparam("top")).cte("below", recursive=True)
_BELOW = _BELOW.union(sa.select(_nodes.id).where(_nodes.parent_id == _BELOW.c.id))


def visible_nodes(account: StaffAccount) -> frozenset[uuid.UUID]:
    """The account's node and every node below it; one query, UNION ends it even if the tree had a loop."""
    with transaction() as session:
        return frozenset(session.scalars(sa.select(_BELOW.c.id), {"top": account.node_id}))
