"""What is held about a person who asked the archive: told whole, kept as the rules say.

Of requests that others make about a record nothing is told to those on it: who has read what is the archive's to say,
on paper, and a police letter may be secret.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.chinese_dates import spoken_date
from backend.kernel.personal_data import Holding, Kept, Section
from backend.marriage.archive import texts
from backend.marriage.archive.models import ArchiveInspection, ArchiveRequest, ArchiveRequestEvent, ArchiveSubject
from backend.marriage.archive.retention import LOG_FOR, REQUEST_FOR
from backend.marriage.archive.rules import INSTITUTIONS
from backend.marriage.models import Office
from backend.people.models import Person
from backend.storage import session


def _number(person_id: uuid.UUID) -> sa.ScalarSelect[bytes]:
    return sa.select(Person.id_number_index).where(Person.id == person_id).scalar_subquery()


def _own(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """What the person asked for: under their account, or at the counter with the number they have proven."""
    at_counter = sa.and_(
        ArchiveRequest.applicant_number_index == _number(person_id),
        ArchiveRequest.applicant_kind.not_in(INSTITUTIONS),
    )
    return sa.or_(ArchiveRequest.person_id == person_id, at_counter)


def _read(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    return sa.and_(
        ArchiveInspection.reader_number_index == _number(person_id),
        ArchiveInspection.applicant_kind.not_in(INSTITUTIONS),
    )


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    query = (
        sa.select(ArchiveRequest)
        .where(_own(person_id))
        .options(joinedload(ArchiveRequest.office), joinedload(ArchiveRequest.subjects))
        .order_by(ArchiveRequest.created_at)
    )
    requests = session().scalars(query).unique().all()
    lines = sa.select(ArchiveInspection, Office.name).join(Office, Office.id == ArchiveInspection.office_id)
    found = session().execute(lines.where(_read(person_id)).order_by(ArchiveInspection.at)).all()
    return [
        Section(texts.HELD_REQUESTS, [_record(one) for one in requests], texts.HELD_REQUESTS_KEPT),
        Section(texts.HELD_LOG, [_line(line, office) for line, office in found], texts.HELD_LOG_KEPT),
    ]


def _record(row: ArchiveRequest) -> Mapping[str, str]:
    told = {
        texts.L_NUMBER: row.number,
        texts.L_OFFICE: row.office.name,
        texts.L_STATE: texts.STATE_NAMES[row.state],
        texts.L_AS: texts.APPLICANT_NAMES[row.applicant_kind],
        texts.L_SOUGHT: texts.SOUGHT_NAMES[row.sought],
        texts.L_YEARS: f"{row.first_year}–{row.last_year}",
        texts.L_NAME: row.applicant_name,
        texts.L_ID_NUMBER: row.applicant_number,
        texts.L_PHONE: row.phone,
        texts.L_AUTHORITY: row.authority,
        texts.L_REASON: row.reason,
        texts.L_REGISTERED_AT: row.registered_at,
        texts.L_CERTIFICATE: row.certificate,
        texts.L_SUBJECTS: "；".join(_subject(one) for one in row.subjects),
        texts.L_QUESTION: row.question,
        texts.L_ANSWER: row.answer,
        texts.L_ASKED: spoken_date(row.created_at.date()),
    }
    return {label: text for label, text in told.items() if text}


def _subject(one: ArchiveSubject) -> str:
    """As the person wrote it."""
    born = f"{one.birth_year}" if one.birth_year else None
    told = (one.name, one.former_name, one.id_number, born, one.native_place, one.work_unit)
    return " ".join(text for text in told if text)


def _line(line: ArchiveInspection, office: str) -> Mapping[str, str]:
    return {
        texts.L_NUMBER: line.request_number,
        texts.L_OFFICE: office,
        texts.L_READ: spoken_date(line.at.date()),
        texts.L_COPIES: str(line.copies),
    }


def _erase(_person_id: uuid.UUID) -> Mapping[str, int]:
    """Nothing goes before its time: who asked for a record and who has read it is the archive's proof."""
    return {}


def _cut(person_id: uuid.UUID) -> None:
    """They are written to no more; what is under way goes on at the counter."""
    session().execute(
        sa.update(ArchiveRequest).where(ArchiveRequest.person_id == person_id).values(person_id=None),
        execution_options={"synchronize_session": "fetch"},
    )


def _keeps(person_id: uuid.UUID) -> Sequence[Kept]:
    requests = sa.select(ArchiveRequest).where(_own(person_id)).order_by(ArchiveRequest.created_at)
    lines = sa.select(ArchiveInspection).where(_read(person_id)).order_by(ArchiveInspection.at)
    return [
        *(_kept(one) for one in session().scalars(requests)),
        *(
            Kept(texts.KEPT_LINE.format(number=one.request_number), texts.WHY_LINE, LOG_FOR.last_day(one.at.date()))
            for one in session().scalars(lines)
        ),
    ]


def _kept(request: ArchiveRequest) -> Kept:
    title = texts.KEPT_REQUEST.format(number=request.number)
    if request.ended_at is None:
        return Kept(title, texts.WHY_OPEN)
    return Kept(title, texts.WHY_REQUEST, REQUEST_FOR.last_day(request.ended_at.date()))


archive_holding = Holding(
    name="archive",
    title=texts.HELD_TITLE,
    tables=frozenset(
        table.__tablename__ for table in (ArchiveRequest, ArchiveSubject, ArchiveRequestEvent, ArchiveInspection)
    ),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
    cut=_cut,
)
