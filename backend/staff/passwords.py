"""Passwords of staff: argon2id by argon2-cffi with its defaults (RFC 9106, second recommended set)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS = 10
# A bound, so that nobody makes the server hash megabytes.
MOST_CHARACTERS = 200

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
