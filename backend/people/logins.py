"""Logins of residents: our own random token, kept as a hash, listed and revoked by its owner (wechat-protocol §3.2).

A token of the mini-program travels in a header and one of the web pages inside WeChat in a cookie; neither opens the
other. Both live independently of WeChat's session_key.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.kernel.paging import Cursor
from backend.people.entry.session_keys import drop_unused_key
from backend.people.identities import identity_for
from backend.people.life_events.living import require_living
from backend.people.models import LoginSession, WeChatIdentity
from backend.people.rules import LoginKind
from backend.storage import look, session, transaction
from messages import Product

# The web login costs no tap, so it may run out soon.
LIFETIMES = {LoginKind.MINIPROGRAM: timedelta(days=7), LoginKind.WEB: timedelta(hours=12)}
# Of one WeChat; the oldest makes room.
MOST_SESSIONS = 20
_DEVICE_CHARACTERS = 60


@dataclass(frozen=True)
class Login:
    """What a client gets: the token is told once and never again."""

    token: str = field(repr=False)
    expires_at: datetime
    person_id: uuid.UUID


@dataclass(frozen=True)
class Resident:
    """Who is calling, and by which login."""

    person_id: uuid.UUID
    identity_id: uuid.UUID
    session_id: uuid.UUID


@dataclass(frozen=True)
class SessionView:
    """A login as its owner sees it."""

    id: uuid.UUID
    kind: LoginKind
    device: str
    created_at: datetime
    expires_at: datetime


def log_in(app_id: str, openid: str, unionid: str | None) -> Login:
    """Open a login of the mini-program for an openid that WeChat has just vouched for."""
    with transaction():
        identity = identity_for(Product.MINIPROGRAM, app_id, openid, unionid)
        return open_login(identity.id, LoginKind.MINIPROGRAM)


def open_login(identity_id: uuid.UUID, kind: LoginKind, device: str = "") -> Login:
    """Open a login for a WeChat; `device` says in two words what it came from.

    Raises `AppError` counter_needed for somebody recorded dead: whoever holds their telephone is not them.
    """
    token, moment = secrets.token_urlsafe(32), now()
    expires_at = moment + LIFETIMES[kind]
    with transaction() as db:
        person_id = db.scalars(sa.select(WeChatIdentity.person_id).where(WeChatIdentity.id == identity_id)).one()
        require_living(person_id)
        _make_room(identity_id, kind)
        db.add(
            LoginSession(
                id=new_id(),
                token_hash=_hash(token),
                identity_id=identity_id,
                kind=kind,
                device=device[:_DEVICE_CHARACTERS],
                created_at=moment,
                expires_at=expires_at,
            )
        )
        db.flush()
    return Login(token, expires_at, person_id)


# Text, because it runs before every API call: Core's compiled cache and no ORM objects.
_RESIDENT = sa.text(
    """
    SELECT identity.person_id, identity.id AS identity_id, login.id AS session_id
    FROM login_sessions AS login JOIN wechat_identities AS identity ON identity.id = login.identity_id
    WHERE login.token_hash = :token_hash AND login.kind = :kind AND login.expires_at > :now
    """
)


def resident_by_token(token: str, kind: LoginKind = LoginKind.MINIPROGRAM) -> Resident | None:
    """The caller a token of this kind belongs to, or None when it is unknown, revoked or has run out."""
    row = look(_RESIDENT, {"token_hash": _hash(token), "kind": kind.value, "now": now()})
    return None if row is None else Resident(*row)


def sessions_of(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[SessionView]:
    """A person's logins that still count, in all their WeChats, newest first."""
    query = (
        sa.select(
            LoginSession.id, LoginSession.kind, LoginSession.device, LoginSession.created_at, LoginSession.expires_at
        )
        .join(WeChatIdentity, WeChatIdentity.id == LoginSession.identity_id)
        .where(WeChatIdentity.person_id == person_id, LoginSession.expires_at > now())
        .order_by(LoginSession.created_at.desc(), LoginSession.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(LoginSession.created_at, LoginSession.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return [SessionView(*row) for row in db.execute(query)]


def revoke(person_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """End one login of one's own, at once; False when there is none of that id. Its token opens nothing any more."""
    mine = sa.select(WeChatIdentity.id).where(WeChatIdentity.person_id == person_id)
    ended = (
        sa.delete(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.identity_id.in_(mine))
        .returning(LoginSession.identity_id)
    )
    with transaction() as db:
        identity_id = db.scalar(ended, execution_options=_UNTRACKED)
        if identity_id is None:
            return False
        drop_unused_key(identity_id)
    return True


def forget_expired(limit: int = 500) -> int:
    """Delete logins that have run out; returns how many."""
    with transaction() as db:
        expired = sa.select(LoginSession.id).where(LoginSession.expires_at < now()).limit(limit)
        gone = sa.delete(LoginSession).where(LoginSession.id.in_(expired)).returning(LoginSession.id)
        return len(db.execute(gone, execution_options=_UNTRACKED).all())


_UNTRACKED = {"synchronize_session": False}


def _make_room(identity_id: uuid.UUID, kind: LoginKind) -> None:
    mine = sa.and_(LoginSession.identity_id == identity_id, LoginSession.kind == kind)
    newest = sa.select(LoginSession.id).where(mine).order_by(LoginSession.created_at.desc()).limit(MOST_SESSIONS - 1)
    session().execute(sa.delete(LoginSession).where(mine, LoginSession.id.not_in(newest)), execution_options=_UNTRACKED)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
