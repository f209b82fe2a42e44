"""Second factor: six digits from an authenticator, anew every 30 seconds (RFC 6238, by pyotp).

A code of the step before or after counts too, for clocks differ. A code is taken once: its step must be later than the
last one taken, and the database says so in the statement that takes it.
"""

from __future__ import annotations

import hmac
import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry import texts
from backend.staff.entry.models import RecoveryCode, SecondFactor
from backend.staff.entry.recovery import replace_codes
from backend.staff.models import SignInMethod, StaffAccount, StaffSession
from backend.staff.sessions import end_sessions
from backend.storage import transaction

SET_UP_WITHIN = timedelta(minutes=10)
_STEP_SECONDS = 30
_STEPS_EITHER_WAY = 1


@dataclass(frozen=True)
class SetUp:
    """What an authenticator needs: the secret to type in, or the address to scan."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def has_second_factor(account_id: uuid.UUID) -> bool:
    """Whether the account asks for a code after the password."""
    with transaction() as session:
        return session.scalar(sa.select(_counting(account_id).exists())) is True


def begin_set_up(account_id: uuid.UUID) -> None:
    """Make a secret that counts for nothing until a code of it has been given; an older such one is forgotten."""
    with transaction() as session:
        # Two tabs at once: the second waits at the account's row and then replaces what the first made.
        session.execute(sa.select(StaffAccount.id).where(StaffAccount.id == account_id).with_for_update())
        session.execute(_delete(SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_(None)))
        row = SecondFactor(id=new_id(), account_id=account_id, created_at=now())
        row.secret = pyotp.random_base32()
        session.add(row)


def pending_set_up(account_id: uuid.UUID) -> SetUp | None:
    """The secret being set up; None when there is none or it was begun over ten minutes ago."""
    with transaction() as session:
        row = session.scalars(_pending(account_id)).one_or_none()
        if row is None or row.secret is None:
            return None
        username = session.scalars(sa.select(StaffAccount.username).where(StaffAccount.id == account_id)).one()
    made = pyotp.TOTP(row.secret)
    return SetUp(row.secret, made.provisioning_uri(name=username, issuer_name=texts.ISSUER))


def confirm_set_up(account_id: uuid.UUID, session_id: uuid.UUID, code: str) -> list[str]:
    """Let the secret count from now on, and return ten recovery codes, which are told only once.

    Replaces an earlier second factor; every session but `session_id` ends. Raises `AppError` invalid for a wrong code,
    set_up_gone when there is nothing to confirm.
    """
    with transaction() as session:
        row = session.scalars(_pending(account_id).with_for_update()).one_or_none()
        if row is None or row.secret is None:
            raise AppError("set_up_gone", texts.SET_UP_GONE, 409)
        step = _matching_step(row.secret, code)
        if step is None:
            raise AppError("invalid", texts.SET_UP_REFUSED, 422, errors={"code": [texts.SET_UP_REFUSED]})
        session.execute(_delete(SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)))
        row.confirmed_at, row.last_step = now(), step
        session.flush()
        codes = replace_codes(account_id)
        end_sessions(account_id, keep=session_id)
        mine = sa.update(StaffSession).where(StaffSession.id == session_id)
        session.execute(mine.values(method=SignInMethod.SECOND_FACTOR))
        record("staff.second_factor_set", "staff_account", account_id, account_id=account_id)
    return codes


def remove_second_factor(account_id: uuid.UUID, by: uuid.UUID, *, keep: uuid.UUID | None = None) -> bool:
    """Take the second factor and its recovery codes away; every session but `keep` ends. False when there was none.

    `by` is the holder, or the administrator whom the holder has told of a lost telephone.
    """
    with transaction() as session:
        removed = session.execute(_delete(SecondFactor.account_id == account_id).returning(SecondFactor.confirmed_at))
        if not any(confirmed_at is not None for (confirmed_at,) in removed):
            return False
        session.execute(
            sa.delete(RecoveryCode)
            .where(RecoveryCode.account_id == account_id)
            .execution_options(synchronize_session=False)
        )
        end_sessions(account_id, keep=keep)
        if keep is not None:
            mine = sa.update(StaffSession).where(StaffSession.id == keep)
            session.execute(mine.values(method=SignInMethod.PASSWORD))
        record("staff.second_factor_removed", "staff_account", account_id, account_id=by)
    return True


def take_code(account_id: uuid.UUID, code: str) -> bool:
    """Take a code in the open transaction; False when it is wrong or was taken before, by whomever."""
    with transaction() as session:
        row = session.scalars(_counting(account_id)).one_or_none()
        step = None if row is None or row.secret is None else _matching_step(row.secret, code)
        if row is None or step is None:
            return False
        taken = (
            sa.update(SecondFactor)
            .where(SecondFactor.id == row.id, SecondFactor.last_step < step)
            .values(last_step=step)
            .returning(SecondFactor.id)
            .execution_options(synchronize_session=False)
        )
        return session.execute(taken).one_or_none() is not None


def _matching_step(secret: str, code: str) -> int | None:
    """The latest step, of those that count now, whose code this is."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    present, totp = int(now().timestamp()) // _STEP_SECONDS, pyotp.TOTP(secret)
    steps = range(present + _STEPS_EITHER_WAY, present - _STEPS_EITHER_WAY - 1, -1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)), None)


def _counting(account_id: uuid.UUID) -> sa.Select[SecondFactor]:
    return sa.select(SecondFactor).where(SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None))


def _pending(account_id: uuid.UUID) -> sa.Select[SecondFactor]:
    return sa.select(SecondFactor).where(
        SecondFactor.account_id == account_id,
        SecondFactor.confirmed_at.is_(None),
        SecondFactor.created_at > now() - SET_UP_WITHIN,
    )


def _delete(*conditions: sa.ColumnElement[bool]) -> sa.Delete:
    return sa.delete(SecondFactor).where(*conditions).execution_options(synchronize_session=False)
