"""What a person may see of their own requests: state, next step, where the volume lies; nothing of what is in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.paging import Cursor
from backend.marriage.archive import texts
from backend.marriage.archive.history import not_found
from backend.marriage.archive.models import ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.notices import papers_told
from backend.marriage.archive.rules import CLOCK_STATES, ApplicantKind, ArchiveState, KeptAt, Sought
from backend.marriage.archive.visit import Visit, visits_of
from backend.marriage.models import Office
from backend.storage import session, transaction


@dataclass(frozen=True)
class OwnRequest:
    """A request as whoever asked sees it. `next_step` is one sentence; `until` the last day of waiting."""

    id: uuid.UUID
    number: str
    state: ArchiveState
    applicant: ApplicantKind
    sought: Sought
    first_year: int
    last_year: int
    due_on: date | None
    provisional: bool
    until: date | None
    question: str | None = field(repr=False)
    kept_at: KeptAt | None
    place: str | None
    address: str | None
    phone: str | None
    papers: str
    next_step: str
    office: Office
    visit: Visit | None
    created_at: datetime

    @property
    def bookable(self) -> bool:
        """Whether a visit can be booked now."""
        return self.state is ArchiveState.READY and self.sought is not Sought.REISSUE_CHECK and self.visit is None


def own_requests(
    person_id: uuid.UUID, cursor: Cursor | None, limit: int, *, open_alone: bool = False
) -> Sequence[OwnRequest]:
    """A person's requests, newest first, from behind the cursor; four queries whatever their number."""
    query = _own(person_id)
    if open_alone:
        query = query.where(ArchiveRequest.open)
    if cursor is not None:
        key = sa.tuple_(ArchiveRequest.created_at, ArchiveRequest.id)
        query = query.where(key < sa.tuple_(cursor.at, cursor.id))
    with transaction():
        return _views(session().scalars(query.limit(limit)).all())


def own_request_view(request_id: uuid.UUID, person_id: uuid.UUID) -> OwnRequest:
    """One of them; raises `AppError` not_found."""
    with transaction():
        found = _views(session().scalars(_own(person_id).where(ArchiveRequest.id == request_id)).all())
    if not found:
        raise not_found()
    return found[0]


def _own(person_id: uuid.UUID) -> sa.Select[ArchiveRequest]:
    return (
        sa.select(ArchiveRequest)
        .where(ArchiveRequest.person_id == person_id)
        .options(joinedload(ArchiveRequest.office))
        .order_by(ArchiveRequest.created_at.desc(), ArchiveRequest.id.desc())
        .execution_options(populate_existing=True)
    )


def _views(rows: Sequence[ArchiveRequest]) -> list[OwnRequest]:
    visits, reasons = visits_of([row for row in rows if row.open]), refusals([row.id for row in rows])
    return [_view(row, visits.get(row.id), reasons.get(row.id)) for row in rows]


def refusals(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Why requests were refused; one query."""
    query = sa.select(ArchiveRequestEvent.request_id, ArchiveRequestEvent.reason).where(
        ArchiveRequestEvent.request_id.in_(ids), ArchiveRequestEvent.name == "refused"
    )
    return {row.request_id: row.reason or "" for row in session().execute(query)}


def _view(row: ArchiveRequest, visit: Visit | None, refusal: str | None) -> OwnRequest:
    here = row.kept_at is KeptAt.HERE
    return OwnRequest(
        id=row.id,
        number=row.number,
        state=row.state,
        applicant=row.applicant_kind,
        sought=row.sought,
        first_year=row.first_year,
        last_year=row.last_year,
        due_on=row.due_on if row.state in CLOCK_STATES else None,
        provisional=row.due_provisional,
        until=row.until,
        question=row.question if row.state is ArchiveState.NEED_MORE else None,
        kept_at=row.kept_at,
        place=row.office.name if here else row.kept_name,
        address=row.office.address if here else row.kept_address,
        phone=row.office.phone if here else row.kept_phone,
        papers=papers_told(row),
        next_step=_next_step(row, refusal),
        office=row.office,
        visit=visit,
        created_at=row.created_at,
    )


def _next_step(row: ArchiveRequest, refusal: str | None) -> str:
    if row.state is ArchiveState.READY and row.sought is Sought.REISSUE_CHECK:
        return texts.CHECKED_HERE
    return texts.NEXT_STEPS[row.state].format(
        day=spoken_day(row.due_on),
        provisional=texts.PROVISIONAL if row.due_provisional else "",
        until=spoken_day(row.until) if row.until else "",
        question=row.question or "",
        office=row.office.name,
        papers=papers_told(row),
        place=row.kept_name or "",
        address=row.kept_address or "",
        phone=row.kept_phone or row.office.phone,
        remedy=texts.REMEDIES[row.not_found_why] if row.not_found_why else "",
        copies=row.copies,
        reason=refusal or texts.NO_REASON,
    )
