"""How long applications and care are kept (domain-rules §6.4): a year after the end; care and its notes three."""

from __future__ import annotations

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.marriage.divorce import texts
from backend.marriage.divorce.models import DivorceCare, DivorceCase, DivorceParty
from backend.people.models import Person
from backend.storage import transaction

CASE_FOR = Period(months=12)
CARE_FOR = Period(months=36)


def _erase_cases(batch: Batch) -> int:
    query = sa.select(DivorceCase.id).where(DivorceCase.ended_at < CASE_FOR.over_before(batch.moment))
    if batch.held:
        numbers = sa.select(Person.id_number_index).where(
            Person.id.in_(batch.held), Person.id_number_index.is_not(None)
        )
        theirs = sa.select(DivorceParty.case_id).where(
            sa.or_(DivorceParty.id_number_index.in_(numbers), DivorceParty.person_id.in_(batch.held))
        )
        query = query.where(DivorceCase.id.not_in(theirs))
    query = query.order_by(DivorceCase.ended_at).limit(batch.limit).with_for_update(skip_locked=True)
    with transaction() as db:
        ids = db.scalars(query).all()
        db.execute(sa.delete(DivorceCase).where(DivorceCase.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


def _erase_care(batch: Batch) -> int:
    query = sa.select(DivorceCare.id).where(DivorceCare.ended_at < CARE_FOR.over_before(batch.moment))
    if batch.held:
        query = query.where(DivorceCare.person_id.not_in(batch.held))
    query = query.order_by(DivorceCare.ended_at).limit(batch.limit).with_for_update(skip_locked=True)
    with transaction() as db:
        ids = db.scalars(query).all()
        db.execute(sa.delete(DivorceCare).where(DivorceCare.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


_UNTRACKED = {"synchronize_session": False}

divorce_rules = (
    RetentionRule(
        "divorce.cases",
        texts.RULE_CASES,
        ("divorce_cases", "divorce_parties", "divorce_case_events"),
        CASE_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_CASES,
        _erase_cases,
    ),
    RetentionRule(
        "divorce.care",
        texts.RULE_CARE,
        ("divorce_care", "divorce_care_contacts"),
        CARE_FOR,
        texts.SINCE_CARE_ENDED,
        texts.BASIS_CARE,
        _erase_care,
    ),
)
