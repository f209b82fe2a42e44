"""Use cases `sign_in` and `sign_out`."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import cache

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff.audit import record
from backend.staff.models import StaffAccount, StaffSession
from backend.staff.passwords import hash_password, needs_rehash, password_matches
from backend.staff.sessions import open_session, token_hash
from backend.staff.texts import SIGN_IN_REFUSED
from backend.storage import transaction

ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)


def sign_in(username: str, password: str) -> tuple[str, StaffAccount]:
    """Open a console session and return its token with the account.

    Raises `AppError` sign_in_refused, the same after the same work whether the name is unknown, the password wrong,
    the account switched off or locked (5 failures lock it for 15 minutes), so that nobody can ask which names exist.
    """
    account = _count_attempt(clean_username(username))
    matches = password_matches(account.password_hash if account else _nobodys_hash(), password)
    if account is None or not matches:
        raise AppError("sign_in_refused", SIGN_IN_REFUSED, 401)
    changes: dict[str, object] = {"failed_sign_ins": 0, "locked_until": None}
    if needs_rehash(account.password_hash):
        changes["password_hash"] = hash_password(password)
    with transaction() as session:
        session.execute(sa.update(StaffAccount).where(StaffAccount.id == account.id).values(changes))
        token = open_session(account)
        record("staff.signed_in", "staff_account", account.id, account_id=account.id)
    return token, account


def sign_out(token: str) -> None:
    """End the session of a token; an unknown one is already what is wanted."""
    ended = sa.delete(StaffSession).where(StaffSession.token_hash == token_hash(token))
    with transaction() as session:
        account_id: uuid.UUID | None = session.scalar(ended.returning(StaffSession.account_id))
        if account_id is not None:
            record("staff.signed_out", "staff_account", account_id, account_id=account_id)


def clean_username(username: str) -> str:
    """Usernames are compared without regard to surrounding spaces and case."""
    return username.strip().lower()


def _count_attempt(username: str) -> StaffAccount | None:
    """Count the attempt before the password is looked at, and return the account if it may be tried now.

    Counting afterwards would let any number of attempts run side by side before the first is counted.
    """
    moment = now()
    with transaction() as session:
        wanted = sa.select(StaffAccount).where(StaffAccount.username == username, StaffAccount.active)
        account = session.scalars(wanted.with_for_update(of=StaffAccount)).one_or_none()
        if account is None or (account.locked_until is not None and account.locked_until > moment):
            return None
        if account.locked_until is not None:  # the lock has run out: a fresh count
            account.locked_until, account.failed_sign_ins = None, 0
        account.failed_sign_ins += 1
        if account.failed_sign_ins >= ATTEMPTS:
            account.locked_until = moment + LOCKED_FOR
            record("staff.locked", "staff_account", account.id, attempts=account.failed_sign_ins)
        return account


@cache
def _nobodys_hash() -> str:
    """A hash that no password matches in practice, verified where there is no account."""
    return hash_password(uuid.uuid4().hex)
