"""What is held about whoever put a picture on their page: erased with the account, and with the page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.files.erasing import erase_where
from backend.files.models import Upload
from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.marriage.ceremonies.models import CloudCeremony
from backend.marriage.ceremonies.rules import CloudState
from backend.marriage.covers import texts
from backend.marriage.covers.models import Cover
from backend.marriage.covers.put import take_away
from backend.marriage.covers.rules import SUBJECT
from backend.storage import session, transaction


def join_covers(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Two rows turned out to be one person, whose picture it is."""
    moved = sa.update(Cover).where(Cover.person_id == joined_id).values(person_id=person_id)
    session().execute(moved, execution_options={"synchronize_session": False})


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    rows = session().scalars(sa.select(Cover).where(Cover.person_id == person_id).order_by(Cover.created_at))
    records = [
        {texts.L_STATE: texts.STATE_NAMES[row.state], texts.L_WHEN: spoken_moment(row.created_at)} for row in rows
    ]
    return [Section(texts.HELD, records, texts.KEPT)]


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    theirs = session().scalars(sa.select(Cover).where(Cover.person_id == person_id).with_for_update()).all()
    for cover in theirs:
        take_away(cover)
    return {Cover.__tablename__: len(theirs)}


def _forget(batch: Batch) -> int:
    """Pictures of pages that are gone, but for persons on legal hold; and files whose page went with its ceremony."""
    over = sa.or_(CloudCeremony.state != CloudState.AGREED, CloudCeremony.delete_from <= batch.moment)
    query = (
        sa.select(Cover)
        .join(CloudCeremony, CloudCeremony.id == Cover.cloud_id)
        .where(over, Cover.person_id.not_in(batch.held))
        .limit(batch.limit)
        .with_for_update(skip_locked=True, of=Cover)
    )
    with transaction() as db:
        gone = db.scalars(query).all()
        for cover in gone:
            take_away(cover)
        left = ~sa.exists().where(Cover.id == Upload.subject_id)
        return len(gone) + erase_where(Upload.subject_kind == SUBJECT, left, limit=batch.limit)


covers_holding = Holding(
    name="covers",
    title=texts.HELD,
    tables=frozenset({Cover.__tablename__}),
    collect=_collect,
    erase=_erase,
)

covers_rules = (
    RetentionRule(
        "covers.page_gone",
        texts.RULE,
        (Cover.__tablename__,),
        Period(),
        texts.SINCE,
        texts.BASIS,
        _forget,
    ),
)
