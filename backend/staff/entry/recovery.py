"""Recovery codes: ten, told once, each good for one sign-in when the telephone is not at hand.

A code has 50 random bits, so a keyed hash bound to the account is all that need be kept of it, and one statement both
finds and uses it up.
"""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry.models import RecoveryCode
from backend.storage import blind_index, transaction

CODES = 10
# 32 that are told apart in any typeface: no 0 and o, no 1 and l.
_CHARACTERS = "23456789abcdefghijkmnpqrstuvwxyz"
_HALF = 5


@dataclass(frozen=True)
class RecoveryState:
    """How many codes are left, and when the last of those used was."""

    left: int
    last_used_at: datetime | None


def replace_codes(account_id: uuid.UUID) -> list[str]:
    """Make ten codes in place of those there were; told only here."""
    moment, codes = now(), [_new_code() for _ in range(CODES)]
    with transaction() as session:
        session.execute(
            sa.delete(RecoveryCode)
            .where(RecoveryCode.account_id == account_id)
            .execution_options(synchronize_session=False)
        )
        session.add_all(
            RecoveryCode(id=new_id(), account_id=account_id, code_hash=_hash(account_id, code), created_at=moment)
            for code in codes
        )
        session.flush()
        record("staff.recovery_codes_made", "staff_account", account_id, account_id=account_id)
    return codes


def use_code(account_id: uuid.UUID, code: str) -> bool:
    """Use a code up in the open transaction; False when it is wrong or used, by whomever."""
    used = (
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(account_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        if session.execute(used).one_or_none() is None:
            return False
        left = recovery_state(account_id).left
        record("staff.recovery_code_used", "staff_account", account_id, account_id=account_id, left=left)
    return True


def recovery_state(account_id: uuid.UUID) -> RecoveryState:
    """What the account's page tells about the codes."""
    unused = sa.func.count().filter(RecoveryCode.used_at.is_(None))
    with transaction() as session:
        left, last = session.execute(
            sa.select(unused, sa.func.max(RecoveryCode.used_at)).where(RecoveryCode.account_id == account_id)
        ).one()
    return RecoveryState(left, last)


def looks_like_a_code(text: str) -> bool:
    """Whether this is written as a recovery code and not as six digits."""
    return len(_plain(text)) == 2 * _HALF


def _new_code() -> str:
    characters = "".join(secrets.choice(_CHARACTERS) for _ in range(2 * _HALF))
    return f"{characters[:_HALF]}-{characters[_HALF:]}"


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _hash(account_id: uuid.UUID, code: str) -> bytes:
    return blind_index(_plain(code), f"staff.recovery_code:{account_id}")
