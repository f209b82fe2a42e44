"""The bureau's tree and its roles, as pure rules: what may lie below what, and who may not be what at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class NodeKind(StrEnum):
    """Kinds of place in the organisation tree."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    DEPARTMENT = "department"
    REGISTRY = "registry"
    CANTEEN = "canteen"
    COUNTER = "counter"  # a service window


# Which kinds a place may lie below; the district alone lies below nothing. No kind can come below itself along any
# path, so a loop cannot even be written down: the CHECK made of this table is all that is needed against one.
PARENT_KINDS: Mapping[NodeKind, frozenset[NodeKind]] = {
    NodeKind.DISTRICT: frozenset(),
    NodeKind.STREET: frozenset({NodeKind.DISTRICT}),
    NodeKind.COMMUNITY: frozenset({NodeKind.STREET}),
    NodeKind.DEPARTMENT: frozenset({NodeKind.DISTRICT}),
    NodeKind.REGISTRY: frozenset({NodeKind.DISTRICT, NodeKind.STREET, NodeKind.DEPARTMENT}),
    NodeKind.CANTEEN: frozenset({NodeKind.DISTRICT, NodeKind.STREET, NodeKind.COMMUNITY}),
    NodeKind.COUNTER: frozenset(
        {NodeKind.DISTRICT, NodeKind.STREET, NodeKind.COMMUNITY, NodeKind.DEPARTMENT, NodeKind.REGISTRY}
    ),
}


class Role(StrEnum):
    """Named sets of permissions; see `backend.staff.permissions`."""

    REGISTRAR = "registrar"
    REGISTRY_HEAD = "registry_head"
    COUNTER_CLERK = "counter_clerk"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    SUPERVISOR = "supervisor"
    SOCIAL_WORKER = "social_worker"
    COUNSELLOR = "counsellor"
    COUNSELLING_SUPERVISOR = "counselling_supervisor"
    ADMINISTRATOR = "administrator"


# Whoever reads the trail may not be the one who gives the powers whose use it shows (separation of duties).
INCOMPATIBLE: frozenset[frozenset[Role]] = frozenset({frozenset({Role.AUDITOR, Role.ADMINISTRATOR})})


def may_lie_below(kind: NodeKind, parent: NodeKind | None) -> bool:
    """Whether a place of a kind may lie below one of another; only the district lies below nothing."""
    if parent is None:
        return not PARENT_KINDS[kind]
    return parent in PARENT_KINDS[kind]


def placement_check() -> str:
    """The same as an SQL condition over `kind` and `parent_kind`, for the table's CHECK."""
    cases = [f"(kind = '{NodeKind.DISTRICT.value}' AND parent_kind IS NULL)"]
    for kind, parents in PARENT_KINDS.items():
        if parents:
            names = ", ".join(f"'{parent.value}'" for parent in sorted(parents))
            # A NULL would make IN unknown, and a CHECK lets the unknown pass.
            cases.append(f"(kind = '{kind.value}' AND parent_kind IS NOT NULL AND parent_kind IN ({names}))")
    return " OR ".join(cases)


def incompatible(role: Role, others: Collection[Role]) -> Role | None:
    """One of the other roles that may not be held beside this one, or None."""
    return next((other for other in sorted(others) if frozenset({role, other}) in INCOMPATIBLE), None)
