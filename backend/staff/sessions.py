"""Console sessions: a random token in the cookie, its hash in the database.

A session ends after twelve hours, after one idle hour (both parameters), when it is revoked, and with the password or
second factor it was opened by.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.staff.audit import record
from backend.staff.entry.models import HalfSignIn, ScanTicket
from backend.staff.entry.origin import UNKNOWN, Origin
from backend.staff.entry.parameters import session_idle, session_lifetime
from backend.staff.models import SignInMethod, StaffAccount, StaffSession
from backend.storage import session, transaction

# The oldest makes room, so that the list of one's sessions needs no pages.
MOST_SESSIONS = 20
_SEEN_AT_MOST_EVERY = timedelta(minutes=1)
_TOKEN_BYTES = 32  # 256 bits


def open_session(account: StaffAccount, method: SignInMethod = SignInMethod.PASSWORD, origin: Origin = UNKNOWN) -> str:
    """Open a session in the open transaction and return its token, which is told only once."""
    token, moment = new_token(), now()
    _make_room(account.id, moment)
    session().add(
        StaffSession(
            id=new_id(),
            token_hash=token_hash(token),
            account_id=account.id,
            method=method,
            created_at=moment,
            proved_at=moment,
            last_seen_at=moment,
            expires_at=moment + session_lifetime(),
            place=origin.place,
            browser=origin.browser,
        )
    )
    session().flush()
    return token


def session_by_token(token: str, *, in_use: bool = True) -> StaffSession | None:
    """The session of a token with its account; None when unknown, ended, left idle or the account is switched off.

    Where somebody is using it (`in_use`), that is noted, at most once a minute.
    """
    moment = now()
    alive = (StaffSession.expires_at > moment, StaffSession.last_seen_at > moment - session_idle())
    with transaction() as opened:
        found = opened.scalars(
            sa.select(StaffSession).where(StaffSession.token_hash == token_hash(token), *alive)
        ).one_or_none()
        if found is None or not found.account.active:
            return None
        if in_use and found.last_seen_at <= moment - _SEEN_AT_MOST_EVERY:
            opened.execute(sa.update(StaffSession).where(StaffSession.id == found.id).values(last_seen_at=moment))
    return found


def staff_by_token(token: str) -> StaffAccount | None:
    """The active account a session token belongs to, with its place; None as for `session_by_token`."""
    found = session_by_token(token)
    return None if found is None else found.account


def sessions_of(account_id: uuid.UUID) -> Sequence[StaffSession]:
    """The sessions of an account that are alive, the last used first; `MOST_SESSIONS` at most."""
    moment = now()
    with transaction() as opened:
        return opened.scalars(
            sa.select(StaffSession)
            .where(
                StaffSession.account_id == account_id,
                StaffSession.expires_at > moment,
                StaffSession.last_seen_at > moment - session_idle(),
            )
            .order_by(StaffSession.last_seen_at.desc(), StaffSession.id)
            .limit(MOST_SESSIONS)
        ).all()


def revoke_session(account_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """End one session of one's own; False when there is none of that id."""
    mine = sa.delete(StaffSession).where(StaffSession.id == session_id, StaffSession.account_id == account_id)
    with transaction() as opened:
        ended = opened.scalar(mine.returning(StaffSession.id))
        if ended is not None:
            record("staff.session_revoked", "staff_account", account_id, account_id=account_id, sessions=1)
    return ended is not None


def revoke_other_sessions(account_id: uuid.UUID, keep: uuid.UUID) -> int:
    """End all of one's own sessions but one; returns how many."""
    with transaction():
        ended = end_sessions(account_id, keep=keep)
        if ended:
            record("staff.session_revoked", "staff_account", account_id, account_id=account_id, sessions=ended)
    return ended


def end_sessions(account_id: uuid.UUID, *, keep: uuid.UUID | None = None) -> int:
    """End the sessions of an account but `keep`, with every half-done sign-in and scan; returns how many sessions."""
    with transaction() as opened:
        for table in (HalfSignIn, ScanTicket):
            opened.execute(sa.delete(table).where(table.account_id == account_id))
        others = sa.delete(StaffSession).where(StaffSession.account_id == account_id)
        if keep is not None:
            others = others.where(StaffSession.id != keep)
        return len(opened.scalars(others.returning(StaffSession.id)).all())


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is kept of a token; a plain hash is enough, because the token itself cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def _make_room(account_id: uuid.UUID, moment: datetime) -> None:
    mine = StaffSession.account_id == account_id
    newest = sa.select(StaffSession.id).where(mine).order_by(StaffSession.created_at.desc()).limit(MOST_SESSIONS - 1)
    ended = sa.or_(StaffSession.expires_at <= moment, StaffSession.id.not_in(newest))
    session().execute(sa.delete(StaffSession).where(mine, ended).execution_options(synchronize_session=False))
