"""What has run out is deleted by the tick, in small batches."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.staff.entry.models import HalfSignIn, ScanTicket, SecondFactor
from backend.staff.entry.totp import SET_UP_WITHIN
from backend.staff.models import StaffSession
from backend.storage import Base, transaction


def forget_ended(limit: int = 500) -> int:
    """Delete sessions, half-done sign-ins, tickets and set-ups that have run out; returns how many."""
    moment = now()
    return (
        _delete(StaffSession, StaffSession.expires_at <= moment, limit)
        + _delete(HalfSignIn, HalfSignIn.expires_at <= moment, limit)
        + _delete(ScanTicket, ScanTicket.expires_at <= moment, limit)
        + _delete(SecondFactor, _abandoned(moment), limit)
    )


def _abandoned(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(SecondFactor.confirmed_at.is_(None), SecondFactor.created_at <= moment - SET_UP_WITHIN)


def _delete(table: type[Base], condition: sa.ColumnElement[bool], limit: int) -> int:
    key = table.__table__.c.id
    ended = sa.select(key).where(condition).limit(limit)
    with transaction() as session:
        return len(session.execute(sa.delete(table).where(key.in_(ended)).returning(key)).all())
