"""What residents see: what they can book, and their own sessions. Never the counsellor's note."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.paging import Cursor
from backend.marriage.counselling import texts
from backend.marriage.counselling.history import not_found
from backend.marriage.counselling.models import CounsellingSession, Counsellor
from backend.marriage.counselling.offers import Offer, offers
from backend.marriage.counselling.rules import Matter, Profession, SessionState, Way
from backend.marriage.models import Office
from backend.storage import transaction

MOST_DAYS = 31


def times(
    office_id: uuid.UUID, matter: Matter, way: Way, first: date, last: date, counsellor_id: uuid.UUID | None = None
) -> Sequence[Offer]:
    """What can be booked between two days; raises `AppError` not_found, invalid (too many days)."""
    if not timedelta(0) <= last - first <= timedelta(days=MOST_DAYS):
        told = texts.RANGE_TOO_LONG.format(days=MOST_DAYS)
        raise AppError("invalid", told, 422, errors={"to": [told]})
    with transaction() as db:
        office = db.get(Office, office_id)
        if office is None:
            raise AppError("not_found", texts.OFFICE_UNKNOWN, 404)
        return offers(office, matter, way, first, last, counsellor_id)


def own_sessions(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[CounsellingSession]:
    """A page of a person's sessions, newest first, with office, counsellor and room."""
    query = _own(person_id).order_by(CounsellingSession.created_at.desc(), CounsellingSession.id.desc()).limit(limit)
    if after is not None:
        key = sa.tuple_(CounsellingSession.created_at, CounsellingSession.id)
        query = query.where(key < sa.tuple_(after.at, after.id))
    with transaction() as db:
        return db.scalars(query).all()


def own_session(session_id: uuid.UUID, person_id: uuid.UUID) -> CounsellingSession:
    """One of them; raises `AppError` not_found, also for another person's."""
    with transaction() as db:
        found = db.scalars(_own(person_id).where(CounsellingSession.id == session_id)).one_or_none()
    if found is None:
        raise not_found()
    return found


def coming_session(person_id: uuid.UUID) -> CounsellingSession | None:
    """The session that lies ahead or is going on, or None."""
    query = _own(person_id).where(
        CounsellingSession.state.in_((SessionState.BOOKED, SessionState.CAME)), CounsellingSession.ends_at > now()
    )
    with transaction() as db:
        return db.scalars(query.order_by(CounsellingSession.starts_at).limit(1)).one_or_none()


def professions_of(counsellor_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Profession]:
    """What these counsellors are."""
    query = sa.select(Counsellor.resource_id, Counsellor.profession).where(Counsellor.resource_id.in_(counsellor_ids))
    with transaction() as db:
        return {row.resource_id: row.profession for row in db.execute(query)}


def _own(person_id: uuid.UUID) -> sa.Select[CounsellingSession]:
    return (
        sa.select(CounsellingSession)
        .where(CounsellingSession.person_id == person_id)
        .options(
            joinedload(CounsellingSession.office),
            joinedload(CounsellingSession.counsellor),
            joinedload(CounsellingSession.room),
        )
        .execution_options(populate_existing=True)
    )
