"""What is held about a guest: their own words, erased with the account; all words go with their page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.marriage.blessings import texts
from backend.marriage.blessings.models import Blessing
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.ceremonies.rules import CloudState
from backend.storage import session, transaction

_UNTRACKED = {"synchronize_session": False}


def join_guests(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Two rows turned out to be one guest; where both wrote on one page, the words of the one who stays count."""
    theirs = sa.select(Blessing.cloud_id).where(Blessing.person_id == person_id)
    twice = sa.delete(Blessing).where(Blessing.person_id == joined_id, Blessing.cloud_id.in_(theirs))
    moved = sa.update(Blessing).where(Blessing.person_id == joined_id).values(person_id=person_id)
    for statement in (twice, moved):
        session().execute(statement, execution_options=_UNTRACKED)


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    rows = session().scalars(sa.select(Blessing).where(Blessing.person_id == person_id).order_by(Blessing.created_at))
    records = [
        {
            texts.L_NAME: row.name or "",
            texts.L_WORDS: row.words or "",
            texts.L_STATE: texts.STATE_NAMES[row.state],
            texts.L_WHEN: spoken_moment(row.created_at),
        }
        for row in rows
    ]
    return [Section(texts.HELD, records, texts.KEPT)]


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    gone = sa.delete(Blessing).where(Blessing.person_id == person_id).returning(Blessing.id)
    return {Blessing.__tablename__: len(session().execute(gone, execution_options=_UNTRACKED).all())}


def _forget(batch: Batch) -> int:
    """Words on pages that are gone, but for guests on legal hold."""
    over = sa.or_(CloudCeremony.state != CloudState.AGREED, CloudCeremony.delete_from <= batch.moment)
    query = (
        sa.select(Blessing.id)
        .join(CloudCeremony, CloudCeremony.id == Blessing.cloud_id)
        .where(over, Blessing.person_id.not_in(batch.held))
        .limit(batch.limit)
        .with_for_update(skip_locked=True, of=Blessing)
    )
    with transaction() as db:
        ids = db.scalars(query).all()
        db.execute(sa.delete(Blessing).where(Blessing.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


blessings_holding = Holding(
    name="blessings",
    title=texts.HELD,
    tables=frozenset({Blessing.__tablename__}),
    collect=_collect,
    erase=_erase,
)

blessings_rules = (
    RetentionRule(
        "blessings.page_gone",
        texts.RULE,
        (Blessing.__tablename__,),
        Period(),
        texts.SINCE,
        texts.BASIS,
        _forget,
    ),
)
