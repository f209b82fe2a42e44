"""The waiting list as registrars see it: who waits in which order, what is kept for whom, and what has been."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from backend.kernel.paging import Cursor, Page, page_of
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot, Via
from backend.marriage.rules import State
from backend.marriage.waiting.models import WaitingEntry, WaitingEvent
from backend.marriage.waiting.rules import WaitingState
from backend.staff.models import StaffAccount
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


class Tab(StrEnum):
    """Which entries."""

    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True)
class Filter:
    """What is looked for; None: all."""

    tab: Tab = Tab.OPEN
    office_id: uuid.UUID | None = None
    kind: Kind | None = None
    day: date | None = None


@dataclass(frozen=True)
class Kept:
    """A place that is kept for an entry."""

    starts_at: datetime
    until: datetime


@dataclass(frozen=True)
class EntryRow:
    """An entry in the list, with its people."""

    entry: WaitingEntry
    office: Office
    kept: Kept | None
    number: str | None
    people: Sequence[tuple[str, str]] = field(repr=False)


@dataclass(frozen=True)
class EventLine:
    """One move of an entry."""

    at: datetime
    name: str
    actor_kind: str
    actor_name: str | None
    reason: str | None
    starts_at: datetime | None


@dataclass(frozen=True)
class OfferRow:
    """A place that is kept for somebody who has to be telephoned."""

    entry_id: uuid.UUID
    starts_at: datetime
    since: datetime
    until: datetime


def entry_rows(nodes: Nodes, wanted: Filter, after: Cursor | None, limit: int) -> Page[EntryRow]:
    """A page: those in line in the order of the line, those that are over newest first. Three queries."""
    query = _of(nodes).where(*_conditions(wanted))
    if wanted.tab is Tab.OPEN:
        key = (WaitingEntry.queued_at, WaitingEntry.id)
        if after is not None:
            query = query.where(sa.tuple_(*key) > sa.tuple_(after.at, after.id))
        query = query.order_by(WaitingEntry.queued_at, WaitingEntry.id)
    else:
        key = (WaitingEntry.changed_at, WaitingEntry.id)
        if after is not None:
            query = query.where(sa.tuple_(*key) < sa.tuple_(after.at, after.id))
        query = query.order_by(WaitingEntry.changed_at.desc(), WaitingEntry.id.desc())
    with transaction() as db:
        found = db.scalars(query.limit(limit + 1)).unique().all()
        page = page_of(found, limit, lambda row: (getattr(row, key[0].key), row.id))
        places = _places([row.id for row in page.rows])
    return Page([_row(row, places) for row in page.rows], page.next)


def entry_row(nodes: Nodes, entry_id: uuid.UUID) -> EntryRow | None:
    """One entry, or None."""
    with transaction() as db:
        found = db.scalars(_of(nodes).where(WaitingEntry.id == entry_id)).unique().one_or_none()
        return None if found is None else _row(found, _places([found.id]))


def phones_of(row: EntryRow) -> Sequence[tuple[str, str | None]]:
    """Names and telephones of an entry; whoever looks is noted by the page."""
    return [(party.name or "", party.phone) for party in row.entry.parties]


def indexes_of(row: EntryRow) -> Sequence[str]:
    """The numbers of an entry's people, for the watch over looks at relatives."""
    return [party.id_number or "" for party in row.entry.parties]


def events_of(entry_id: uuid.UUID) -> Sequence[EventLine]:
    """What happened to an entry, oldest first."""
    event = WaitingEvent
    by_staff = sa.and_(event.actor_kind == "staff", StaffAccount.id == event.actor_id)
    query = (
        sa.select(event.at, event.name, event.actor_kind, StaffAccount.display_name, event.reason, Slot.starts_at)
        .outerjoin(StaffAccount, by_staff)
        .outerjoin(Slot, Slot.id == event.slot_id)
        .where(event.entry_id == entry_id)
        .order_by(event.id)
    )
    with transaction() as db:
        return [EventLine(*row) for row in db.execute(query)]


def offers_to_call(nodes: Nodes, limit: int) -> Sequence[OfferRow]:
    """Places kept for people who were put in line on the telephone, those that run out first."""
    query = (
        sa.select(WaitingEntry.id, Slot.starts_at, Appointment.created_at, Appointment.hold_expires_at)
        .join(Appointment, Appointment.waiting_id == WaitingEntry.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(Office, Office.id == WaitingEntry.office_id)
        .where(
            Office.node_id.in_(nodes),
            WaitingEntry.state == WaitingState.OFFERED,
            WaitingEntry.via == Via.DESK,
            Appointment.state == State.HELD,
        )
        .order_by(Appointment.hold_expires_at)
        .limit(limit)
    )
    with transaction() as db:
        rows = db.execute(query).all()
    return [OfferRow(entry_id, at, since, until) for entry_id, at, since, until in rows if until is not None]


def entries_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of the entries of the nodes, to be asked within another query."""
    return sa.select(WaitingEntry.id).join(Office, Office.id == WaitingEntry.office_id).where(Office.node_id.in_(nodes))


def entries_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[WaitingEntry]:
    """Those of some entries that belong to the nodes."""
    with transaction() as db:
        return db.scalars(
            sa.select(WaitingEntry).where(WaitingEntry.id.in_(ids), WaitingEntry.id.in_(entries_of(nodes)))
        ).all()


def _of(nodes: Nodes) -> sa.Select[WaitingEntry]:
    return (
        sa.select(WaitingEntry)
        .join(WaitingEntry.office)
        .where(Office.node_id.in_(nodes))
        .options(joinedload(WaitingEntry.office), selectinload(WaitingEntry.parties))
        .execution_options(populate_existing=True)
    )


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [WaitingEntry.open.is_(wanted.tab is Tab.OPEN)]
    if wanted.office_id is not None:
        conditions.append(WaitingEntry.office_id == wanted.office_id)
    if wanted.kind is not None:
        conditions.append(WaitingEntry.kind == wanted.kind)
    if wanted.day is not None:
        conditions.append(sa.and_(WaitingEntry.first_day <= wanted.day, WaitingEntry.last_day >= wanted.day))
    return conditions


def _places(ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Appointment]:
    """What is kept for entries, or was taken by them."""
    query = sa.select(Appointment).where(Appointment.waiting_id.in_(ids), Appointment.state != State.EXPIRED)
    with transaction() as db:
        found = db.scalars(query.options(joinedload(Appointment.slot)).order_by(Appointment.created_at)).all()
    return {one.waiting_id: one for one in found if one.waiting_id is not None}


def _row(entry: WaitingEntry, places: Mapping[uuid.UUID, Appointment]) -> EntryRow:
    place = places.get(entry.id)
    kept = None
    if place is not None and place.state is State.HELD and place.hold_expires_at is not None:
        kept = Kept(place.slot.starts_at, place.hold_expires_at)
    people = [(party.name or "", party.last4) for party in entry.parties]
    return EntryRow(entry, entry.office, kept, place.number if place is not None else None, people)
