"""Use case `create_account`."""

from __future__ import annotations

import re
import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.audit import record
from backend.staff.models import OrganisationNode, Role, RoleAssignment, StaffAccount
from backend.staff.passwords import hash_password, password_faults
from backend.staff.powers import open_node, require_giver
from backend.staff.sign_in import clean_username
from backend.storage import atomic, session

_NAME_CHARACTERS = 40


def create_account(
    username: str,
    display_name: str,
    password: str,
    role: Role,
    node_code: str,
    *,
    by: StaffAccount | None = None,
    must_change_password: bool = False,
) -> StaffAccount:
    """Make an account whose home is the place with code `node_code`, and which holds the role there from now on.

    `by` is None for the operator. Raises `AppError` invalid with what is wrong by field, not_found for a place that
    `by` does not manage, forbidden for an administrator made by a stand-in.
    """
    username, display_name = clean_username(username), display_name.strip()
    faults = _name_faults(username, display_name)
    if wrong := password_faults(password, username):
        faults["password"] = wrong
    with atomic() as opened:
        node = _open_node(node_code, faults)
        if opened.scalar(sa.select(StaffAccount.id).where(StaffAccount.username == username)):
            faults["username"] = [texts.USERNAME_TAKEN]
        if faults or node is None:
            raise AppError("invalid", texts.ACCOUNT_NOT_CREATED, 422, errors=faults)
        require_giver(by, role, node.id)
        account = insert_account(username, display_name, hash_password(password), node)
        account.must_change_password = must_change_password
        insert_assignment(account.id, role, node.id, by.id if by else None)
        who = by.id if by else None
        record("staff.account_created", "staff_account", account.id, account_id=who, role=role.value, node=node_code)
    return account


def insert_account(username: str, display_name: str, password_hash: str, home: OrganisationNode) -> StaffAccount:
    """The row alone, in the open transaction: nothing is checked."""
    account = StaffAccount(
        id=new_id(),
        username=username,
        display_name=display_name,
        password_hash=password_hash,
        must_change_password=False,
        home_id=home.id,
        active=True,
        failed_sign_ins=0,
        created_at=now(),
    )
    account.home = home
    session().add(account)
    session().flush()
    return account


def insert_assignment(
    account_id: uuid.UUID, role: Role, node_id: uuid.UUID, given_by: uuid.UUID | None
) -> RoleAssignment:
    """The row of a role from now on, in the open transaction: nothing is checked."""
    given = RoleAssignment(
        id=new_id(), account_id=account_id, role=role, node_id=node_id, starts_at=now(), given_by=given_by
    )
    session().add(given)
    session().flush()
    return given


def _name_faults(username: str, display_name: str) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", username):
        faults["username"] = [texts.USERNAME_FORM]
    if not 0 < len(display_name) <= _NAME_CHARACTERS:
        faults["display_name"] = [texts.NAME_MISSING]
    return faults


def _open_node(code: str, faults: dict[str, list[str]]) -> OrganisationNode | None:
    node_id = session().scalar(sa.select(OrganisationNode.id).where(OrganisationNode.code == code))
    if node_id is None:
        known = session().scalars(sa.select(OrganisationNode.code).order_by(OrganisationNode.code))
        faults["node_code"] = [texts.NODE_UNKNOWN.format(code=code, known=texts.LIST_COMMA.join(known))]
        return None
    return open_node(node_id)
