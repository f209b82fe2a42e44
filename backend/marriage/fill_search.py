"""Fills what the desk searches by, for parties booked before those columns were there (migration 0006)."""

from __future__ import annotations

import sqlalchemy as sa

from backend.marriage.couples import name_index, phone_tail
from backend.marriage.models import Party
from backend.storage import transaction

BATCH = 200


def fill_search_columns(limit: int = BATCH) -> int:
    """Index the names and keep the telephone tails of at most `limit` parties; returns how many were done.

    A migration has no keys, so the tick does it, batch by batch: a row that is done is not looked at again, and rows
    somebody is working on are left for the next time.
    """
    unfilled = sa.select(Party).where(Party.name_index.is_(None)).order_by(Party.id).limit(limit)
    with transaction() as session:
        parties = session.scalars(unfilled.with_for_update(skip_locked=True)).all()
        for party in parties:
            party.name_index, party.phone_last4 = name_index(party.name or ""), phone_tail(party.phone)
    return len(parties)
