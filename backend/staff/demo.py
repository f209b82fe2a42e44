"""The staff room's demonstration data: a district, two registries, three accounts."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.ids import new_id
from backend.staff.create import create_account
from backend.staff.models import NodeKind, OrganisationNode, Role, StaffAccount
from backend.storage import transaction

DISTRICT = "xincheng"
XINCHENG_REGISTRY = "xincheng-registry"
CHANGLE_REGISTRY = "changle-registry"

# The same for every demonstration account and printed at start-up; invented data only, refused in production.
DEMONSTRATION_PASSWORD = "nuanmin-2026"  # noqa: S105

_NODES = (
    (DISTRICT, NodeKind.DISTRICT, "新城区民政局", None),
    (XINCHENG_REGISTRY, NodeKind.REGISTRY, "新城区婚姻登记处", DISTRICT),
    (CHANGLE_REGISTRY, NodeKind.REGISTRY, "长乐路婚姻登记处", DISTRICT),
)
_ACCOUNTS = (
    ("registrar-1", "李芳", Role.REGISTRAR, XINCHENG_REGISTRY),
    ("registrar-2", "周敏", Role.REGISTRAR, CHANGLE_REGISTRY),
    ("admin", "王主任", Role.ADMINISTRATOR, DISTRICT),
)


@dataclass(frozen=True)
class DemonstrationSignIn:
    """One row of what is printed at start-up."""

    username: str
    password: str
    display_name: str
    place: str


def load_demo() -> None:
    """Make the places and accounts that are not there yet; safe to run any number of times."""
    with transaction() as session:
        nodes = {node.code: node for node in session.scalars(sa.select(OrganisationNode))}
        for code, kind, name, parent in _NODES:
            if code not in nodes:
                parent_id = nodes[parent].id if parent else None
                nodes[code] = OrganisationNode(id=new_id(), code=code, kind=kind, name=name, parent_id=parent_id)
                session.add(nodes[code])
                session.flush()
        known = set(session.scalars(sa.select(StaffAccount.username)))
        for username, display_name, role, node_code in _ACCOUNTS:
            if username not in known:
                create_account(username, display_name, DEMONSTRATION_PASSWORD, role, node_code)


def sign_ins() -> list[DemonstrationSignIn]:
    """The demonstration accounts, to be printed."""
    places = {code: name for code, _, name, _ in _NODES}
    return [
        DemonstrationSignIn(username, DEMONSTRATION_PASSWORD, display_name, places[node_code])
        for username, display_name, _, node_code in _ACCOUNTS
    ]
