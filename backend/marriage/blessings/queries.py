"""What a page shows of its guests' words, what a guest wrote, and what waits at the desk."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from backend.marriage.blessings.models import Blessing
from backend.marriage.blessings.rules import MOST_ON_A_PAGE, BlessingState
from backend.marriage.ceremonies.models import Ceremony, CloudCeremony
from backend.marriage.models import Office
from backend.storage import transaction


def shown_blessings(cloud_id: uuid.UUID) -> Sequence[Blessing]:
    """What guests read, newest first; a page never has more than `MOST_ON_A_PAGE`."""
    return _of_page(cloud_id, Blessing.state == BlessingState.SHOWN)


def blessings_of_ceremony(ceremony_id: uuid.UUID) -> Sequence[Blessing]:
    """Everything on a ceremony's page, for the desk: what waits for a person first, then the newest."""
    query = (
        sa.select(Blessing)
        .join(CloudCeremony, CloudCeremony.id == Blessing.cloud_id)
        .where(CloudCeremony.ceremony_id == ceremony_id)
        .order_by(Blessing.state != BlessingState.REVIEW, Blessing.created_at.desc(), Blessing.id)
        .limit(MOST_ON_A_PAGE)
    )
    with transaction() as db:
        return db.scalars(query).all()


def own_blessing(cloud_id: uuid.UUID, person_id: uuid.UUID) -> Blessing | None:
    """What a guest wrote on a page."""
    return next(iter(_of_page(cloud_id, Blessing.person_id == person_id)), None)


def to_review(nodes: frozenset[uuid.UUID], limit: int) -> Sequence[tuple[uuid.UUID, str, datetime]]:
    """Ceremonies of these places with words that wait for a person: id, number, since when; the longest first."""
    since = sa.func.min(Blessing.changed_at)
    query = (
        sa.select(Ceremony.id, Ceremony.number, since)
        .join(CloudCeremony, CloudCeremony.ceremony_id == Ceremony.id)
        .join(Blessing, Blessing.cloud_id == CloudCeremony.id)
        .join(Office, Office.id == Ceremony.office_id)
        .where(Blessing.state == BlessingState.REVIEW, CloudCeremony.token_hash.is_not(None), Office.node_id.in_(nodes))
        .group_by(Ceremony.id, Ceremony.number)
        .order_by(since, Ceremony.id)
        .limit(limit)
    )
    with transaction() as db:
        return [(row[0], row[1], row[2]) for row in db.execute(query)]


def _of_page(cloud_id: uuid.UUID, wanted: sa.ColumnElement[bool]) -> Sequence[Blessing]:
    query = sa.select(Blessing).where(Blessing.cloud_id == cloud_id, wanted)
    query = query.order_by(Blessing.created_at.desc(), Blessing.id).limit(MOST_ON_A_PAGE)
    with transaction() as db:
        return db.scalars(query.execution_options(populate_existing=True)).all()
