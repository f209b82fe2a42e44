"""Figures of a registry over a stretch of days: who booked, who came, who walked in, how long they waited."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa

from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.rules import State
from backend.marriage.tickets.models import Ticket
from backend.marriage.tickets.rules import TicketState
from backend.storage import transaction

MOST_DAYS = 366


@dataclass
class Figures:
    """Counts that may be added up; waits and services in minutes, of so many who were called or served."""

    booked: int = 0
    came: int = 0
    absent: int = 0
    cancelled: int = 0
    failed: int = 0
    walk_ins: int = 0
    waited: float = 0.0
    called: int = 0
    serving: float = 0.0
    served: int = 0

    def add(self, other: Figures) -> None:
        """Count the others in."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def mean_wait(self) -> int | None:
        """Mean minutes from the ticket, or the booked time, to the call; None when nobody was called."""
        return round(self.waited / self.called) if self.called else None

    @property
    def mean_service(self) -> int | None:
        """Mean minutes at a window; None when nobody was served."""
        return round(self.serving / self.served) if self.served else None

    @property
    def came_percent(self) -> int | None:
        """Of those whose time has come, how many came; None before the first."""
        due = self.came + self.absent
        return self.came * 100 // due if due else None


@dataclass(frozen=True)
class FigureLine:
    """The figures of a day, office and kind; of tickets also by the hour in which they were drawn."""

    day: date
    office: str
    kind: Kind
    hour: int | None
    figures: Figures


@dataclass(frozen=True)
class FigureFilter:
    """A stretch of days, both counted, and one registry by its code, or all of one's own."""

    first: date
    last: date
    office: str | None = None


def figure_lines(nodes: frozenset[uuid.UUID], wanted: FigureFilter) -> Sequence[FigureLine]:
    """All lines, in two grouped queries; how many lines there are does not depend on how many people came."""
    with transaction() as session:
        booked = session.execute(_appointments(nodes, wanted)).all()
        tickets = session.execute(_tickets(nodes, wanted)).all()
    return [*map(_appointment_line, booked), *map(_ticket_line, tickets)]


def summed(lines: Iterable[FigureLine], *names: str) -> Mapping[Any, Figures]:
    """The figures added up by one or several fields of the lines, in the order of those."""
    sums: dict[Any, Figures] = defaultdict(Figures)
    for line in lines:
        key = tuple(getattr(line, name) for name in names)
        sums[key[0] if len(names) == 1 else key].add(line.figures)
    return dict(sorted(sums.items()))


def total(lines: Iterable[FigureLine]) -> Figures:
    """Everything added up."""
    figures = Figures()
    for line in lines:
        figures.add(line.figures)
    return figures


def _appointment_line(row: Any) -> FigureLine:
    figures = Figures(row.booked, row.came, row.absent, row.cancelled, row.failed)
    return FigureLine(row.day, row.office, row.kind, None, figures)


def _ticket_line(row: Any) -> FigureLine:
    figures = Figures(
        walk_ins=row.walk_ins,
        waited=float(row.waited or 0),
        called=row.called,
        serving=float(row.serving or 0),
        served=row.served,
    )
    return FigureLine(row.day, row.office, row.kind, int(row.hour), figures)


def _appointments(nodes: frozenset[uuid.UUID], wanted: FigureFilter) -> sa.Select[*tuple[Any, ...]]:
    def counted(name: str, *states: State) -> sa.Label[int]:
        return sa.func.count().filter(Appointment.state.in_(states)).label(name)

    columns = (
        Slot.day,
        Office.name.label("office"),
        Appointment.kind,
        sa.func.count().filter(Appointment.state != State.REFUSED).label("booked"),
        counted("came", State.CHECKED_IN, State.SERVED, State.FAILED_DOCUMENTS),
        counted("absent", State.NO_SHOW),
        counted("cancelled", State.CANCELLED),
        counted("failed", State.FAILED_DOCUMENTS),
    )
    query = sa.select(*columns).select_from(Slot).join(Office).join(Appointment, Appointment.slot_id == Slot.id)
    query = query.where(
        Slot.day.between(wanted.first, wanted.last),
        Appointment.state.not_in((State.HELD, State.EXPIRED)),
        *_offices(nodes, wanted),
    )
    return query.group_by(Slot.day, Office.name, Appointment.kind)


def _tickets(nodes: frozenset[uuid.UUID], wanted: FigureFilter) -> sa.Select[*tuple[Any, ...]]:
    def minutes(since: Any, until: Any) -> sa.ColumnElement[Any]:
        return sa.func.greatest(sa.func.extract("epoch", until - since) / 60, 0)

    done = sa.and_(Ticket.state == TicketState.DONE, Ticket.serving_from.is_not(None))
    due = sa.func.greatest(Ticket.queued_at, sa.func.coalesce(Ticket.booked_for, Ticket.queued_at))
    hour = sa.func.extract("hour", sa.func.timezone("Asia/Shanghai", Ticket.queued_at)).label("hour")
    columns = (
        Ticket.day,
        Office.name.label("office"),
        Ticket.kind,
        hour,
        sa.func.count().filter(~Ticket.booked).label("walk_ins"),
        sa.func.sum(minutes(due, Ticket.called_at)).label("waited"),
        sa.func.count(Ticket.called_at).label("called"),
        sa.func.sum(minutes(Ticket.serving_from, Ticket.ended_at)).filter(done).label("serving"),
        sa.func.count().filter(done).label("served"),
    )
    query = sa.select(*columns).select_from(Ticket).join(Office, Office.id == Ticket.office_id)
    query = query.where(Ticket.day.between(wanted.first, wanted.last), *_offices(nodes, wanted))
    return query.group_by(Ticket.day, Office.name, Ticket.kind, hour)


def _offices(nodes: frozenset[uuid.UUID], wanted: FigureFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Office.node_id.in_(nodes)]
    return conditions if wanted.office is None else [*conditions, Office.code == wanted.office]
