"""Passwords of staff: argon2id by argon2-cffi with its defaults (RFC 9106, second recommended set)."""

from __future__ import annotations

import secrets
import uuid

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff.audit import record
from backend.staff.entry import texts
from backend.staff.entry.attempts import count_attempt, forgive, note_failure
from backend.staff.models import StaffAccount, StaffSession
from backend.staff.sessions import end_sessions
from backend.storage import transaction

LEAST_CHARACTERS = 10
# A bound, so that nobody makes the server hash megabytes.
MOST_CHARACTERS = 200

# Read aloud and typed by hand: no letter or digit that looks like another. 16 of 30 are 78 bits.
_CLEAR_CHARACTERS = "abcdefghjkmnpqrstuvwxyz2345679"
_GROUPS, _GROUP = 4, 4

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The encoded argon2id hash of a password; salt and parameters are part of it."""
    return _hasher.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed; False also for a hash that cannot be read."""
    if len(password) > MOST_CHARACTERS:
        return False
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def password_faults(password: str, username: str) -> list[str]:
    """What is wrong with a password somebody chose; empty when it may be taken."""
    if len(password) < LEAST_CHARACTERS:
        return [texts.TOO_SHORT.format(least=LEAST_CHARACTERS)]
    if len(password) > MOST_CHARACTERS:
        return [texts.TOO_LONG.format(most=MOST_CHARACTERS)]
    if username and username in password.lower():
        return [texts.HOLDS_USERNAME]
    return []


def prove(account_id: uuid.UUID, password: str) -> StaffAccount:
    """The account, when the password is its own.

    Raises `AppError` password_wrong, also while the account is locked; a failure counts like one at the sign-in.
    """
    attempt = count_attempt(StaffAccount.id == account_id)
    if attempt is None or not password_matches(attempt.account.password_hash, password):
        note_failure(attempt)
        raise AppError("password_wrong", texts.WRONG_WORD, 422, errors={"current": [texts.WRONG_WORD]})
    forgive(account_id)
    return attempt.account


def note_proof(session_id: uuid.UUID) -> None:
    """Remember in a session that its person has shown just now who they are."""
    with transaction() as session:
        session.execute(sa.update(StaffSession).where(StaffSession.id == session_id).values(proved_at=now()))


def change_password(account_id: uuid.UUID, current: str, new: str, *, keep: uuid.UUID) -> None:
    """Replace one's own password; every session but `keep` ends, as does what is half done.

    Raises `AppError` password_wrong or invalid, with what is wrong by field.
    """
    account = prove(account_id, current)
    faults = password_faults(new, account.username)
    if not faults and new == current:
        faults = [texts.AS_BEFORE]
    if faults:
        raise AppError("invalid", texts.WORD_NOT_CHANGED, 422, errors={"new": faults})
    with transaction():
        _set_password(account_id, new, must_change=False)
        end_sessions(account_id, keep=keep)
        record("staff.password_changed", "staff_account", account_id, account_id=account_id)


def set_one_time_password(account_id: uuid.UUID, by: uuid.UUID | None = None) -> str:
    """Give an account a password that is told once and must be changed at the first sign-in.

    Ends its sessions and its lock. `by` is who asked for it, None for the system.
    """
    password = "-".join("".join(secrets.choice(_CLEAR_CHARACTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    with transaction():
        _set_password(account_id, password, must_change=True)
        forgive(account_id)
        end_sessions(account_id)
        record("staff.password_reset", "staff_account", account_id, account_id=by)
    return password


def _set_password(account_id: uuid.UUID, password: str, *, must_change: bool) -> None:
    changes = {"password_hash": hash_password(password), "must_change_password": must_change}
    with transaction() as session:
        session.execute(sa.update(StaffAccount).where(StaffAccount.id == account_id).values(changes))
