"""The WeChat that belongs to an account: one for each, and each for one."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry.models import WeChatBinding
from backend.staff.models import StaffAccount
from backend.storage import blind_index, transaction


def openid_index(app_id: str, openid: str) -> bytes:
    """By what a WeChat of one account of ours is found again."""
    return blind_index(f"{app_id}:{openid}", "staff.openid")


def bound_account(index: bytes) -> StaffAccount | None:
    """The active account that a WeChat belongs to."""
    wanted = sa.select(StaffAccount).join(WeChatBinding, WeChatBinding.account_id == StaffAccount.id)
    with transaction() as session:
        return session.scalars(wanted.where(WeChatBinding.openid_index == index, StaffAccount.active)).one_or_none()


def bound_since(account_id: uuid.UUID) -> datetime | None:
    """Since when the account has a WeChat; None when it has none."""
    with transaction() as session:
        return session.scalar(sa.select(WeChatBinding.bound_at).where(WeChatBinding.account_id == account_id))


def bind(account_id: uuid.UUID, openid: str, index: bytes) -> bool:
    """Bind a WeChat in the open transaction; False when either of the two is bound already."""
    row = WeChatBinding(id=new_id(), account_id=account_id, openid_index=index, bound_at=now())
    row.openid = openid
    values = {name: getattr(row, name) for name in ("id", "account_id", "openid_sealed", "openid_index", "bound_at")}
    with transaction() as session:
        made = session.scalar(insert(WeChatBinding).values(values).on_conflict_do_nothing().returning(WeChatBinding.id))
        if made is not None:
            record("staff.wechat_bound", "staff_account", account_id, account_id=account_id)
    return made is not None


def unbind(account_id: uuid.UUID, by: uuid.UUID) -> bool:
    """Take the WeChat away from an account; False when it had none. `by` is the holder or an administrator."""
    gone = sa.delete(WeChatBinding).where(WeChatBinding.account_id == account_id).returning(WeChatBinding.id)
    with transaction() as session:
        if session.scalar(gone) is None:
            return False
        record("staff.wechat_unbound", "staff_account", account_id, account_id=by)
    return True
