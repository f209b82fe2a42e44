"""What the API holds about a caller: answers kept for repeats."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from backend.api import idempotency, texts
from backend.api.models import IdempotentAnswer
from backend.kernel.chinese_dates import template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.storage import session


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    """That there is an answer, and from when: what it said is told by the room that gave it."""
    query = sa.select(IdempotentAnswer.created_at).where(IdempotentAnswer.caller_id == person_id)
    rows = session().scalars(query.order_by(IdempotentAnswer.created_at))
    records = [{texts.L_AT: template_moment(created_at)} for created_at in rows]
    return [Section(texts.HELD_ANSWERS, records, texts.KEPT_ANSWERS)]


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    gone = session().execute(
        sa.delete(IdempotentAnswer).where(IdempotentAnswer.caller_id == person_id).returning(IdempotentAnswer.id),
        execution_options={"synchronize_session": False},
    )
    return {"idempotent_answers": len(gone.all())}


def _run(batch: Batch) -> int:
    return idempotency.forget_older(limit=batch.limit)


api_holding = Holding(
    name="api",
    title=texts.HELD_TITLE,
    tables=frozenset({"idempotent_answers"}),
    collect=_collect,
    erase=_erase,
)

api_rules = (
    RetentionRule(
        "api.answers",
        texts.HELD_ANSWERS,
        ("idempotent_answers",),
        Period(hours=idempotency.KEPT_HOURS),
        texts.SINCE_ANSWER,
        texts.BASIS_ANSWERS,
        _run,
        every=timedelta(minutes=10),
    ),
)
