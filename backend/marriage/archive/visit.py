"""The visit: booked from a request in one step, or made without a booking; what was read is written into the log."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.archive import texts
from backend.marriage.archive.history import locked_request, move, own_request, record, require
from backend.marriage.archive.models import ArchiveInspection, ArchiveRequest
from backend.marriage.archive.notices import drop_reminders
from backend.marriage.archive.rules import PAPERS, ArchiveState, Paper, Sought
from backend.marriage.book import Booked, BookingRequest, book_appointment
from backend.marriage.close import complete_service
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Party, Slot, Via
from backend.marriage.rules import ACTIVE_STATES, State
from backend.storage import atomic, session

MOST_COPIES = 99


@dataclass(frozen=True)
class Visit:
    """An appointment for reading the record that lies ahead or is under way."""

    appointment_id: uuid.UUID
    number: str
    starts_at: datetime
    state: State


@dataclass(frozen=True)
class Reading:
    """What happened on site: which papers were seen in the original, and how many stamped copies were given."""

    papers: Collection[Paper]
    copies: int


def visits_of(requests: Sequence[ArchiveRequest]) -> Mapping[uuid.UUID, Visit]:
    """By request, the visit that is booked for it, or by the same person at the same registry for another one."""
    if not requests:
        return {}
    query = (
        sa.select(
            Appointment.id, Appointment.number, Appointment.state, Slot.starts_at, Slot.office_id, Party.id_number_index
        )
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(Party, Party.appointment_id == Appointment.id)
        .where(
            Appointment.kind == Kind.ARCHIVE_QUERY,
            Appointment.state.in_(ACTIVE_STATES),
            Appointment.number.is_not(None),
            sa.or_(
                Appointment.id.in_([one.appointment_id for one in requests if one.appointment_id]),
                Party.id_number_index.in_([one.applicant_number_index for one in requests]),
            ),
        )
    )
    rows = session().execute(query).all()
    found: dict[uuid.UUID, Visit] = {}
    for request in requests:
        for row in rows:
            same = (row.office_id, row.id_number_index) == (request.office_id, request.applicant_number_index)
            if row.id == request.appointment_id or same:
                found[request.id] = Visit(row.id, row.number, row.starts_at, row.state)
    return found


def book_visit(request_id: uuid.UUID, slot_id: uuid.UUID, person_id: uuid.UUID, via: Via) -> Booked:
    """Book a time to read the record that is ready; whose visit it is need not be typed again.

    Raises `AppError`: not_found, not_ready, already_booked (which says when), and as `book_appointment` does.
    """
    with atomic():
        request = own_request(request_id, person_id)
        require_bookable(request)
        visit = visits_of([request]).get(request.id)
        if visit is not None:
            told = texts.VISIT_BOOKED.format(when=spoken_moment(visit.starts_at))
            raise AppError("already_booked", told, 409)
        reader = PartyInput(
            request.applicant_name or "",
            request.applicant_number or "",
            request.applicant_id_type or PartyInput.id_type,
            request.phone,
        )
        asked = BookingRequest(Kind.ARCHIVE_QUERY, slot_id, [reader], declared=True, booked_by=person_id, via=via)
        booked = book_appointment(asked)
        if booked.office.id != request.office_id:
            raise AppError("invalid", texts.OTHER_OFFICE, 422, errors={"slot_id": [texts.OTHER_OFFICE]})
        request.appointment_id = booked.appointment_id
        session().flush()
        record(request, "visit_booked", Actor("resident", person_id), request.state)
        return booked


def require_bookable(request: ArchiveRequest) -> None:
    """Refuse to book a visit for what is not here to be read; raises `AppError` not_ready."""
    if request.sought is Sought.REISSUE_CHECK:
        raise AppError("not_ready", texts.VISIT_OF_A_CHECK, 409)
    if request.state is not ArchiveState.READY:
        raise AppError("not_ready", texts.NOT_READY, 409, extra={"state": request.state.value})


def record_visit(request_id: uuid.UUID, reading: Reading, account_id: uuid.UUID) -> ArchiveRequest:
    """The record was read on site. The visit's appointment, if it is checked in, is done with it.

    Raises `AppError`: not_found, invalid (papers not seen, copies), state_conflict.
    """
    with atomic():
        request = locked_request(request_id)
        require(request, (ArchiveState.READY,))
        _check(request, reading)
        request.copies = reading.copies
        actor = Actor("staff", account_id)
        move(request, "visited", ArchiveState.VISITED, actor, detail={"copies": reading.copies})
        drop_reminders(request.id)
        session().add(_line(request, reading, account_id))
        session().flush()
        visit = visits_of([request]).get(request.id)
        if visit is not None:
            request.appointment_id = visit.appointment_id
            if visit.state is State.CHECKED_IN and not _others_ready(request):
                complete_service(visit.appointment_id, actor)
        return request


def _others_ready(request: ArchiveRequest) -> bool:
    """Whether the same visitor has another volume to read: the visit goes on."""
    if request.applicant_number_index is None:
        return False
    query = sa.select(ArchiveRequest.id).where(
        ArchiveRequest.applicant_number_index == request.applicant_number_index,
        ArchiveRequest.office_id == request.office_id,
        ArchiveRequest.state == ArchiveState.READY,
        ArchiveRequest.sought != Sought.REISSUE_CHECK,
    )
    return session().scalar(query.limit(1)) is not None


def _check(request: ArchiveRequest, reading: Reading) -> None:
    errors: dict[str, list[str]] = {}
    missing = [paper for paper in PAPERS[request.applicant_kind] if paper not in reading.papers]
    if missing:
        named = "、".join(texts.PAPER_NAMES[paper] for paper in missing)
        errors["papers"] = [texts.PAPERS_NOT_SEEN.format(papers=named)]
    if not 0 <= reading.copies <= MOST_COPIES:
        errors["copies"] = [texts.COPIES_UNREADABLE.format(most=MOST_COPIES)]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)


def _line(request: ArchiveRequest, reading: Reading, account_id: uuid.UUID) -> ArchiveInspection:
    line = ArchiveInspection(
        id=new_id(),
        request_id=request.id,
        request_number=request.number,
        office_id=request.office_id,
        at=now(),
        shown_by=account_id,
        applicant_kind=request.applicant_kind,
        reader_number_index=request.applicant_number_index,
        papers_seen=sorted(paper.value for paper in reading.papers),
        sought=request.sought,
        volume=request.volume,
        copies=reading.copies,
    )
    line.reader_name, line.authority = request.applicant_name, request.authority
    return line
