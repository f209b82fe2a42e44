"""Use cases `sign_in`, `give_code` and `sign_out`.

A password opens a session; where the account has a second factor it opens only the question for a code, which is a row
of its own: five minutes, five tries.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry import texts
from backend.staff.entry.attempts import Attempt, count_attempt, forgive, note_failure, take_back
from backend.staff.entry.models import HALF_TRIES, HalfSignIn
from backend.staff.entry.origin import UNKNOWN, Origin
from backend.staff.entry.recovery import looks_like_a_code, use_code
from backend.staff.entry.totp import has_second_factor, take_code
from backend.staff.models import SignInMethod, StaffAccount, StaffSession
from backend.staff.passwords import hash_password, needs_rehash, password_matches
from backend.staff.sessions import new_token, open_session, token_hash
from backend.staff.texts import SIGN_IN_REFUSED
from backend.storage import transaction

HALF_LIFETIME = timedelta(minutes=5)


class SignedIn(NamedTuple):
    """A session was opened; its token is told only here."""

    token: str
    account: StaffAccount


class CodeWanted(NamedTuple):
    """The password was right, and a code is wanted; the token leads to that question and opens nothing."""

    half_token: str


def sign_in(username: str, password: str, origin: Origin = UNKNOWN) -> SignedIn | CodeWanted:
    """Open a console session, or ask for a code where the account has a second factor.

    Raises `AppError` sign_in_refused, the same after the same work whether the name is unknown, the password wrong,
    the account switched off or locked (5 failures lock it for 15 minutes), so that nobody can ask which names exist.
    """
    attempt = count_attempt(StaffAccount.username == clean_username(username))
    matches = password_matches(attempt.account.password_hash if attempt else _nobodys_hash(), password)
    if attempt is None or not matches:
        note_failure(attempt)
        raise AppError("sign_in_refused", SIGN_IN_REFUSED, 401)
    account = attempt.account
    with transaction() as session:
        if needs_rehash(account.password_hash):
            anew = {"password_hash": hash_password(password)}
            session.execute(sa.update(StaffAccount).where(StaffAccount.id == account.id).values(anew))
        if has_second_factor(account.id):
            # Earlier failures still count: whoever knows the password must not get fresh tries at the code.
            take_back(attempt)
            return CodeWanted(_open_half(account.id))
        forgive(account.id)
        return signed_in(account, SignInMethod.PASSWORD, origin)


def give_code(half_token: str, code: str, origin: Origin = UNKNOWN) -> SignedIn:
    """Finish a sign-in with a code of the authenticator or a recovery code.

    Raises `AppError` code_refused for a wrong one, a used one and while the account is locked, all alike;
    sign_in_expired when the question is older than five minutes or was answered wrongly five times.
    """
    attempt = _count_code(half_token)
    if attempt is not None:
        with transaction() as session:
            method = _taken(attempt.account.id, code)
            if method is not None:
                session.execute(sa.delete(HalfSignIn).where(HalfSignIn.token_hash == token_hash(half_token)))
                forgive(attempt.account.id)
                return signed_in(attempt.account, method, origin)
    note_failure(attempt)
    raise AppError("code_refused", texts.CODE_REFUSED, 401)


def is_half_signed_in(half_token: str) -> bool:
    """Whether a code may still be given."""
    with transaction() as session:
        return session.scalar(sa.select(sa.select(HalfSignIn.id).where(*_alive(half_token)).exists())) is True


def sign_out(token: str) -> None:
    """End the session of a token; an unknown one is already what is wanted."""
    ended = sa.delete(StaffSession).where(StaffSession.token_hash == token_hash(token))
    with transaction() as session:
        account_id: uuid.UUID | None = session.scalar(ended.returning(StaffSession.account_id))
        if account_id is not None:
            record("staff.signed_out", "staff_account", account_id, account_id=account_id)


def signed_in(account: StaffAccount, method: SignInMethod, origin: Origin) -> SignedIn:
    """Open the session of somebody who has shown all that is asked for, in the open transaction."""
    token = open_session(account, method, origin)
    record("staff.signed_in", "staff_account", account.id, account_id=account.id, method=method.value)
    return SignedIn(token, account)


def clean_username(username: str) -> str:
    """Usernames are compared without regard to surrounding spaces and case."""
    return username.strip().lower()


def _open_half(account_id: uuid.UUID) -> str:
    token, moment = new_token(), now()
    with transaction() as session:
        session.add(
            HalfSignIn(
                id=new_id(),
                token_hash=token_hash(token),
                account_id=account_id,
                tries=0,
                created_at=moment,
                expires_at=moment + HALF_LIFETIME,
            )
        )
    return token


def _count_code(half_token: str) -> Attempt | None:
    """Count a try in the half-done sign-in and at the account; None while the account is locked."""
    tried = (
        sa.update(HalfSignIn)
        .where(*_alive(half_token))
        .values(tries=HalfSignIn.tries + 1)
        .returning(HalfSignIn.account_id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        account_id = session.scalar(tried)
        if account_id is None:
            raise AppError("sign_in_expired", texts.TOO_LATE, 401)
        return count_attempt(StaffAccount.id == account_id)


def _taken(account_id: uuid.UUID, code: str) -> SignInMethod | None:
    if looks_like_a_code(code):
        return SignInMethod.RECOVERY_CODE if use_code(account_id, code) else None
    return SignInMethod.SECOND_FACTOR if take_code(account_id, code) else None


def _alive(half_token: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        HalfSignIn.token_hash == token_hash(half_token),
        HalfSignIn.expires_at > now(),
        HalfSignIn.tries < HALF_TRIES,
    )


@cache
def _nobodys_hash() -> str:
    """A hash that no password matches in practice, verified where there is no account."""
    return hash_password(uuid.uuid4().hex)
