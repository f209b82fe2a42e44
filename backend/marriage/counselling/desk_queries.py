"""The read side of the desk of counselling. Every query is held to the nodes given; notes are opened by pages alone."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from backend.kernel.clock import end_of_day, now, start_of_day
from backend.marriage.counselling.models import Callback, CounsellingEvent, CounsellingSession, Counsellor
from backend.marriage.counselling.rules import CallbackState, SessionState, Way, month_of
from backend.marriage.models import Office
from backend.marriage.resources.models import Resource
from backend.people.models import Person
from backend.staff import StaffAccount
from backend.staff.audit import watch_index
from backend.storage import session, transaction

Nodes = frozenset[uuid.UUID]
_SHOWN = 200


@dataclass(frozen=True)
class Figures:
    """Counts of a month and nothing else (§2.6)."""

    by_matter: Mapping[tuple[str, str], int]
    by_way: Mapping[str, int]
    callbacks: int
    callbacks_in_time: int
    callbacks_open: int


def day_sessions(nodes: Nodes, account_id: uuid.UUID | None, day: date) -> Sequence[CounsellingSession]:
    """The sessions of a day in order: of one counsellor's account, or of all."""
    query = _sessions(nodes, account_id).where(*_within(start_of_day(day), end_of_day(day)))
    with transaction() as db:
        return db.scalars(query.order_by(CounsellingSession.starts_at, CounsellingSession.id).limit(_SHOWN)).all()


def month_counts(nodes: Nodes, account_id: uuid.UUID | None, day: date) -> Mapping[date, int]:
    """How many sessions each day of a month has; those called off do not count."""
    local = sa.cast(sa.func.timezone("Asia/Shanghai", CounsellingSession.starts_at), sa.Date)
    query = (
        sa.select(local, sa.func.count())
        .select_from(CounsellingSession)
        .where(*_own(nodes, account_id))
        .where(*_within(*month_of(day)), CounsellingSession.state != SessionState.CANCELLED)
        .group_by(local)
    )
    with transaction() as db:
        return {row[0]: row[1] for row in db.execute(query)}


def session_row(nodes: Nodes, session_id: uuid.UUID, account_id: uuid.UUID | None) -> CounsellingSession | None:
    """One session of the nodes, and of that account's where one is given; else None."""
    query = _sessions(nodes, account_id).where(CounsellingSession.id == session_id)
    with transaction() as db:
        return db.scalars(query).one_or_none()


def sessions_by_id(nodes: Nodes, ids: Collection[uuid.UUID]) -> Sequence[CounsellingSession]:
    """Those of the given sessions that belong to the nodes."""
    with transaction() as db:
        return db.scalars(_sessions(nodes, None).where(CounsellingSession.id.in_(ids))).all()


def sessions_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of all sessions of the nodes, to be asked within another query."""
    query = sa.select(CounsellingSession.id).join(Office, Office.id == CounsellingSession.office_id)
    return query.where(Office.node_id.in_(nodes))


def session_with_number(number: str, nodes: Nodes) -> uuid.UUID | None:
    """The session that people know by a number."""
    with transaction() as db:
        return db.scalar(sessions_of(nodes).where(CounsellingSession.number == number))


def history(session_id: uuid.UUID) -> Sequence[CounsellingEvent]:
    """What happened to a session, oldest first."""
    query = sa.select(CounsellingEvent).where(CounsellingEvent.session_id == session_id)
    with transaction() as db:
        return db.scalars(query.order_by(CounsellingEvent.id)).all()


def watch_indexes(person_id: uuid.UUID) -> list[bytes]:
    """By which the trail knows whose record it is, where that is proven."""
    number = session().get_one(Person, person_id).id_number
    index = watch_index(number) if number else None
    return [index] if index else []


# --- what waits for a counsellor ---


def unnoted(nodes: Nodes, account_id: uuid.UUID, limit: int) -> Sequence[CounsellingSession]:
    """Whose time has passed without a word on how it went."""
    over = sa.or_(
        CounsellingSession.state == SessionState.OVER,
        sa.and_(CounsellingSession.state == SessionState.CAME, CounsellingSession.ends_at <= now()),
    )
    return _waiting(nodes, account_id, limit, over)


def without_link(nodes: Nodes, account_id: uuid.UUID, until: date, limit: int) -> Sequence[CounsellingSession]:
    """Videos until a day of which nobody has said where they are."""
    missing = (
        CounsellingSession.state == SessionState.BOOKED,
        CounsellingSession.way == Way.VIDEO,
        CounsellingSession.link_sealed.is_(None),
        CounsellingSession.starts_at < end_of_day(until),
    )
    return _waiting(nodes, account_id, limit, *missing)


def together_ahead(nodes: Nodes, account_id: uuid.UUID, limit: int) -> Sequence[CounsellingSession]:
    """Sessions of two that lie ahead."""
    two = (CounsellingSession.state == SessionState.BOOKED, CounsellingSession.together.is_(True))
    return _waiting(nodes, account_id, limit, *two)


def _waiting(
    nodes: Nodes, account_id: uuid.UUID, limit: int, *conditions: sa.ColumnElement[bool]
) -> Sequence[CounsellingSession]:
    query = _sessions(nodes, account_id).where(*conditions).order_by(CounsellingSession.starts_at).limit(limit)
    with transaction() as db:
        return db.scalars(query).all()


# --- calls back ---


def open_callbacks(nodes: Nodes, limit: int) -> Sequence[Callback]:
    """Calls that nobody has closed, the one that is due first before the others."""
    query = _callbacks(nodes).where(Callback.state != CallbackState.CLOSED).order_by(Callback.due_at, Callback.id)
    with transaction() as db:
        return db.scalars(query.limit(limit)).all()


def closed_callbacks(nodes: Nodes, limit: int) -> Sequence[Callback]:
    """Calls that were closed, the last first."""
    query = _callbacks(nodes).where(Callback.state == CallbackState.CLOSED)
    with transaction() as db:
        return db.scalars(query.order_by(Callback.raised_at.desc(), Callback.id).limit(limit)).all()


def callback_row(nodes: Nodes, callback_id: uuid.UUID) -> Callback | None:
    """One call of the nodes, or None."""
    with transaction() as db:
        return db.scalars(_callbacks(nodes).where(Callback.id == callback_id)).one_or_none()


def names_of_accounts(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """What colleagues are called."""
    query = sa.select(StaffAccount.id, StaffAccount.display_name).where(StaffAccount.id.in_(ids))
    with transaction() as db:
        return {row.id: row.display_name for row in db.execute(query)}


def _callbacks(nodes: Nodes) -> sa.Select[Callback]:
    return (
        sa.select(Callback)
        .join(Callback.office)
        .where(Office.node_id.in_(nodes))
        .options(contains_eager(Callback.office))
        .execution_options(populate_existing=True)
    )


# --- figures ---


def figures(nodes: Nodes, day: date) -> Figures:
    """The counts of the month of a day."""
    begins, ends = month_of(day)
    groups = (CounsellingSession.matter, CounsellingSession.state, CounsellingSession.way)
    sessions = sa.select(*groups, sa.func.count()).where(*_own(nodes, None), *_within(begins, ends)).group_by(*groups)
    calls = (
        sa.select(
            sa.func.count(),
            sa.func.count().filter(Callback.taken_at <= Callback.due_at),
            sa.func.count().filter(Callback.state != CallbackState.CLOSED),
        )
        .join(Office, Office.id == Callback.office_id)
        .where(Office.node_id.in_(nodes), Callback.raised_at >= begins, Callback.raised_at < ends)
    )
    by_matter: dict[tuple[str, str], int] = {}
    by_way: dict[str, int] = {}
    with transaction() as db:
        for matter, state, way, count in db.execute(sessions):
            by_matter[matter, state] = by_matter.get((matter, state), 0) + count
            by_way[way] = by_way.get(way, 0) + count
        raised, in_time, still_open = db.execute(calls).one()
    return Figures(by_matter, by_way, raised, in_time, still_open)


# --- counsellors ---


def counsellors(nodes: Nodes) -> Sequence[tuple[Counsellor, Office, str]]:
    """All counsellors of the nodes with their office and their account's username, those at work first."""
    query = (
        sa.select(Counsellor, Office, StaffAccount.username)
        .join(Counsellor.resource)
        .join(Office, Office.id == Resource.office_id)
        .join(StaffAccount, StaffAccount.id == Resource.account_id)
        .where(Office.node_id.in_(nodes))
        .options(contains_eager(Counsellor.resource))
        .order_by(~Resource.active, Office.position, Resource.name)
        .limit(_SHOWN)
    )
    with transaction() as db:
        return [(row[0], row[1], row[2]) for row in db.execute(query)]


def own_resources(nodes: Nodes, account_id: uuid.UUID) -> Sequence[tuple[Counsellor, Office]]:
    """What somebody is a counsellor as: one row for each office."""
    return [(one, office) for one, office, _ in counsellors(nodes) if one.resource.account_id == account_id]


def offices_of(nodes: Nodes) -> Sequence[Office]:
    """The registries of the nodes."""
    with transaction() as db:
        return db.scalars(sa.select(Office).where(Office.node_id.in_(nodes)).order_by(Office.position)).all()


def _sessions(nodes: Nodes, account_id: uuid.UUID | None) -> sa.Select[CounsellingSession]:
    return (
        sa.select(CounsellingSession)
        .where(*_own(nodes, account_id))
        .options(
            joinedload(CounsellingSession.office),
            joinedload(CounsellingSession.counsellor),
            joinedload(CounsellingSession.room),
        )
        .execution_options(populate_existing=True)
    )


def _own(nodes: Nodes, account_id: uuid.UUID | None) -> list[sa.ColumnElement[bool]]:
    """Sessions of the nodes, and of one counsellor's account where one is given."""
    here = sa.select(Office.id).where(Office.node_id.in_(nodes))
    conditions: list[sa.ColumnElement[bool]] = [CounsellingSession.office_id.in_(here)]
    if account_id is not None:
        mine = sa.select(Resource.id).where(Resource.account_id == account_id)
        conditions.append(CounsellingSession.counsellor_id.in_(mine))
    return conditions


def _within(begins: datetime, ends: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (CounsellingSession.starts_at >= begins, CounsellingSession.starts_at < ends)
