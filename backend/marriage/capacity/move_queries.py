"""The read side of bulk moves. Every query is held to the nodes given: what is not there is not found."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, now
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.rules import ANSWERED_STATES, MOVED_STATES, OPEN_STATES, CallResult, Figures, LineState
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Party
from backend.marriage.offices import OfficeView
from backend.staff.models import StaffAccount
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class MoveRow:
    """A bulk move in the list; `of_windows`: some windows were out for some hours, the registry was open."""

    id: uuid.UUID
    office: OfficeView
    first: date
    last: date
    reason: str
    created_at: datetime
    started_at: datetime | None
    started_by: str | None
    figures: Figures
    of_windows: bool


@dataclass(frozen=True)
class LineRow:
    """One appointment in a move; names only where somebody is about to telephone them."""

    id: uuid.UUID
    appointment_id: uuid.UUID
    number: str
    kind: Kind
    state: LineState
    by_phone: bool
    old_starts_at: datetime
    new_starts_at: datetime | None
    answer_until: datetime | None
    called_at: datetime | None
    call: CallResult | None

    @property
    def to_call(self) -> bool:
        """Whether somebody still has to telephone."""
        open_here = self.state in OPEN_STATES
        return open_here and self.call is not CallResult.REACHED and (self.by_phone or self.state is LineState.WAITING)


@dataclass(frozen=True)
class Callee:
    """Somebody to be telephoned."""

    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    number: str = field(repr=False)
    last4: str


def move_rows(nodes: Nodes, limit: int, move_id: uuid.UUID | None = None) -> Sequence[MoveRow]:
    """The newest moves of the nodes, or one of them; two queries."""
    query = (
        sa.select(BulkMove, Office, StaffAccount.display_name)
        .join(Office, Office.id == BulkMove.office_id)
        .outerjoin(StaffAccount, StaffAccount.id == BulkMove.started_by)
        .where(Office.node_id.in_(nodes))
        .order_by(BulkMove.created_at.desc(), BulkMove.id.desc())
        .limit(limit)
    )
    if move_id is not None:
        query = query.where(BulkMove.id == move_id)
    with transaction() as session:
        found = session.execute(query).all()
        figures = figures_of([move.id for move, _, _ in found])
    return [_row(move, office, name, figures.get(move.id, Figures())) for move, office, name in found]


def _row(move: BulkMove, office: Office, name: str | None, figures: Figures) -> MoveRow:
    view = OfficeView(office.id, office.code, office.name, office.address, office.phone)
    return MoveRow(
        move.id,
        view,
        move.first_day,
        move.last_day,
        move.reason,
        move.created_at,
        move.started_at,
        name,
        figures,
        move.outage_id is not None,
    )


def figures_of(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Figures]:
    """How far moves have come; one query."""
    line = MoveLine

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(sa.and_(sa.true(), *conditions))

    query = (
        sa.select(
            line.move_id,
            count(),
            count(line.told_at.is_not(None)),
            count(line.state.in_(ANSWERED_STATES)),
            count(line.state.in_(MOVED_STATES)),
            count(line.state == LineState.KEPT),
            count(line.state == LineState.GIVEN_UP),
            count(line.state == LineState.WAITING),
            count(_to_call()),
            count(line.state.not_in(OPEN_STATES)),
        )
        .where(line.move_id.in_(ids))
        .group_by(line.move_id)
    )
    with transaction() as session:
        rows: list[list[Any]] = [list(row) for row in session.execute(query)]
    return {row[0]: Figures(*row[1:]) for row in rows}


def _to_call() -> sa.ColumnElement[bool]:
    """The same as `LineRow.to_call`."""
    return sa.and_(
        MoveLine.state.in_(OPEN_STATES),
        MoveLine.call.is_distinct_from(CallResult.REACHED),
        sa.or_(MoveLine.by_phone, MoveLine.state == LineState.WAITING),
    )


def lines(nodes: Nodes, move_id: uuid.UUID, after: int, limit: int) -> Sequence[LineRow]:
    """Lines of a move in their order, those beyond rank `after`."""
    query = _lines(nodes).where(MoveLine.move_id == move_id, MoveLine.rank > after)
    with transaction() as session:
        return [_line(row) for row in session.execute(query.order_by(MoveLine.rank).limit(limit))]


def line(nodes: Nodes, move_id: uuid.UUID, line_id: uuid.UUID) -> LineRow | None:
    """One line, or None."""
    with transaction() as session:
        row = session.execute(_lines(nodes).where(MoveLine.move_id == move_id, MoveLine.id == line_id)).first()
        return None if row is None else _line(row)


def _lines(nodes: Nodes) -> sa.Select[MoveLine, str | None, Kind]:
    return (
        sa.select(MoveLine, Appointment.number, Appointment.kind)
        .join(Appointment, Appointment.id == MoveLine.appointment_id)
        .join(BulkMove, BulkMove.id == MoveLine.move_id)
        .join(Office, Office.id == BulkMove.office_id)
        .where(Office.node_id.in_(nodes))
    )


def _line(row: sa.Row[MoveLine, str | None, Kind]) -> LineRow:
    one, number, kind = row
    return LineRow(
        one.id,
        one.appointment_id,
        number or "",
        kind,
        one.state,
        one.by_phone,
        one.old_starts_at.astimezone(BEIJING),
        _here(one.new_starts_at),
        _here(one.answer_until),
        _here(one.called_at),
        one.call,
    )


def _here(moment: datetime | None) -> datetime | None:
    return moment.astimezone(BEIJING) if moment else None


def callees(appointment_id: uuid.UUID) -> Sequence[Callee]:
    """Whom to telephone about an appointment; whoever looks is noted by the page."""
    query = sa.select(Party).where(Party.appointment_id == appointment_id).order_by(Party.position)
    with transaction() as session:
        return [Callee(row.name or "", row.phone, row.id_number or "", row.last4) for row in session.scalars(query)]


def note_of(line_id: uuid.UUID) -> str | None:
    """What was noted of a call."""
    with transaction() as session:
        return session.get_one(MoveLine, line_id).note


@dataclass(frozen=True)
class CallRow:
    """Somebody to be telephoned, for the list of what waits."""

    move_id: uuid.UUID
    line_id: uuid.UUID
    number: str | None
    by_phone: bool
    since: datetime


def calls_waiting(nodes: Nodes, limit: int) -> Sequence[CallRow]:
    """Lines that somebody has to telephone, the closing windows first."""
    query = (
        sa.select(MoveLine.move_id, MoveLine.id, Appointment.number, MoveLine.by_phone, MoveLine.created_at)
        .join(Appointment, Appointment.id == MoveLine.appointment_id)
        .join(BulkMove, BulkMove.id == MoveLine.move_id)
        .join(Office, Office.id == BulkMove.office_id)
        .where(Office.node_id.in_(nodes), _to_call())
        .order_by(MoveLine.by_phone.desc(), MoveLine.rank, MoveLine.id)
        .limit(limit)
    )
    with transaction() as session:
        return [CallRow(*row) for row in session.execute(query)]


def idle_moves(nodes: Nodes, limit: int) -> Sequence[MoveRow]:
    """Moves that nobody has started, the first days first."""
    rows = [row for row in move_rows(nodes, 100) if row.started_at is None and row.last >= now().date()]
    return sorted(rows, key=lambda row: row.first)[:limit]
