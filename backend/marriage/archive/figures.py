"""How much is asked of the archive and how long it takes to say where a volume lies; counts, never people."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from backend.calendar import legal_calendar
from backend.kernel.clock import start_of_day, today
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.archive.models import ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.rules import ArchiveState, Sought
from backend.marriage.models import Office
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]

# What says where a volume lies, or that there is none.
_SAID = ("located", "referred", "not_found")


@dataclass(frozen=True)
class MonthFigures:
    """A month by the day of asking. `workdays`: the median to the first word on the place, None while none was said."""

    month: date
    asked: int
    located: int
    not_found: int
    in_time: int
    workdays: float | None


@dataclass(frozen=True)
class ArchiveFigures:
    """The figures of some months: by state and by what was sought, now; and month by month, the latest first."""

    states: Mapping[ArchiveState, int]
    soughts: Mapping[Sought, int]
    months: Sequence[MonthFigures]


@dataclass(frozen=True)
class _Line:
    asked_on: date
    due_on: date
    state: ArchiveState
    sought: Sought
    said_on: date | None
    said: str | None


def archive_figures(nodes: Nodes, months: int, office_id: uuid.UUID | None = None) -> ArchiveFigures:
    """The figures of requests of the nodes asked in the last so many months, this one among them; one query."""
    first = months_ago(today().replace(day=1), months - 1)
    lines, calendar = _lines(nodes, first, office_id), legal_calendar()
    by_month: dict[date, list[_Line]] = {}
    for line in lines:
        by_month.setdefault(line.asked_on.replace(day=1), []).append(line)
    return ArchiveFigures(
        Counter(line.state for line in lines),
        Counter(line.sought for line in lines),
        [_month(month, by_month[month], calendar) for month in sorted(by_month, reverse=True)],
    )


def workdays_between(first: date, last: date, calendar: LegalCalendar) -> int:
    """Legal workdays after `first` up to `last`; nought on the same day."""
    return sum(calendar.is_workday(day) for day in calendar.span(first + timedelta(days=1), last))


def months_ago(month: date, count: int) -> date:
    """The first day of the month so many months before the one that begins on `month`."""
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _lines(nodes: Nodes, first: date, office_id: uuid.UUID | None) -> list[_Line]:
    """One line for each request, with the first word on the volume's place."""
    said = (
        sa.select(ArchiveRequestEvent.request_id, ArchiveRequestEvent.at, ArchiveRequestEvent.name)
        .where(ArchiveRequestEvent.name.in_(_SAID))
        .ext(distinct_on(ArchiveRequestEvent.request_id))
        .order_by(ArchiveRequestEvent.request_id, ArchiveRequestEvent.id)
        .subquery()
    )
    query = (
        sa.select(
            ArchiveRequest.created_at,
            ArchiveRequest.due_on,
            ArchiveRequest.state,
            ArchiveRequest.sought,
            said.c.at,
            said.c.name,
        )
        .join(Office, Office.id == ArchiveRequest.office_id)
        .outerjoin(said, said.c.request_id == ArchiveRequest.id)
        .where(Office.node_id.in_(nodes), ArchiveRequest.created_at >= start_of_day(first))
    )
    if office_id is not None:
        query = query.where(ArchiveRequest.office_id == office_id)
    with transaction() as db:
        return [
            _Line(row[0].date(), row[1], row[2], row[3], row[4].date() if row[4] else None, row[5])
            for row in db.execute(query)
        ]


def _month(month: date, lines: Sequence[_Line], calendar: LegalCalendar) -> MonthFigures:
    told = [line for line in lines if line.said_on is not None]
    days = [workdays_between(line.asked_on, line.said_on, calendar) for line in told if line.said_on]
    return MonthFigures(
        month,
        asked=len(lines),
        located=sum(line.said != "not_found" for line in told),
        not_found=sum(line.said == "not_found" for line in told),
        in_time=sum(line.said_on <= line.due_on for line in told if line.said_on),
        workdays=float(median(days)) if days else None,
    )
