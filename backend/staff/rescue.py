"""Use cases for a colleague who cannot sign in, or whose account may be in a wrong hand.

Each leaves an audit row and a notice to the holder. Taking the second factor away needs two persons: with a one-time
password beside it, one administrator alone could become anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.approvals import MOST_REASON, ApprovalKind, ask, register_approval_kind
from backend.staff.audit import record
from backend.staff.entry.attempts import unlock
from backend.staff.entry.binding import unbind
from backend.staff.entry.totp import has_second_factor, remove_second_factor
from backend.staff.models import AccountMatter, Approval, StaffAccount
from backend.staff.names import account_names
from backend.staff.notices import recipient_of, tell
from backend.staff.permissions import Permission
from backend.staff.powers import locked_account, require_manager
from backend.staff.sessions import end_sessions
from backend.storage import atomic, session

SECOND_FACTOR = "staff.second_factor"
_SUBJECT = "staff_account"


def unlock_account(account_id: uuid.UUID, reason: str, *, by: StaffAccount) -> None:
    """Let somebody try the password again before the quarter of an hour is over.

    Raises `AppError` not_found, forbidden for oneself, invalid without a reason, state_conflict when not locked.
    """
    _change(account_id, reason, by, AccountMatter.UNLOCKED, lambda: unlock(account_id, by.id), texts.NOT_LOCKED)


def unbind_wechat(account_id: uuid.UUID, reason: str, *, by: StaffAccount) -> None:
    """Take a lost telephone's WeChat away from an account, with its sessions. Raises as `unlock_account` does."""

    def change() -> bool:
        return unbind(account_id, by.id) and end_sessions(account_id) >= 0

    _change(account_id, reason, by, AccountMatter.WECHAT_UNBOUND, change, texts.NOT_BOUND)


def end_account_sessions(account_id: uuid.UUID, reason: str, *, by: StaffAccount) -> None:
    """Sign somebody out everywhere. Raises as `unlock_account` does."""

    def change() -> bool:
        ended = end_sessions(account_id)
        if ended:
            record("staff.sessions_ended", _SUBJECT, account_id, account_id=by.id, sessions=ended)
        return ended > 0

    _change(account_id, reason, by, AccountMatter.SESSIONS_ENDED, change, texts.NOWHERE_SIGNED_IN)


def ask_to_remove_second_factor(account_id: uuid.UUID, reason: str, *, by: StaffAccount) -> Approval:
    """Ask for a second person's yes to take away the second factor of somebody who lost the telephone.

    Raises as `unlock_account` does.
    """
    with atomic():
        account = _theirs(account_id, by)
        if not has_second_factor(account_id):
            raise AppError("state_conflict", texts.NO_SECOND_FACTOR, 409)
        return ask(
            SECOND_FACTOR, {"account": str(account_id)}, reason=_reason(reason), asked_by=by, node_id=account.home_id
        )


def _remove_second_factor(approval: Approval) -> None:
    """What was agreed to; nothing where the holder has done it meanwhile."""
    account_id, asker = uuid.UUID(approval.payload["account"]), session().get_one(StaffAccount, approval.asked_by)
    recipient_id = recipient_of(account_id)
    if remove_second_factor(account_id, asker.id):
        tell(account_id, AccountMatter.SECOND_FACTOR_REMOVED, approval.reason, asker, recipient_id)


def _title(approval: Approval) -> str:
    account_id = uuid.UUID(approval.payload["account"])
    name = account_names([account_id]).get(account_id)
    return texts.REMOVE_SECOND_FACTOR.format(name=name or texts.SOMEBODY)


register_approval_kind(ApprovalKind(SECOND_FACTOR, Permission.APPROVE_SETTINGS, _remove_second_factor, _title))


def _change(
    account_id: uuid.UUID,
    reason: str,
    by: StaffAccount,
    matter: AccountMatter,
    change: Callable[[], bool],
    nothing: str,
) -> None:
    reason = _reason(reason)
    with atomic():
        _theirs(account_id, by)
        recipient_id = recipient_of(account_id)
        if not change():
            raise AppError("state_conflict", nothing, 409)
        tell(account_id, matter, reason, by, recipient_id)


def _theirs(account_id: uuid.UUID, by: StaffAccount) -> StaffAccount:
    account = locked_account(account_id)
    require_manager(by, account)
    if by.id == account_id:
        raise AppError("forbidden", texts.NOT_ONESELF, 403)
    if not account.active:
        raise AppError("state_conflict", texts.ACCOUNT_INACTIVE, 409)
    return account


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MOST_REASON:
        sentence = texts.REASON_FORM.format(most=MOST_REASON)
        raise AppError("invalid", sentence, 422, errors={"reason": [sentence]})
    return reason
