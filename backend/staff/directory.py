"""Who is who and what lies where, for the pages of those who manage it: the tree, lists of accounts, one account."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backend.kernel.clock import now, today
from backend.staff.leave import is_absent
from backend.staff.models import OrganisationNode, Role, RoleAssignment, StaffAccount
from backend.storage import session, transaction

Nodes = frozenset[uuid.UUID]


class AccountState(StrEnum):
    """How an account stands today; one that is both locked and on leave counts as locked."""

    AT_WORK = "at_work"
    ABSENT = "absent"
    LOCKED = "locked"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class TreeRow:
    """A place in the drawn tree: how deep it lies, and how many people have their home there."""

    node: OrganisationNode
    depth: int
    people: int


@dataclass(frozen=True)
class HeldRole:
    """An assignment with the names it needs to be read: the place, whom it is exercised for, who gave it."""

    assignment: RoleAssignment
    holder: str
    place: str
    stand_in_for: str | None
    given_by: str | None


@dataclass(frozen=True)
class AccountRow:
    """An account in a list, with what it holds now or will hold."""

    account: StaffAccount
    state: AccountState
    roles: Sequence[HeldRole]


@dataclass(frozen=True)
class AccountFilter:
    """What a list of accounts is narrowed to; `words` are part of a name or a username."""

    node_id: uuid.UUID | None = None
    role: Role | None = None
    state: AccountState | None = None
    words: str = ""


@dataclass(frozen=True)
class AccountPage:
    """One page of accounts by username; `next` is the last username when more follow."""

    rows: Sequence[AccountRow]
    next: str | None


@dataclass(frozen=True)
class AccountDetail:
    """Everything about one account: what it holds or held, and who stands in for it."""

    account: StaffAccount
    state: AccountState
    held: Sequence[HeldRole]
    past: Sequence[HeldRole]
    stand_ins: Sequence[HeldRole]


_PAST_SHOWN = 20


def tree(nodes: Nodes) -> list[TreeRow]:
    """The open places of the given ones in the order they are drawn, with the number of active people; two queries."""
    with transaction() as opened:
        wanted = sa.select(OrganisationNode).where(OrganisationNode.closed_at.is_(None), OrganisationNode.id.in_(nodes))
        found = opened.scalars(wanted.order_by(OrganisationNode.kind, OrganisationNode.name)).all()
        counted = sa.select(StaffAccount.home_id, sa.func.count()).where(StaffAccount.active)
        people = dict(opened.execute(counted.group_by(StaffAccount.home_id)).all())
    below: dict[uuid.UUID | None, list[OrganisationNode]] = {}
    ids = {node.id for node in found}
    for node in found:
        # A place whose parent one may not see is a top of what one sees.
        below.setdefault(node.parent_id if node.parent_id in ids else None, []).append(node)
    return list(_drawn(below, None, 0, people))


def _drawn(
    below: Mapping[uuid.UUID | None, list[OrganisationNode]],
    top: uuid.UUID | None,
    depth: int,
    people: Mapping[uuid.UUID, int],
) -> list[TreeRow]:
    rows: list[TreeRow] = []
    for node in below.get(top, []):
        rows.append(TreeRow(node, depth, people.get(node.id, 0)))
        rows += _drawn(below, node.id, depth + 1, people)
    return rows


def accounts(nodes: Nodes, wanted: AccountFilter, after: str | None, limit: int) -> AccountPage:
    """Accounts whose home or role lies in the places, by username; two queries."""
    query = sa.select(StaffAccount).where(_within(nodes), *_conditions(wanted))
    if after:
        query = query.where(StaffAccount.username > after)
    with transaction() as opened:
        found = opened.scalars(query.order_by(StaffAccount.username).limit(limit + 1)).all()
        shown = found[:limit]
        held = held_by([account.id for account in shown])
    rows = [AccountRow(account, state_of(account), held.get(account.id, [])) for account in shown]
    return AccountPage(rows, shown[-1].username if len(found) > limit else None)


def account_detail(account_id: uuid.UUID, nodes: Nodes) -> AccountDetail | None:
    """One account of the places, or None."""
    with transaction() as opened:
        account = opened.scalars(
            sa.select(StaffAccount).where(StaffAccount.id == account_id, _within(nodes))
        ).one_or_none()
        if account is None:
            return None
        lasting = sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now())
        mine = RoleAssignment.account_id == account_id
        begun = RoleAssignment.starts_at
        return AccountDetail(
            account,
            state_of(account),
            _held(_named().where(mine, lasting).order_by(begun)),
            _held(_named().where(mine, sa.not_(lasting)).order_by(begun.desc()).limit(_PAST_SHOWN)),
            _held(_named().where(RoleAssignment.stand_in_for == account_id, lasting).order_by(begun)),
        )


def colleagues(account: StaffAccount, nodes: Nodes) -> Sequence[StaffAccount]:
    """Who may stand in for the account, by name: active people of the places, for a list to choose from."""
    wanted = sa.select(StaffAccount).where(
        StaffAccount.active, StaffAccount.home_id.in_(nodes), StaffAccount.id != account.id
    )
    with transaction() as opened:
        return opened.scalars(wanted.order_by(StaffAccount.display_name, StaffAccount.username).limit(500)).all()


def held_by(account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[HeldRole]]:
    """What accounts hold now or will hold, by account; in the open transaction."""
    lasting = sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now())
    query = _named().where(RoleAssignment.account_id.in_(account_ids), lasting).order_by(RoleAssignment.starts_at)
    grouped: dict[uuid.UUID, list[HeldRole]] = {}
    for held in _held(query):
        grouped.setdefault(held.assignment.account_id, []).append(held)
    return grouped


def state_of(account: StaffAccount) -> AccountState:
    """How an account stands now."""
    if not account.active:
        return AccountState.INACTIVE
    if account.locked_until is not None and account.locked_until > now():
        return AccountState.LOCKED
    return AccountState.ABSENT if is_absent(account, today()) else AccountState.AT_WORK


def _within(nodes: Nodes) -> sa.ColumnElement[bool]:
    held = sa.select(RoleAssignment.id).where(
        RoleAssignment.account_id == StaffAccount.id,
        RoleAssignment.node_id.in_(nodes),
        sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now()),
    )
    return sa.or_(StaffAccount.home_id.in_(nodes), held.exists())


def _conditions(wanted: AccountFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.node_id is not None:
        found.append(_within(frozenset({wanted.node_id})))
    if wanted.role is not None:
        lasting = sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now())
        held = sa.select(RoleAssignment.id).where(
            RoleAssignment.account_id == StaffAccount.id, RoleAssignment.role == wanted.role, lasting
        )
        found.append(held.exists())
    if wanted.state is not None:
        found.append(_standing(wanted.state))
    if wanted.words:
        names = (StaffAccount.display_name, StaffAccount.username)
        found.append(sa.or_(*(name.contains(wanted.words.lower(), autoescape=True) for name in names)))
    return found


def _standing(state: AccountState) -> sa.ColumnElement[bool]:
    locked = sa.func.coalesce(StaffAccount.locked_until > now(), sa.false())
    absent = sa.func.coalesce(
        sa.literal(today()).between(StaffAccount.absent_from, StaffAccount.absent_until), sa.false()
    )
    return {
        AccountState.INACTIVE: sa.not_(StaffAccount.active),
        AccountState.LOCKED: sa.and_(StaffAccount.active, locked),
        AccountState.ABSENT: sa.and_(StaffAccount.active, sa.not_(locked), absent),
        AccountState.AT_WORK: sa.and_(StaffAccount.active, sa.not_(locked), sa.not_(absent)),
    }[state]


_holder, _absent, _giver = aliased(StaffAccount), aliased(StaffAccount), aliased(StaffAccount)


def _named() -> sa.Select[RoleAssignment, str, str, str, str]:
    return (
        sa.select(
            RoleAssignment,
            _holder.display_name,
            OrganisationNode.name,
            _absent.display_name,
            _giver.display_name,
        )
        .join(_holder, _holder.id == RoleAssignment.account_id)
        .join(OrganisationNode, OrganisationNode.id == RoleAssignment.node_id)
        .outerjoin(_absent, _absent.id == RoleAssignment.stand_in_for)
        .outerjoin(_giver, _giver.id == RoleAssignment.given_by)
    )


def _held(query: sa.Select[RoleAssignment, str, str, str, str]) -> list[HeldRole]:
    # The last two are None where nobody is stood in for, and where the system gave it.
    return [HeldRole(*row) for row in session().execute(query)]
