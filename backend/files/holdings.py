"""What is held of files about a person, how it is erased, and how long it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.files import texts
from backend.files.erasing import erase_loose, erase_where, forget_ended
from backend.files.models import Upload
from backend.kernel.chinese_dates import template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.storage import session

LOOSE_FOR = Period(days=30)
ENDED_FOR = Period(days=30)


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    rows = session().scalars(sa.select(Upload).where(Upload.owner_id == person_id).order_by(Upload.created_at))
    return [Section(texts.SECTION, [_record(row) for row in rows], texts.KEPT)]


def _record(row: Upload) -> Mapping[str, str]:
    told = {
        texts.L_PURPOSE: row.purpose,
        texts.L_RECEIVED: template_moment(row.created_at),
        texts.L_STATE: texts.STATE_NAMES[row.state],
        texts.L_SIZE: row.size and texts.SIZE.format(size=max(1, row.size // 1024)),
    }
    return {label: text for label, text in told.items() if text}


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    """What a matter has taken is its room's to keep or to erase."""
    return {"uploads": erase_where(Upload.owner_id == person_id, Upload.subject_id.is_(None))}


def _run_loose(batch: Batch) -> int:
    return erase_loose(LOOSE_FOR.over_before(batch.moment), batch.limit, batch.held)


def _run_ended(batch: Batch) -> int:
    return forget_ended(ENDED_FOR.over_before(batch.moment), batch.limit)


files_holding = Holding(
    name="files",
    title=texts.TITLE,
    tables=frozenset({Upload.__tablename__}),
    collect=_collect,
    erase=_erase,
)

files_rules = (
    RetentionRule(
        "files.loose",
        texts.RULE_LOOSE,
        ("uploads",),
        LOOSE_FOR,
        texts.SINCE_CREATED,
        texts.BASIS_LOOSE,
        _run_loose,
    ),
    RetentionRule(
        "files.ended",
        texts.RULE_ENDED,
        ("uploads",),
        ENDED_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_ENDED,
        _run_ended,
    ),
)
