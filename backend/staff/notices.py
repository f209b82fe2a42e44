"""Telling a colleague what somebody else did to their account: at the console until they have seen it, and by WeChat.

A wrong hand on an account must not stay unnoticed, so the console's line does not depend on any telephone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.entry.models import WeChatBinding
from backend.staff.models import AccountMatter, StaffAccount, StaffNotice
from backend.storage import session, transaction
from messages.models import Address, Product
from messages.outbox import Subject, post

MOST_SHOWN = 20
_SUBJECT = "staff_account"


@dataclass(frozen=True)
class NoticeLine:
    """What the holder reads."""

    at: datetime
    matter: AccountMatter
    reason: str
    by: str


def recipient_of(account_id: uuid.UUID) -> uuid.UUID | None:
    """Under which id messages reach the WeChat bound to an account; None where none is bound. In a transaction."""
    binding = session().scalars(sa.select(WeChatBinding).where(WeChatBinding.account_id == account_id)).one_or_none()
    if binding is None:
        return None
    known = sa.select(Address.recipient_id).where(Address.openid == binding.openid, Address.product == Product.ACCOUNT)
    return session().scalar(known)


def tell(
    account_id: uuid.UUID, matter: AccountMatter, reason: str, by: StaffAccount, recipient_id: uuid.UUID | None
) -> None:
    """Leave the notice in the open transaction; `recipient_id` as it was before a WeChat was unbound."""
    notice = StaffNotice(id=new_id(), account_id=account_id, at=now(), matter=matter, reason=reason, by_id=by.id)
    session().add(notice)
    session().flush()
    if recipient_id is not None:
        post(
            "staff.account_changed",
            recipient_id=recipient_id,
            subject=Subject(_SUBJECT, account_id),
            data={"matter": texts.TOLD[matter.value], "who": by.display_name},
            key=f"staff.account_changed:{notice.id}",
        )


def unseen(account_id: uuid.UUID) -> Sequence[NoticeLine]:
    """What an account's holder has not yet said to have read, newest first."""
    by = aliased(StaffAccount)
    query = sa.select(StaffNotice.at, StaffNotice.matter, StaffNotice.reason, by.display_name)
    query = query.join(by, by.id == StaffNotice.by_id)
    query = query.where(StaffNotice.account_id == account_id, StaffNotice.seen_at.is_(None))
    with transaction() as opened:
        return [NoticeLine(*row) for row in opened.execute(query.order_by(StaffNotice.at.desc()).limit(MOST_SHOWN))]


def note_seen(account_id: uuid.UUID) -> None:
    """The holder has read them all."""
    mine = sa.update(StaffNotice).where(StaffNotice.account_id == account_id, StaffNotice.seen_at.is_(None))
    with transaction() as opened:
        opened.execute(mine.values(seen_at=now()).execution_options(synchronize_session=False))
