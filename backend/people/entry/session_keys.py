"""The mini-program's session_key: sealed, one per WeChat, the later issue wins (wechat-protocol §3.2).

It never leaves the server. With it the telephone number is opened that an older WeChat encrypts (§3.3).
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.people.entry.models import SessionKey
from backend.people.models import LoginSession
from backend.people.rules import LoginKind
from backend.storage import session, transaction


def keep_session_key(identity_id: uuid.UUID, session_key: str, issued_at: datetime) -> None:
    """Keep a key in the open transaction, unless one that was issued later is there already."""
    row = SessionKey(identity_id=identity_id, issued_at=issued_at)
    row.session_key = session_key
    new = insert(SessionKey).values(
        identity_id=identity_id, session_key_sealed=row.session_key_sealed, issued_at=issued_at
    )
    session().execute(
        new.on_conflict_do_update(
            index_elements=["identity_id"],
            set_={"session_key_sealed": new.excluded.session_key_sealed, "issued_at": new.excluded.issued_at},
            where=SessionKey.issued_at <= new.excluded.issued_at,
        )
    )


def session_key_of(identity_id: uuid.UUID) -> str | None:
    """The key of a WeChat, for the server's own use; None where it has not logged in or is signed out everywhere."""
    with transaction() as db:
        row = db.get(SessionKey, identity_id, populate_existing=True)
        return None if row is None else row.session_key


def forget_unused_keys(limit: int = 500) -> int:
    """Delete keys of WeChats that are signed in at no mini-program any more; returns how many."""
    unused = sa.select(SessionKey.identity_id).where(~_signed_in(SessionKey.identity_id)).limit(limit)
    with transaction() as db:
        gone = sa.delete(SessionKey).where(SessionKey.identity_id.in_(unused)).returning(SessionKey.identity_id)
        return len(db.execute(gone, execution_options={"synchronize_session": False}).all())


def drop_unused_key(identity_id: uuid.UUID) -> None:
    """Delete a WeChat's key in the open transaction, if its last login of the mini-program has ended."""
    session().execute(
        sa.delete(SessionKey).where(SessionKey.identity_id == identity_id, ~_signed_in(SessionKey.identity_id)),
        execution_options={"synchronize_session": False},
    )


def _signed_in(identity_id: sa.orm.InstrumentedAttribute[uuid.UUID]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        LoginSession.identity_id == identity_id,
        LoginSession.kind == LoginKind.MINIPROGRAM,
        LoginSession.expires_at > now(),
    )
