"""Mini-program logins: our own random token, kept as a hash (wechat-protocol §3.2).

The session_key is not used by anything yet, so it is not kept at all.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.identities import identity_for
from backend.people.models import LoginSession
from backend.storage import look, transaction
from messages import Product

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Login:
    """What a client gets: the token is told once and never again."""

    token: str
    expires_at: datetime
    person_id: uuid.UUID


@dataclass(frozen=True)
class Resident:
    """Who is calling the API."""

    person_id: uuid.UUID
    identity_id: uuid.UUID


def log_in(app_id: str, openid: str, unionid: str | None) -> Login:
    """Open a login for an openid that WeChat has just vouched for (jscode2session)."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        identity = identity_for(Product.MINIPROGRAM, app_id, openid, unionid)
        expires_at = now() + LIFETIME
        session.add(
            LoginSession(
                id=new_id(),
                token_hash=_hash(token),
                identity_id=identity.id,
                created_at=now(),
                expires_at=expires_at,
            )
        )
    return Login(token, expires_at, identity.person_id)


# Text, because it runs before every API call: Core's compiled cache and no ORM objects.
_RESIDENT = sa.text(
    """
    SELECT identity.person_id, identity.id
    FROM login_sessions AS login JOIN wechat_identities AS identity ON identity.id = login.identity_id
    WHERE login.token_hash = :token_hash AND login.expires_at > :now
    """
)


def resident_by_token(token: str) -> Resident | None:
    """The caller a token belongs to, or None when it is unknown or has run out."""
    row = look(_RESIDENT, {"token_hash": _hash(token), "now": now()})
    return None if row is None else Resident(*row)


def forget_expired(limit: int = 500) -> int:
    """Delete logins that have run out; returns how many."""
    with transaction() as session:
        expired = sa.select(LoginSession.id).where(LoginSession.expires_at < now()).limit(limit)
        return session.execute(sa.delete(LoginSession).where(LoginSession.id.in_(expired))).rowcount  # type: ignore[attr-defined,no-any-return]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
