"""Console sessions: a random token in the cookie, its hash in the database, an absolute end after twelve hours."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff.models import StaffAccount, StaffSession
from backend.storage import session, transaction

LIFETIME = timedelta(hours=12)
_TOKEN_BYTES = 32  # 256 bits


def open_session(account: StaffAccount) -> str:
    """Open a session in the open transaction and return its token, which is told only once."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    moment = now()
    ended = sa.delete(StaffSession).where(StaffSession.account_id == account.id, StaffSession.expires_at <= moment)
    session().execute(ended)
    session().add(
        StaffSession(
            id=new_id(),
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=moment,
            expires_at=moment + LIFETIME,
        )
    )
    session().flush()
    return token


def staff_by_token(token: str) -> StaffAccount | None:
    """The active account a session token belongs to, with its node; None when unknown, ended or switched off."""
    found = sa.select(StaffSession).where(StaffSession.token_hash == token_hash(token), StaffSession.expires_at > now())
    with transaction() as opened:
        staff_session = opened.scalars(found).one_or_none()
    if staff_session is None or not staff_session.account.active:
        return None
    return staff_session.account


def token_hash(token: str) -> bytes:
    """What is kept of a token; a plain hash is enough, because the token itself cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()
