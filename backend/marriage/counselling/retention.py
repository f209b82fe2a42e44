"""How long counselling is kept (domain-rules §6.4): a booking two years, a note three, sealed; calls a year."""

from __future__ import annotations

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.rules import SessionState
from backend.storage import transaction

BOOKINGS_FOR = Period(months=24)
NOTES_FOR = Period(months=36)
CALLBACKS_FOR = Period(months=12)

_UNTRACKED = {"synchronize_session": False}
# What is left of a session whose note is kept: no name, no telephone, no words of the person's own.
CONTACT_GONE = {"name_sealed": None, "phone_sealed": None, "guardian_sealed": None, "about_sealed": None}


def _forget_bookings(batch: Batch) -> int:
    over = _ended(batch, BOOKINGS_FOR)
    bare = over.where(CounsellingSession.note_sealed.is_(None))
    noted = over.where(CounsellingSession.note_sealed.is_not(None), CounsellingSession.phone_sealed.is_not(None))
    with transaction() as db:
        ids = db.scalars(bare).all()
        db.execute(sa.delete(CounsellingSession).where(CounsellingSession.id.in_(ids)), execution_options=_UNTRACKED)
        kept = db.scalars(noted).all()
        emptied = sa.update(CounsellingSession).where(CounsellingSession.id.in_(kept)).values(**CONTACT_GONE)
        db.execute(emptied, execution_options=_UNTRACKED)
    return len(ids) + len(kept)


def _forget_notes(batch: Batch) -> int:
    with transaction() as db:
        ids = db.scalars(_ended(batch, NOTES_FOR)).all()
        db.execute(sa.delete(CounsellingSession).where(CounsellingSession.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


def _forget_callbacks(batch: Batch) -> int:
    query = sa.select(Callback.id).where(Callback.closed_at < CALLBACKS_FOR.over_before(batch.moment))
    if batch.held:
        query = query.where(Callback.person_id.not_in(batch.held))
    with transaction() as db:
        query = query.order_by(Callback.closed_at).limit(batch.limit).with_for_update(skip_locked=True)
        ids = db.scalars(query).all()
        db.execute(sa.delete(Callback).where(Callback.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


def _ended(batch: Batch, keep: Period) -> sa.Select[object]:
    query = sa.select(CounsellingSession.id).where(
        CounsellingSession.ends_at < keep.over_before(batch.moment), CounsellingSession.state != SessionState.BOOKED
    )
    if batch.held:
        query = query.where(CounsellingSession.person_id.not_in(batch.held))
    return query.order_by(CounsellingSession.ends_at).limit(batch.limit).with_for_update(skip_locked=True)


_TABLES = ("counselling_sessions", "counselling_session_events")

counselling_rules = (
    RetentionRule(
        "counselling.bookings",
        texts.RULE_BOOKINGS,
        _TABLES,
        BOOKINGS_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_BOOKINGS,
        _forget_bookings,
    ),
    RetentionRule(
        "counselling.notes",
        texts.RULE_NOTES,
        _TABLES,
        NOTES_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_NOTES,
        _forget_notes,
    ),
    RetentionRule(
        "counselling.callbacks",
        texts.RULE_CALLBACKS,
        ("counselling_callbacks",),
        CALLBACKS_FOR,
        texts.SINCE_CLOSED,
        texts.BASIS_CALLBACKS,
        _forget_callbacks,
    ),
)
