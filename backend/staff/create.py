"""Use case `create_account`."""

from __future__ import annotations

import re

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.audit import record
from backend.staff.models import OrganisationNode, Role, StaffAccount
from backend.staff.passwords import LEAST_CHARACTERS, MOST_CHARACTERS, hash_password
from backend.staff.sign_in import clean_username
from backend.storage import transaction

_NAME_CHARACTERS = 40


def create_account(username: str, display_name: str, password: str, role: Role, node_code: str) -> StaffAccount:
    """Make an account at the place with code `node_code`.

    Raises `AppError` invalid with what is wrong by field.
    """
    username, display_name = clean_username(username), display_name.strip()
    faults = _faults(username, display_name, password)
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == node_code)).one_or_none()
        if node is None:
            known = session.scalars(sa.select(OrganisationNode.code).order_by(OrganisationNode.code))
            faults["node_code"] = [texts.NODE_UNKNOWN.format(code=node_code, known="、".join(known))]
        if session.scalar(sa.select(StaffAccount.id).where(StaffAccount.username == username)):
            faults["username"] = [texts.USERNAME_TAKEN]
        if faults or node is None:
            raise AppError("invalid", texts.ACCOUNT_NOT_CREATED, 422, errors=faults)
        account = StaffAccount(
            id=new_id(),
            username=username,
            display_name=display_name,
            password_hash=hash_password(password),
            role=role,
            node_id=node.id,
            active=True,
            failed_sign_ins=0,
            created_at=now(),
        )
        account.node = node
        session.add(account)
        session.flush()
        record("staff.account_created", "staff_account", account.id, role=role.value, node=node_code)
    return account


def _faults(username: str, display_name: str, password: str) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", username):
        faults["username"] = [texts.USERNAME_FORM]
    if not 0 < len(display_name) <= _NAME_CHARACTERS:
        faults["display_name"] = [texts.NAME_MISSING]
    if len(password) < LEAST_CHARACTERS:
        faults["password"] = [texts.TOO_SHORT.format(least=LEAST_CHARACTERS)]
    elif len(password) > MOST_CHARACTERS:
        faults["password"] = [texts.TOO_LONG.format(most=MOST_CHARACTERS)]
    elif username and username in password.lower():
        faults["password"] = [texts.HOLDS_USERNAME]
    return faults
