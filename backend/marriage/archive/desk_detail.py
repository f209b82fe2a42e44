"""One request in full, for the desk that works on it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import today
from backend.kernel.masking import mask_number
from backend.marriage.archive.desk_queries import Nodes, RequestRow, request_row, same_record
from backend.marriage.archive.models import ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.rules import PAPERS, ArchiveState, Paper
from backend.marriage.archive.visit import Visit, visits_of
from backend.staff import StaffAccount
from backend.storage import transaction

_SAME_SHOWN = 5


@dataclass(frozen=True)
class EventLine:
    """One move: when, what, by whom, to where, why; `due_on` where the promised day moved, before and after."""

    at: datetime
    name: str
    actor_kind: str
    actor_name: str | None
    to_state: ArchiveState
    reason: str | None
    due_on: tuple[date, date] | None


@dataclass(frozen=True)
class RequestDetail:
    """A request with its history, its visit and others about the same record. `days_left`: workdays to the promise."""

    row: RequestRow
    masked_number: str
    events: Sequence[EventLine]
    visit: Visit | None
    same: Sequence[RequestRow]
    papers: Sequence[Paper]
    archivist: str | None
    days_left: int

    @property
    def request(self) -> ArchiveRequest:
        """The request itself."""
        return self.row.request


def request_detail(nodes: Nodes, request_id: uuid.UUID) -> RequestDetail | None:
    """One request of the nodes, or None."""
    with transaction() as db:
        row = request_row(nodes, request_id)
        if row is None:
            return None
        request = row.request
        archivist = db.scalar(sa.select(StaffAccount.display_name).where(StaffAccount.id == request.archivist_id))
        return RequestDetail(
            row=row,
            masked_number=mask_number(request.applicant_number or ""),
            events=[_event(*found) for found in db.execute(_events(request_id))],
            visit=visits_of([request]).get(request.id),
            same=same_record(nodes, request, _SAME_SHOWN),
            papers=PAPERS[request.applicant_kind],
            archivist=archivist,
            days_left=workdays_to(request.due_on),
        )


def workdays_to(day: date) -> int:
    """Legal workdays from tomorrow to a day, that day included; nought for one that is over."""
    calendar = legal_calendar()
    return sum(calendar.is_workday(one) for one in calendar.span(today(), day)) - calendar.is_workday(today())


def _event(event: ArchiveRequestEvent, actor_name: str | None) -> EventLine:
    moved = event.detail.get("due_on")
    return EventLine(
        event.at,
        event.name,
        event.actor_kind,
        actor_name,
        event.to_state,
        event.reason,
        (date.fromisoformat(moved[0]), date.fromisoformat(moved[1])) if moved else None,
    )


def _events(request_id: uuid.UUID) -> sa.Select[ArchiveRequestEvent, str]:
    by_staff = sa.and_(ArchiveRequestEvent.actor_kind == "staff", StaffAccount.id == ArchiveRequestEvent.actor_id)
    return (
        sa.select(ArchiveRequestEvent, StaffAccount.display_name)
        .outerjoin(StaffAccount, by_staff)
        .where(ArchiveRequestEvent.request_id == request_id)
        .order_by(ArchiveRequestEvent.id)
    )
