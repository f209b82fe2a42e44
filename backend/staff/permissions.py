"""What a role may do, and where: given over a place, it holds there and in all below it, for its time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.staff.models import Role, StaffAccount
from backend.storage import transaction


class Permission(StrEnum):
    """Names that views require with `@access(Caller.STAFF, ...)`."""

    READ_APPOINTMENTS = "marriage.appointments.read"
    DECIDE_APPOINTMENTS = "marriage.appointments.decide"
    PLAN_CAPACITY = "marriage.capacity.plan"
    READ_ARCHIVE = "marriage.archive.read"
    WORK_ARCHIVE = "marriage.archive.work"
    APPROVE_ARCHIVE = "marriage.archive.approve"
    READ_DIVORCES = "marriage.divorces.read"
    DECIDE_DIVORCES = "marriage.divorces.decide"
    CARE_CONTACTS = "marriage.care.contacts"
    SUPERVISE_CARE = "marriage.care.supervise"
    COUNSEL = "marriage.counselling.sessions"
    SUPERVISE_COUNSELLING = "marriage.counselling.supervise"
    CALL_BACK = "marriage.counselling.callbacks"
    ATTEND_MESSAGES = "messages.attention"
    READ_PERSONS = "people.read"
    VERIFY_PERSONS = "people.verify"
    RECORD_LIFE_EVENTS = "people.life_events"
    HANDLE_RIGHTS = "people.rights"
    MANAGE_STAFF = "staff.manage"
    ARRANGE_LEAVE = "staff.leave"
    READ_AUDIT = "audit.read"
    ASK_EXPORT = "exports.ask"
    APPROVE_EXPORT = "exports.approve"
    MANAGE_SETTINGS = "settings.manage"
    APPROVE_SETTINGS = "settings.approve"


_REGISTRAR = frozenset(
    {
        Permission.READ_APPOINTMENTS,
        Permission.DECIDE_APPOINTMENTS,
        Permission.READ_DIVORCES,
        Permission.DECIDE_DIVORCES,
        Permission.READ_ARCHIVE,
        Permission.WORK_ARCHIVE,
        Permission.ATTEND_MESSAGES,
        Permission.READ_PERSONS,
        Permission.VERIFY_PERSONS,
        Permission.ASK_EXPORT,
    }
)

# An administrator of the district oversees; what is decided about a couple is decided at its registry. Reading the
# audit trail is the auditor's alone, and the auditor reads nothing else (domain-rules §6.3).
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.REGISTRAR: _REGISTRAR,
    # A registry is closed by whoever heads it, at once when the power fails; hours in general are the bureau's.
    # Whoever reads by approval is let in by the head, not by whoever serves them (domain-rules §2.9).
    Role.REGISTRY_HEAD: _REGISTRAR
    | {
        Permission.PLAN_CAPACITY,
        Permission.APPROVE_ARCHIVE,
        Permission.APPROVE_EXPORT,
        Permission.ARRANGE_LEAVE,
    },
    Role.COUNTER_CLERK: frozenset(
        {Permission.READ_PERSONS, Permission.VERIFY_PERSONS, Permission.RECORD_LIFE_EVENTS},
    ),
    Role.PRIVACY_OFFICER: frozenset({Permission.HANDLE_RIGHTS, Permission.READ_PERSONS}),
    Role.AUDITOR: frozenset({Permission.READ_AUDIT, Permission.ASK_EXPORT}),
    # Whoever is called is a person of their own: neither the other one nor the papers (domain-rules §2.6).
    Role.SOCIAL_WORKER: frozenset({Permission.CARE_CONTACTS}),
    # What is said to a counsellor is theirs, and their supervisor's (domain-rules §2.8); nobody else opens it.
    Role.COUNSELLOR: frozenset({Permission.COUNSEL, Permission.CALL_BACK}),
    Role.COUNSELLING_SUPERVISOR: frozenset({Permission.SUPERVISE_COUNSELLING, Permission.CALL_BACK}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.READ_DIVORCES,
            Permission.SUPERVISE_CARE,
            Permission.READ_APPOINTMENTS,
            Permission.ATTEND_MESSAGES,
            Permission.APPROVE_EXPORT,
            Permission.ARRANGE_LEAVE,
            Permission.APPROVE_SETTINGS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_APPOINTMENTS,
            Permission.PLAN_CAPACITY,
            Permission.ATTEND_MESSAGES,
            Permission.MANAGE_STAFF,
            Permission.ARRANGE_LEAVE,
            Permission.MANAGE_SETTINGS,
            Permission.APPROVE_SETTINGS,
        }
    ),
}


@dataclass(frozen=True)
class Grant:
    """A role held now, with the places it reaches; `stand_in_for` is the colleague for whom it is exercised."""

    role: Role
    nodes: frozenset[uuid.UUID]
    stand_in_for: uuid.UUID | None = None
    stand_in_name: str | None = None

    def gives(self, permission: str) -> bool:
        """Whether the role has the permission."""
        return permission in ROLES[self.role]


@dataclass(frozen=True)
class Grants:
    """Everything an account holds at one moment; read once for a request."""

    given: Sequence[Grant] = ()

    def hold(self, permission: str) -> bool:
        """Whether any role has the permission, wherever."""
        return any(grant.gives(permission) for grant in self.given)

    def nodes(self, permission: str) -> frozenset[uuid.UUID]:
        """Every place the permission reaches."""
        return frozenset[uuid.UUID]().union(*(grant.nodes for grant in self.given if grant.gives(permission)))

    def reach(self, permission: str, node_id: uuid.UUID, *, not_for: uuid.UUID | None = None) -> bool:
        """Whether the permission reaches the place, leaving out what is held only in the stead of `not_for`."""
        return any(
            grant.gives(permission) and node_id in grant.nodes and (not_for is None or grant.stand_in_for != not_for)
            for grant in self.given
        )

    def standing_in_for(self) -> Mapping[uuid.UUID, str]:
        """The colleagues for whom the account acts, with their names."""
        acting = [grant for grant in self.given if grant.stand_in_for is not None]
        return {grant.stand_in_for: grant.stand_in_name or "" for grant in acting if grant.stand_in_for}


# A stand-in's power lives no longer than the one it repeats, whatever its own dates say. UNION ends the walk down the
# tree even if it had a loop.
_GRANTS = sa.text(
    """
    WITH RECURSIVE given AS (
        SELECT held.role, held.node_id, held.stand_in_for, absent.display_name AS stand_in_name
        FROM role_assignments AS held
        JOIN staff_accounts AS account ON account.id = held.account_id AND account.active
        LEFT JOIN role_assignments AS source ON source.id = held.source_id
        LEFT JOIN staff_accounts AS absent ON absent.id = held.stand_in_for
        WHERE held.account_id = :account_id
          AND held.starts_at <= :moment AND (held.ends_at IS NULL OR held.ends_at > :moment)
          AND (held.source_id IS NULL OR (absent.active AND source.stand_in_for IS NULL
               AND source.starts_at <= :moment AND (source.ends_at IS NULL OR source.ends_at > :moment)))
    ), below AS (
        SELECT node_id AS top, node_id AS id FROM given
        UNION
        SELECT below.top, node.id FROM below JOIN organisation_nodes AS node ON node.parent_id = below.id
    )
    SELECT role, stand_in_for, stand_in_name, ARRAY(SELECT id FROM below WHERE below.top = given.node_id) AS nodes
    FROM given
    """
)


def grants_of(account: StaffAccount) -> Grants:
    """What the account holds now; one query."""
    with transaction() as session:
        rows = session.execute(_GRANTS, {"account_id": account.id, "moment": now()}).all()
    return Grants([Grant(Role(row.role), frozenset(row.nodes), row.stand_in_for, row.stand_in_name) for row in rows])


def holds(account: StaffAccount, permission: str) -> bool:
    """Whether one of the account's roles has the permission now, wherever; one query."""
    return grants_of(account).hold(permission)


def may(account: StaffAccount, permission: str, node_id: uuid.UUID) -> bool:
    """Whether the account has the permission now over what belongs to the node; one query."""
    return grants_of(account).reach(permission, node_id)


def visible_nodes(account: StaffAccount, permission: str) -> frozenset[uuid.UUID]:
    """Every node over which the account has the permission now; one query."""
    return grants_of(account).nodes(permission)
