"""Use cases on accounts: leaving the service and coming back, a one-time password, another home."""

from __future__ import annotations

import uuid

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.administrators import keeping_an_administrator
from backend.staff.approvals import withdraw_all
from backend.staff.assignments import end_all
from backend.staff.audit import record
from backend.staff.leave import stand_ins_of
from backend.staff.models import OrganisationNode, StaffAccount
from backend.staff.passwords import set_one_time_password
from backend.staff.permissions import Permission, grants_of
from backend.staff.powers import lasting_assignments, locked_account, open_node, require_manager
from backend.staff.sessions import end_sessions
from backend.storage import atomic, session

_SUBJECT = "staff_account"


def deactivate_account(account_id: uuid.UUID, *, by: StaffAccount | None) -> None:
    """Leave the service: sessions, roles, stand-ins and open requests end at once; what was done stays on record.

    Raises `AppError` not_found, forbidden for oneself, state_conflict when inactive, last_administrator.
    """
    with atomic() as opened, keeping_an_administrator():
        account = locked_account(account_id)
        require_manager(by, account)
        if by is not None and by.id == account_id:
            raise AppError("forbidden", texts.NOT_ONESELF, 403)
        if not account.active:
            raise AppError("state_conflict", texts.ACCOUNT_INACTIVE, 409)
        account.active = False
        account.absent_from = account.absent_until = None
        roles = lasting_assignments([account_id])
        end_all([*roles, *stand_ins_of(account_id)], now())
        sessions = end_sessions(account_id)
        requests = withdraw_all(account_id, by.id if by else None)
        opened.flush()
        _record("staff.account_deactivated", account, by, roles=len(roles), sessions=sessions, requests=requests)


def reactivate_account(account_id: uuid.UUID, *, by: StaffAccount | None) -> str:
    """Come back, without any role, and with a one-time password, which is returned and told only once.

    Raises `AppError` not_found, state_conflict when active.
    """
    with atomic():
        account = locked_account(account_id)
        require_manager(by, account)
        if account.active:
            raise AppError("state_conflict", texts.ACCOUNT_ACTIVE, 409)
        account.active = True
        session().flush()
        _record("staff.account_reactivated", account, by)
        return set_one_time_password(account_id, by.id if by else None)


def reset_password(account_id: uuid.UUID, *, by: StaffAccount | None) -> str:
    """Give a one-time password, to be changed at the first sign-in; sessions end. It is told only once.

    Raises `AppError` not_found, forbidden for oneself, state_conflict when inactive.
    """
    with atomic():
        account = locked_account(account_id)
        require_manager(by, account)
        if by is not None and by.id == account_id:
            raise AppError("forbidden", texts.CHANGE_YOUR_OWN, 403)
        if not account.active:
            raise AppError("state_conflict", texts.ACCOUNT_INACTIVE, 409)
        return set_one_time_password(account_id, by.id if by else None)


def move_home(account_id: uuid.UUID, node_id: uuid.UUID, *, by: StaffAccount | None) -> OrganisationNode:
    """Seat somebody elsewhere; it changes what is shown beside the name, not what they may do.

    Raises `AppError` not_found for an account or place outside the places of `by`, invalid for a closed place.
    """
    with atomic() as opened:
        node = open_node(node_id)
        account = locked_account(account_id)
        require_manager(by, account)
        if by is not None and not grants_of(by).reach(Permission.MANAGE_STAFF, node_id):
            raise AppError("not_found", texts.NODE_NOT_FOUND, 404)
        account.home = node
        opened.flush()
        _record("staff.home_moved", account, by, node=str(node_id))
    return node


def _record(action: str, account: StaffAccount, by: StaffAccount | None, **detail: object) -> None:
    record(action, _SUBJECT, account.id, account_id=by.id if by else None, **detail)
