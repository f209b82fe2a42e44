"""The read side of the marriage desk. Every query is held to the nodes given: what is not there is not found."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backend.console.paging import Cursor, Page
from backend.kernel.clock import now
from backend.kernel.masking import mask_number
from backend.marriage.desk.actions import DeskAction, actions_for
from backend.marriage.desk.failed_before import failed_before
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.rules import ACTIVE_STATES, State
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]

# Holds are a resident's five minutes of thinking; the desk never sees them.
SHOWN_STATES = tuple(state for state in State if state not in (State.HELD, State.EXPIRED))
# Couples of a day: those who came, did not come, or are still expected.
DAY_STATES = (*ACTIVE_STATES, State.SERVED, State.FAILED_DOCUMENTS, State.NO_SHOW)


class Tab(StrEnum):
    """Sections of the board."""

    PENDING = "pending"
    TODAY = "today"
    LATER = "later"
    ALL = "all"


@dataclass(frozen=True)
class BoardFilter:
    """What the board shows: a section, narrowed to days or a state where given.

    `day` alone is that day; with `last` it is the first of a stretch, and `last` alone ends one without a beginning.
    """

    tab: Tab
    day: date | None = None
    state: State | None = None
    last: date | None = None


@dataclass(frozen=True)
class PartyLine:
    """One of the couple as lists show them: the full name, the number masked."""

    position: int
    name: str = field(repr=False)
    masked_number: str
    last4: str


@dataclass(frozen=True)
class AppointmentRow:
    """One couple's appointment on the board; moments are aware. `failed_before`: what was missing last time."""

    id: uuid.UUID
    number: str
    kind: Kind
    state: State
    office_name: str
    starts_at: datetime
    ends_at: datetime
    parties: Sequence[PartyLine]
    reason: str | None
    actions: Sequence[DeskAction]
    failed_before: str | None = None


@dataclass(frozen=True)
class TabCounts:
    """How many appointments each section holds."""

    pending: int
    today: int
    later: int


def board(nodes: Nodes, wanted: BoardFilter, cursor: Cursor | None, limit: int) -> Page[AppointmentRow]:
    """A page of the board, soonest first, the history of all days latest first; three queries however long the page."""
    order = (Slot.starts_at, Appointment.id)
    latest_first = wanted.tab is Tab.ALL and (wanted.day is None or wanted.last is not None)
    query = _appointments(nodes).where(*board_conditions(wanted, now().date())).limit(limit + 1)
    if cursor is not None:
        key, last = sa.tuple_(*order), sa.tuple_(cursor.at, cursor.id)
        query = query.where(key < last if latest_first else key > last)
    rows = _rows(query.order_by(*(column.desc() for column in order) if latest_first else order))
    shown = rows[:limit]
    return Page(shown, Cursor(shown[-1].starts_at, shown[-1].id) if len(rows) > limit else None)


def tab_counts(nodes: Nodes) -> TabCounts:
    """The figures of the sections, in one query."""
    today = now().date()
    counted = sa.select(
        sa.func.count().filter(Appointment.state == State.BOOKED),
        sa.func.count().filter(Slot.day == today),
        sa.func.count().filter(Slot.day > today, Appointment.state.in_(ACTIVE_STATES)),
    )
    query = counted.select_from(Appointment).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    # Only what one of the three can count, so that years of history are not read for it.
    query = query.where(
        Office.node_id.in_(nodes),
        sa.or_(Appointment.active, sa.and_(Slot.day == today, Appointment.state.in_(DAY_STATES))),
    )
    with transaction() as session:
        return TabCounts(*session.execute(query).one())


def next_couples(nodes: Nodes, limit: int) -> Sequence[AppointmentRow]:
    """Who is expected or waiting today, in order of time."""
    query = _appointments(nodes).where(Slot.day == now().date(), Appointment.state.in_(ACTIVE_STATES))
    return _rows(query.order_by(Slot.starts_at, Appointment.id).limit(limit))


def expected_couples(
    nodes: Nodes, office_id: uuid.UUID, limit: int, also: uuid.UUID | None = None
) -> Sequence[AppointmentRow]:
    """Who is still expected at an office today, soonest first, and `also` whoever is at one's window."""
    query = _appointments(nodes).where(Slot.office_id == office_id, Slot.day == now().date())
    expected = Appointment.state.in_((State.BOOKED, State.CONFIRMED))
    wanted = expected if also is None else sa.or_(expected, Appointment.id == also)
    # Whoever is at the window comes first, so that no limit cuts them off.
    at_window = [] if also is None else [(Appointment.id == also).desc()]
    return _rows(query.where(wanted).order_by(*at_window, Slot.starts_at, Appointment.id).limit(limit))


def day_list(nodes: Nodes, day: date, limit: int) -> Sequence[AppointmentRow]:
    """The couples of one day in order of time, for the printed list."""
    query = _appointments(nodes).where(Slot.day == day, Appointment.state.in_(DAY_STATES))
    return _rows(query.order_by(Slot.starts_at, Appointment.id).limit(limit))


def appointment_row(nodes: Nodes, appointment_id: uuid.UUID) -> AppointmentRow | None:
    """One appointment of the nodes, or None."""
    rows = _rows(_appointments(nodes).where(Appointment.id == appointment_id))
    return rows[0] if rows else None


def appointments_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[AppointmentRow]:
    """Those of the given appointments that belong to the nodes, latest first."""
    order = (Slot.starts_at.desc(), Appointment.id.desc())
    return _rows(_appointments(nodes).where(Appointment.id.in_(ids)).order_by(*order))


def appointment_with_number(number: str, nodes: Nodes) -> uuid.UUID | None:
    """The id of the nodes' appointment with this number, or None."""
    query = sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    with transaction() as session:
        return session.scalar(query.where(Appointment.number == number, Office.node_id.in_(nodes)))


def appointment_numbers(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, str]:
    """The numbers of those appointments that belong to the nodes, by id; no names are opened for it."""
    query = sa.select(Appointment.id, Appointment.number).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    query = query.where(
        Appointment.id.in_(ids), Appointment.number.is_not(None), Office.node_id.in_(nodes), not_blocked()
    )
    with transaction() as session:
        return {row.id: row.number or "" for row in session.execute(query)}


def appointments_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all appointments of the nodes, to be asked within another query."""
    query = sa.select(Appointment.id).join(Slot, Slot.id == Appointment.slot_id).join(Office)
    return query.where(Office.node_id.in_(nodes))


def board_conditions(wanted: BoardFilter, today: date) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on `Appointment` and `Slot`, for what was, is and will be on `today`."""
    of_tab: dict[Tab, list[sa.ColumnElement[bool]]] = {
        Tab.PENDING: [Appointment.state == State.BOOKED],
        Tab.TODAY: [Slot.day == today, Appointment.state.in_(DAY_STATES)],
        Tab.LATER: [Slot.day > today, Appointment.state.in_(ACTIVE_STATES)],
        Tab.ALL: [Appointment.state.in_(SHOWN_STATES)],
    }
    conditions = of_tab[wanted.tab]
    if wanted.last is not None:
        conditions.append(Slot.day <= wanted.last)
    if wanted.day is not None:
        conditions.append(Slot.day >= wanted.day if wanted.last is not None else Slot.day == wanted.day)
    if wanted.state is not None:
        conditions.append(Appointment.state == wanted.state)
    return conditions


def _appointments(nodes: Nodes) -> sa.Select[*tuple[Any, ...]]:
    columns = (
        Appointment.id,
        Appointment.number,
        Appointment.kind,
        Appointment.state,
        Appointment.reason,
        Slot.starts_at,
        Slot.ends_at,
        Office.name.label("office_name"),
    )
    query = sa.select(*columns).join(Slot, Slot.id == Appointment.slot_id).join(Office, Office.id == Slot.office_id)
    return query.where(Office.node_id.in_(nodes), Appointment.state.in_(SHOWN_STATES), not_blocked())


def not_blocked() -> sa.ColumnElement[bool]:
    """Of somebody who closed their account: only what is still ahead or of today; the rest is stored, not used."""
    return sa.or_(Appointment.blocked_at.is_(None), Appointment.active, Slot.day >= now().date())


def _rows(query: sa.Select[*tuple[Any, ...]]) -> list[AppointmentRow]:
    moment = now()
    with transaction() as session:
        found = session.execute(query).all()
        lines = _party_lines([row.id for row in found])
        before = failed_before([row.id for row in found if row.state in ACTIVE_STATES])
    return [
        AppointmentRow(
            row.id,
            row.number,
            row.kind,
            row.state,
            row.office_name,
            row.starts_at,
            row.ends_at,
            lines.get(row.id, ()),
            row.reason,
            actions_for(row.state, row.starts_at, moment),
            before.get(row.id),
        )
        for row in found
    ]


def _party_lines(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[PartyLine]]:
    lines: dict[uuid.UUID, list[PartyLine]] = {}
    query = sa.select(Party).where(Party.appointment_id.in_(ids)).order_by(Party.position)
    with transaction() as session:
        for party in session.scalars(query):
            line = PartyLine(party.position, party.name or "", mask_number(party.id_number or ""), party.last4)
            lines.setdefault(party.appointment_id, []).append(line)
    return lines
