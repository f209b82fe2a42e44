"""Whom an account may manage, and the locks under which accounts are changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.models import OrganisationNode, Role, RoleAssignment, StaffAccount
from backend.staff.permissions import Grants, Permission, grants_of
from backend.storage import session


def locked_account(account_id: uuid.UUID) -> StaffAccount:
    """The account, changed by nobody else until the open transaction ends. Raises `AppError` not_found."""
    wanted = sa.select(StaffAccount).where(StaffAccount.id == account_id)
    wanted = wanted.with_for_update(of=StaffAccount, key_share=True).execution_options(populate_existing=True)
    account = session().scalars(wanted).one_or_none()
    if account is None:
        raise AppError("not_found", texts.ACCOUNT_NOT_FOUND, 404)
    return account


def open_node(node_id: uuid.UUID) -> OrganisationNode:
    """A place that is open and stays so until the open transaction ends.

    Raises `AppError` not_found for one that is not there, invalid for one that is closed.
    """
    wanted = sa.select(OrganisationNode).where(OrganisationNode.id == node_id)
    wanted = wanted.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    node = session().scalars(wanted).one_or_none()
    if node is None:
        raise AppError("not_found", texts.NODE_NOT_FOUND, 404)
    if node.closed_at is not None:
        raise AppError("invalid", texts.NODE_CLOSED, 422, errors={"node": [texts.NODE_CLOSED]})
    return node


def lasting_assignments(account_ids: Iterable[uuid.UUID]) -> list[RoleAssignment]:
    """What the accounts hold now or will hold, their own and as stand-ins, oldest first; in the open transaction."""
    held = sa.or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > now())
    wanted = sa.select(RoleAssignment).where(RoleAssignment.account_id.in_(list(account_ids)), held)
    return list(session().scalars(wanted.order_by(RoleAssignment.starts_at, RoleAssignment.id)))


def within(permission: str, grants: Grants, account: StaffAccount) -> bool:
    """Whether the permission reaches the account's home and every place where it holds something.

    All of them: else who manages one street could take over the account of somebody above it.
    """
    places = {account.home_id, *(held.node_id for held in lasting_assignments([account.id]))}
    return places <= grants.nodes(permission)


def require_manager(by: StaffAccount | None, account: StaffAccount) -> None:
    """Refuse unless `by` manages the account; None is the operator. Raises `AppError` not_found."""
    if by is not None and not within(Permission.MANAGE_STAFF, grants_of(by), account):
        raise AppError("not_found", texts.ACCOUNT_NOT_FOUND, 404)


def require_giver(by: StaffAccount | None, role: Role, node_id: uuid.UUID) -> None:
    """Refuse unless `by` may give or take a role over a place.

    A stand-in administers, but makes and unmakes no administrators: that would outlive the time it was given for.
    Raises `AppError` not_found, forbidden.
    """
    if by is None:
        return
    reaching = [grant for grant in grants_of(by).given if node_id in grant.nodes]
    reaching = [grant for grant in reaching if grant.gives(Permission.MANAGE_STAFF)]
    if not reaching:
        raise AppError("not_found", texts.NODE_NOT_FOUND, 404)
    if role is Role.ADMINISTRATOR and all(grant.stand_in_for is not None for grant in reaching):
        raise AppError("forbidden", texts.ONLY_OWN_ADMINISTRATOR, 403)
