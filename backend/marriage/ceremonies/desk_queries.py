"""The read side of the desk of ceremonies and events. Every query is held to the nodes given."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.clock import now, start_of_day
from backend.kernel.paging import Cursor, Page, page_of
from backend.marriage.ceremonies.models import (
    Ceremony,
    CeremonyEvent,
    CloudCeremony,
    GroupEntry,
    GroupEvent,
    WeatherSwitch,
)
from backend.marriage.ceremonies.rules import CeremonyState, CloudState
from backend.marriage.models import Office, Party
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind
from backend.staff.audit import watch_index
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


class Tab(StrEnum):
    """Sections of the list."""

    COMING = "coming"
    UNPLACED = "unplaced"
    OVER = "over"


@dataclass(frozen=True)
class CeremonyRow:
    """A ceremony in the list, with the names of the two."""

    ceremony: Ceremony
    names: Sequence[str] = field(repr=False)
    tails: Sequence[str]


@dataclass(frozen=True)
class OutdoorDay:
    """An outdoor venue on a day: how many ceremonies, and whether the weather has closed it."""

    venue: Resource
    day: date
    ceremonies: int
    reason: str | None


def offices_of(nodes: Nodes) -> Sequence[Office]:
    """The registries of the nodes."""
    with transaction() as db:
        return db.scalars(sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position)).all()


def ceremony_list(
    nodes: Nodes, tab: Tab, office_id: uuid.UUID | None, cursor: Cursor | None, limit: int
) -> Page[CeremonyRow]:
    """A page of ceremonies: the next first of those that lie ahead, the last first of what is over."""
    query = _ceremonies(nodes).where(*_conditions(tab)).limit(limit + 1)
    if office_id is not None:
        query = query.where(Ceremony.office_id == office_id)
    key, order = sa.tuple_(Ceremony.starts_at, Ceremony.id), (Ceremony.starts_at, Ceremony.id)
    if cursor is not None:
        last = sa.tuple_(cursor.at, cursor.id)
        query = query.where(key < last if tab is Tab.OVER else key > last)
    query = query.order_by(*(column.desc() for column in order) if tab is Tab.OVER else order)
    with transaction() as db:
        found = db.scalars(query).all()
        page = page_of(found, limit, lambda row: (row.starts_at, row.id))
        return Page(_rows(page.rows), page.next)


def ceremony_row(nodes: Nodes, ceremony_id: uuid.UUID) -> CeremonyRow | None:
    """One ceremony of the nodes, or None."""
    with transaction() as db:
        found = db.scalars(_ceremonies(nodes).where(Ceremony.id == ceremony_id)).all()
        return next(iter(_rows(found)), None)


def ceremonies_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[Ceremony]:
    """Those of the given ceremonies that belong to the nodes."""
    with transaction() as db:
        return db.scalars(_ceremonies(nodes).where(Ceremony.id.in_(ids))).all()


def ceremonies_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all ceremonies of the nodes, to be asked within another query."""
    return sa.select(Ceremony.id).join(Office, Office.id == Ceremony.office_id).where(Office.node_id.in_(nodes))


def entries_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all entries at events of the nodes."""
    return (
        sa.select(GroupEntry.id)
        .join(GroupEvent, GroupEvent.id == GroupEntry.event_id)
        .join(Office, Office.id == GroupEvent.office_id)
        .where(Office.node_id.in_(nodes))
    )


def entry_events(nodes: Nodes, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, uuid.UUID]]:
    """Number and event of those of the given entries that belong to the nodes."""
    query = sa.select(GroupEntry.id, GroupEntry.number, GroupEntry.event_id)
    query = query.where(GroupEntry.id.in_(ids), GroupEntry.id.in_(entries_of(nodes)))
    with transaction() as db:
        return {row.id: (row.number, row.event_id) for row in db.execute(query)}


def history(ceremony_id: uuid.UUID) -> Sequence[CeremonyEvent]:
    """The moves of a ceremony, oldest first."""
    query = sa.select(CeremonyEvent).where(CeremonyEvent.ceremony_id == ceremony_id).order_by(CeremonyEvent.id)
    with transaction() as db:
        return db.scalars(query).all()


def watch_indexes(appointment_id: uuid.UUID) -> list[bytes]:
    """By what the trail knows whose ceremony it is."""
    with transaction() as db:
        parties = db.scalars(sa.select(Party).where(Party.appointment_id == appointment_id))
        return [watch_index(party.id_number or "") for party in parties]


def outdoor_days(nodes: Nodes, first: date, last: date) -> Sequence[OutdoorDay]:
    """Outdoor venues on days with ceremonies, or closed by the weather, in order; four queries."""
    venues = sa.select(Resource).join(Office, Office.id == Resource.office_id)
    venues = venues.where(Office.node_id.in_(nodes), Resource.outdoor, Resource.kind == ResourceKind.VENUE)
    with transaction() as db:
        by_id = {venue.id: venue for venue in db.scalars(venues.order_by(Resource.name))}
        counts: dict[tuple[uuid.UUID, date], int] = {}
        booked = sa.select(Ceremony.venue_id, Ceremony.starts_at).where(
            Ceremony.venue_id.in_(by_id),
            Ceremony.state == CeremonyState.BOOKED,
            ~Ceremony.needs_place,
            Ceremony.starts_at >= max(start_of_day(first), now()),
            Ceremony.starts_at < start_of_day(last + timedelta(days=1)),
        )
        for row in db.execute(booked):
            key = (row.venue_id, row.starts_at.date())
            counts[key] = counts.get(key, 0) + 1
        switched = sa.select(WeatherSwitch).where(
            WeatherSwitch.venue_id.in_(by_id), WeatherSwitch.day.between(first, last)
        )
        reasons = {(row.venue_id, row.day): row.reason for row in db.scalars(switched)}
    keys = sorted({*counts, *reasons}, key=lambda key: (key[1], by_id[key[0]].name))
    return [OutdoorDay(by_id[key[0]], key[1], counts.get(key, 0), reasons.get(key)) for key in keys]


def unplaced(nodes: Nodes, limit: int) -> Sequence[Ceremony]:
    """Ceremonies whose place the weather took, the next first."""
    query = _ceremonies(nodes).where(*_conditions(Tab.UNPLACED)).order_by(Ceremony.starts_at).limit(limit)
    with transaction() as db:
        return db.scalars(query).all()


def to_erase(nodes: Nodes, limit: int) -> Sequence[CloudCeremony]:
    """Videos that are to be deleted where they are stored, the longest waiting first."""
    query = (
        sa.select(CloudCeremony)
        .where(
            CloudCeremony.had_link,
            CloudCeremony.erased_at.is_(None),
            CloudCeremony.state.in_((CloudState.WITHDRAWN, CloudState.ENDED)),
            CloudCeremony.ceremony_id.in_(ceremonies_of(nodes)),
        )
        .options(joinedload(CloudCeremony.ceremony))
        .order_by(CloudCeremony.changed_at, CloudCeremony.id)
        .limit(limit)
    )
    with transaction() as db:
        return db.scalars(query).all()


def event_list(nodes: Nodes, cursor: Cursor | None, limit: int) -> Page[GroupEvent]:
    """A page of events, the latest first."""
    query = _events(nodes).order_by(GroupEvent.starts_at.desc(), GroupEvent.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(sa.tuple_(GroupEvent.starts_at, GroupEvent.id) < sa.tuple_(cursor.at, cursor.id))
    with transaction() as db:
        return page_of(db.scalars(query).all(), limit, lambda row: (row.starts_at, row.id))


def event_row(nodes: Nodes, event_id: uuid.UUID) -> GroupEvent | None:
    """One event of the nodes, or None."""
    with transaction() as db:
        return db.scalars(_events(nodes).where(GroupEvent.id == event_id)).one_or_none()


def entry_list(event_id: uuid.UUID, cursor: Cursor | None, limit: int) -> Page[GroupEntry]:
    """A page of an event's entries in the order of signing up."""
    query = sa.select(GroupEntry).where(GroupEntry.event_id == event_id)
    if cursor is not None:
        query = query.where(sa.tuple_(GroupEntry.created_at, GroupEntry.id) > sa.tuple_(cursor.at, cursor.id))
    with transaction() as db:
        found = db.scalars(query.order_by(GroupEntry.created_at, GroupEntry.id).limit(limit + 1)).all()
        return page_of(found, limit, lambda row: (row.created_at, row.id))


def couple_names(appointment_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[tuple[str, str]]]:
    """Name and tail of the two of each appointment, in their order; one query."""
    query = sa.select(Party).where(Party.appointment_id.in_(appointment_ids))
    found: dict[uuid.UUID, list[tuple[str, str]]] = {}
    with transaction() as db:
        for party in db.scalars(query.order_by(Party.appointment_id, Party.position)):
            found.setdefault(party.appointment_id, []).append((party.name or "", party.last4))
    return found


def _events(nodes: Nodes) -> sa.Select[GroupEvent]:
    query = sa.select(GroupEvent).join(Office, Office.id == GroupEvent.office_id).where(Office.node_id.in_(nodes))
    return query.options(joinedload(GroupEvent.office))


def _ceremonies(nodes: Nodes) -> sa.Select[Ceremony]:
    return (
        sa.select(Ceremony)
        .join(Office, Office.id == Ceremony.office_id)
        .where(Office.node_id.in_(nodes))
        .options(joinedload(Ceremony.venue), joinedload(Ceremony.office), joinedload(Ceremony.officiant))
        .execution_options(populate_existing=True)
    )


def _conditions(tab: Tab) -> list[sa.ColumnElement[bool]]:
    if tab is Tab.UNPLACED:
        return [Ceremony.needs_place.is_(True)]
    if tab is Tab.OVER:
        return [sa.or_(Ceremony.state != CeremonyState.BOOKED, Ceremony.ends_at < now())]
    return [Ceremony.state == CeremonyState.BOOKED, Ceremony.ends_at >= now()]


def _rows(found: Sequence[Ceremony]) -> list[CeremonyRow]:
    names = couple_names([row.appointment_id for row in found])
    return [CeremonyRow(row, *_split(names.get(row.appointment_id, ()))) for row in found]


def _split(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [name for name, _ in pairs], [tail for _, tail in pairs]
