"""Legal holds: while one stands, nothing of a person is erased, neither on request nor by age."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.people.models import Person
from backend.people.rights import texts
from backend.people.rights.models import LegalHold
from backend.storage import atomic, transaction

_MOST = 200


@dataclass(frozen=True)
class StandingHold:
    """A hold that stands: whose, why, since when. The person is told apart by the tail of their number."""

    id: uuid.UUID
    person_id: uuid.UUID
    last4: str | None
    reason: str
    placed_at: datetime


def is_held(person_id: uuid.UUID) -> bool:
    """Whether a hold stands on a person."""
    standing = sa.exists().where(LegalHold.person_id == person_id, LegalHold.lifted_at.is_(None))
    with transaction() as session:
        return bool(session.scalar(sa.select(standing)))


def held_persons() -> Sequence[uuid.UUID]:
    """Everybody a hold stands on; they are few."""
    with transaction() as session:
        return session.scalars(sa.select(LegalHold.person_id).where(LegalHold.lifted_at.is_(None))).all()


def standing_holds() -> Sequence[StandingHold]:
    """The holds that stand, newest first."""
    query = sa.select(LegalHold, Person.last4).join(Person, Person.id == LegalHold.person_id)
    query = query.where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.placed_at.desc(), LegalHold.id).limit(_MOST)
    with transaction() as session:
        return [
            StandingHold(hold.id, hold.person_id, last4, hold.reason or "", hold.placed_at)
            for hold, last4 in session.execute(query)
        ]


def place_hold(person_id: uuid.UUID, reason: str, account_id: uuid.UUID) -> uuid.UUID:
    """Hold a person's data; the hold's id.

    Raises `AppError`: invalid without a reason, state_conflict when one stands.
    """
    reason = reason.strip()
    if not reason:
        raise AppError("invalid", texts.HOLD_REASON_MISSING, 422, errors={"reason": [texts.HOLD_REASON_MISSING]})
    with atomic() as session:
        # Whoever erases locks the same row: either they are done, or they find the hold.
        session.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update())
        if is_held(person_id):
            raise AppError("state_conflict", texts.HOLD_STANDING, 409)
        hold = LegalHold(id=new_id(), person_id=person_id, placed_by=account_id, placed_at=now())
        hold.reason = reason
        session.add(hold)
        session.flush()
        return hold.id


def lift_hold(hold_id: uuid.UUID, account_id: uuid.UUID) -> uuid.UUID:
    """End a hold; whose it was. Raises `AppError`: not_found when there is none or it was lifted before."""
    with atomic() as session:
        hold = session.scalars(sa.select(LegalHold).where(LegalHold.id == hold_id).with_for_update()).one_or_none()
        if hold is None or hold.lifted_at is not None:
            raise AppError("not_found", texts.HOLD_GONE, 404)
        hold.lifted_at, hold.lifted_by = now(), account_id
        session.flush()
        return hold.person_id
