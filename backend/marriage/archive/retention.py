"""How long requests are kept (domain-rules §6.4): two years after their end; the log of what was read as set, ten at
least.
"""

from __future__ import annotations

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.marriage.archive import texts
from backend.marriage.archive.models import ArchiveInspection, ArchiveRequest, ArchiveSubject
from backend.marriage.archive.parameters import log_years
from backend.marriage.models import Office
from backend.people.models import Person
from backend.storage import transaction

REQUEST_FOR = Period(months=24)
LOG_FOR = Period(months=120)  # the least; a registry may set more

_UNTRACKED = {"synchronize_session": False}


def _erase_requests(batch: Batch) -> int:
    query = sa.select(ArchiveRequest.id).where(ArchiveRequest.ended_at < REQUEST_FOR.over_before(batch.moment))
    if batch.held:
        theirs = sa.select(ArchiveSubject.request_id).where(ArchiveSubject.id_number_index.in_(_numbers(batch)))
        query = query.where(
            sa.or_(ArchiveRequest.person_id.is_(None), ArchiveRequest.person_id.not_in(batch.held)),
            sa.or_(
                ArchiveRequest.applicant_number_index.is_(None),
                ArchiveRequest.applicant_number_index.not_in(_numbers(batch)),
            ),
            ArchiveRequest.id.not_in(theirs),
        )
    query = query.order_by(ArchiveRequest.ended_at).limit(batch.limit).with_for_update(skip_locked=True)
    with transaction() as db:
        ids = db.scalars(query).all()
        db.execute(sa.delete(ArchiveRequest).where(ArchiveRequest.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


def _numbers(batch: Batch) -> sa.Select[bytes | None]:
    return sa.select(Person.id_number_index).where(Person.id.in_(batch.held), Person.id_number_index.is_not(None))


def _erase_log(batch: Batch) -> int:
    """Each registry's lines by its own number of years."""
    gone = 0
    with transaction() as db:
        for office in db.scalars(sa.select(Office).order_by(Office.code)).all():
            before = Period(months=12 * log_years(office.code)).over_before(batch.moment)
            query = sa.select(ArchiveInspection.id).where(
                ArchiveInspection.office_id == office.id, ArchiveInspection.at < before
            )
            if batch.held:
                query = query.where(
                    sa.or_(
                        ArchiveInspection.reader_number_index.is_(None),
                        ArchiveInspection.reader_number_index.not_in(_numbers(batch)),
                    )
                )
            ids = db.scalars(query.limit(batch.limit).with_for_update(skip_locked=True)).all()
            db.execute(sa.delete(ArchiveInspection).where(ArchiveInspection.id.in_(ids)), execution_options=_UNTRACKED)
            gone += len(ids)
    return gone


archive_rules = (
    RetentionRule(
        "archive.requests",
        texts.RULE_REQUESTS,
        ("archive_requests", "archive_subjects", "archive_request_events"),
        REQUEST_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_REQUESTS,
        _erase_requests,
    ),
    RetentionRule(
        "archive.inspections",
        texts.RULE_LOG,
        ("archive_inspections",),
        LOG_FOR,
        texts.SINCE_READ,
        texts.BASIS_LOG,
        _erase_log,
    ),
)
