"""Use cases on roles: `give_role`, `end_role`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.administrators import keeping_an_administrator
from backend.staff.audit import record
from backend.staff.models import Role, RoleAssignment, StaffAccount
from backend.staff.powers import lasting_assignments, locked_account, open_node, require_giver, require_manager
from backend.staff.rules import incompatible
from backend.storage import atomic, session

_SUBJECT = "staff_account"


def give_role(
    account_id: uuid.UUID,
    role: Role,
    node_id: uuid.UUID,
    *,
    by: StaffAccount | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> RoleAssignment:
    """Give a role over a place, from now or a later moment, for good or until `ends_at`. `by` None is the operator.

    Raises `AppError` not_found outside the giver's places, forbidden for oneself, invalid for dates, for a role held
    already at the time and for two that one person may not hold together.
    """
    moment = now()
    starts_at = max(starts_at or moment, moment)
    with atomic() as opened:
        node = open_node(node_id)
        account = locked_account(account_id)
        require_giver(by, role, node.id)
        require_manager(by, account)
        if by is not None and by.id == account.id:
            raise AppError("forbidden", texts.NOT_TO_ONESELF, 403)
        if not account.active:
            raise AppError("state_conflict", texts.ACCOUNT_INACTIVE, 409)
        if ends_at is not None and ends_at <= starts_at:
            raise AppError("invalid", texts.ROLE_NOT_GIVEN, 422, errors={"ends_at": [texts.END_TOO_EARLY]})
        require_compatible(account_id, role, starts_at, ends_at)
        _require_new(account_id, role, node_id, starts_at, ends_at)
        given = RoleAssignment(
            id=new_id(),
            account_id=account_id,
            role=role,
            node_id=node_id,
            starts_at=starts_at,
            ends_at=ends_at,
            given_by=by.id if by else None,
        )
        opened.add(given)
        opened.flush()
        _record("staff.role_given", given, by)
    return given


def end_role(assignment_id: uuid.UUID, *, by: StaffAccount | None, ends_at: datetime | None = None) -> RoleAssignment:
    """Take a role, now or at a later moment; whoever stands in on the strength of it loses it then too.

    Raises `AppError` not_found, state_conflict for one that has ended, invalid for a later end than it has, and
    last_administrator.
    """
    moment = max(ends_at or now(), now())
    with atomic() as opened, keeping_an_administrator():
        held = opened.get(RoleAssignment, assignment_id)
        if held is None:
            raise AppError("not_found", texts.ROLE_NOT_FOUND, 404)
        account = locked_account(held.account_id)
        opened.refresh(held)
        require_giver(by, held.role, held.node_id)
        require_manager(by, account)
        if held.ends_at is not None and held.ends_at <= now():
            raise AppError("state_conflict", texts.ROLE_ENDED, 409)
        if held.ends_at is not None and held.ends_at < moment:
            # A longer time would be giving, which has checks of its own.
            raise AppError("invalid", texts.END_NOT_LATER, 422, errors={"ends_at": [texts.END_NOT_LATER]})
        end_all([held], moment)
        _record("staff.role_ended", held, by)
    return held


def end_all(assignments: Sequence[RoleAssignment], moment: datetime) -> None:
    """End assignments at a moment, with the stand-ins' that repeat them; in the open transaction.

    What would have begun later ends where it begins, so that it never holds.
    """
    ids = [held.id for held in assignments]
    repeated = sa.select(RoleAssignment).where(RoleAssignment.source_id.in_(ids))
    for held in [*assignments, *session().scalars(repeated)]:
        if held.ends_at is None or held.ends_at > moment:
            held.ends_at = max(moment, held.starts_at)
    session().flush()


def require_compatible(account_id: uuid.UUID, role: Role, starts_at: datetime, ends_at: datetime | None) -> None:
    """Refuse a role that may not be held beside another of the time. Raises `AppError` invalid.

    The account must be locked, so that the other cannot be given at the same moment.
    """
    others = {held.role for held in lasting_assignments([account_id]) if _overlap(held, starts_at, ends_at)}
    other = incompatible(role, others)
    if other is not None:
        names = {"role": texts.ROLE_NAMES[role], "other": texts.ROLE_NAMES[other]}
        sentence = texts.ROLES_INCOMPATIBLE.format(**names)
        raise AppError("invalid", sentence, 422, errors={"role": [sentence]})


def _require_new(
    account_id: uuid.UUID, role: Role, node_id: uuid.UUID, starts_at: datetime, ends_at: datetime | None
) -> None:
    for held in lasting_assignments([account_id]):
        same = held.role is role and held.node_id == node_id and held.stand_in_for is None
        if same and _overlap(held, starts_at, ends_at):
            raise AppError("invalid", texts.ROLE_HELD_ALREADY, 422, errors={"role": [texts.ROLE_HELD_ALREADY]})


def _overlap(held: RoleAssignment, starts_at: datetime, ends_at: datetime | None) -> bool:
    begins_before = ends_at is None or held.starts_at < ends_at
    return begins_before and (held.ends_at is None or held.ends_at > starts_at)


def _record(action: str, held: RoleAssignment, by: StaffAccount | None) -> None:
    record(
        action,
        _SUBJECT,
        held.account_id,
        account_id=by.id if by else None,
        role=held.role.value,
        node=str(held.node_id),
        starts_at=held.starts_at.isoformat(),
        ends_at=held.ends_at.isoformat() if held.ends_at else None,
    )
