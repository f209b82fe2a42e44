"""Guessing is counted: five failures lock an account for a quarter of an hour, whatever is guessed at.

An attempt is counted before the password or code is looked at; counting afterwards would let any number of attempts
run side by side before the first is counted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.staff.audit import record
from backend.staff.models import StaffAccount
from backend.storage import transaction

ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Attempt:
    """An attempt that may be made; `lock` is until when the account is locked should it fail."""

    account: StaffAccount
    lock: datetime | None


def count_attempt(whose: sa.ColumnElement[bool]) -> Attempt | None:
    """Count an attempt at the account for which `whose` holds; None if it may not be made now.

    None for an unknown, a switched-off and a locked account alike.
    """
    moment = now()
    with transaction() as session:
        wanted = sa.select(StaffAccount).where(whose, StaffAccount.active)
        account = session.scalars(wanted.with_for_update(of=StaffAccount)).one_or_none()
        if account is None or (account.locked_until is not None and account.locked_until > moment):
            return None
        if account.locked_until is not None:  # the lock has run out: a fresh count
            account.locked_until, account.failed_sign_ins = None, 0
        account.failed_sign_ins += 1
        if account.failed_sign_ins >= ATTEMPTS:
            account.locked_until = moment + LOCKED_FOR
        return Attempt(account, account.locked_until)


def note_failure(attempt: Attempt | None) -> None:
    """Leave a trace of a lock."""
    if attempt is not None and attempt.lock is not None:
        with transaction():
            record("staff.locked", "staff_account", attempt.account.id, attempts=attempt.account.failed_sign_ins)


def take_back(attempt: Attempt) -> None:
    """Uncount an attempt that was right but is not yet the whole of a sign-in; earlier failures still count."""
    mine = sa.and_(StaffAccount.locked_until.is_not(None), StaffAccount.locked_until == attempt.lock)
    changes = {
        "failed_sign_ins": sa.func.greatest(StaffAccount.failed_sign_ins - 1, 0),
        "locked_until": sa.case((mine, sa.null()), else_=StaffAccount.locked_until),
    }
    with transaction() as session:
        session.execute(_update(attempt.account.id).values(changes))


def forgive(account_id: uuid.UUID) -> None:
    """Forget the failures: the person has shown who they are."""
    with transaction() as session:
        session.execute(_update(account_id).values(failed_sign_ins=0, locked_until=None))


def unlock(account_id: uuid.UUID, by: uuid.UUID) -> bool:
    """Take an account's lock away before its time; `by` is who does. False when there was nothing to take away."""
    with transaction() as session:
        changed = session.execute(
            _update(account_id)
            .where(StaffAccount.failed_sign_ins > 0)
            .values(failed_sign_ins=0, locked_until=None)
            .returning(StaffAccount.id)
        ).one_or_none()
        if changed is not None:
            record("staff.unlocked", "staff_account", account_id, account_id=by)
    return changed is not None


def _update(account_id: uuid.UUID) -> sa.Update:
    return sa.update(StaffAccount).where(StaffAccount.id == account_id).execution_options(synchronize_session=False)
