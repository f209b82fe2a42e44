"""Reading the trail: searching, one record's history, unusual looks. Every list is paged by its last row."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import end_of_day, start_of_day
from backend.staff.audit.chain import ENTRIES
from backend.staff.audit.models import AuditEntry, AuditFlag
from backend.staff.audit.rules import FlagState, Rule
from backend.staff.models import StaffAccount
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class TrailFilter:
    """What is looked for; `first` and `last` are civil days, both included. `subject` is a kind and an id."""

    username: str | None = None
    action: str | None = None
    subject: tuple[str, str] | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class TrailCursor:
    """Time and id of the last row of a page."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> TrailCursor:
        """Read what `str` wrote; raises `ValueError`."""
        try:
            moment, _, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        except binascii.Error:
            raise ValueError(text) from None
        cursor = cls(datetime.fromisoformat(moment), int(row_id))
        if cursor.at.tzinfo is None:
            raise ValueError(text)
        return cursor


@dataclass(frozen=True)
class TrailLine:
    """One entry with the name of who acted; both None for the system."""

    entry: AuditEntry
    username: str | None
    display_name: str | None


@dataclass(frozen=True)
class TrailPage:
    """One page of the trail, newest first; `next` is the cursor of the following page."""

    rows: Sequence[TrailLine]
    next: TrailCursor | None


@dataclass(frozen=True)
class FlagLine:
    """An unusual look with the entry it was found in and the names of who looked and who looked into it."""

    flag: AuditFlag
    entry: AuditEntry
    username: str
    display_name: str
    judge: str | None


@dataclass(frozen=True)
class FlagPage:
    """One page of unusual looks, newest first; `next` is the id of the last, None on the last page."""

    rows: Sequence[FlagLine]
    next: uuid.UUID | None


def trail(nodes: Nodes, wanted: TrailFilter, cursor: TrailCursor | None, limit: int) -> TrailPage:
    """What was done by accounts of the nodes and by the system."""
    query = lines(nodes, wanted)
    order = sa.tuple_(AuditEntry.at, AuditEntry.id)
    if cursor is not None:
        query = query.where(order < sa.tuple_(cursor.at, cursor.id))
    with transaction() as session:
        rows = session.execute(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)).all()
    found = [TrailLine(*row) for row in rows[:limit]]
    last = found[-1].entry if len(rows) > limit else None
    return TrailPage(found, None if last is None else TrailCursor(last.at, last.id))


def lines(nodes: Nodes, wanted: TrailFilter) -> sa.Select[*tuple[Any, ...]]:
    """The entries a filter asks for, each with the name of who acted, in no order."""
    query = sa.select(AuditEntry, StaffAccount.username, StaffAccount.display_name)
    query = query.outerjoin(StaffAccount, StaffAccount.id == AuditEntry.account_id)
    return query.where(_within(nodes), *_conditions(wanted))


def count_lines(nodes: Nodes, wanted: TrailFilter, most: int) -> int:
    """How many entries a filter finds, counted up to `most`."""
    with transaction() as session:
        found = lines(nodes, wanted).with_only_columns(AuditEntry.id).limit(most).subquery()
        return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def flags(nodes: Nodes, state: FlagState | None, rule: Rule | None, after: uuid.UUID | None, limit: int) -> FlagPage:
    """Unusual looks by accounts of the nodes, newest first."""
    query = _flags(nodes)
    if state is not None:
        query = query.where(AuditFlag.state == state)
    if rule is not None:
        query = query.where(AuditFlag.rule == rule)
    order = sa.tuple_(AuditFlag.at, AuditFlag.id)
    if after is not None:
        last = sa.select(AuditFlag.at, AuditFlag.id).where(AuditFlag.id == after)
        query = query.where(order < last.scalar_subquery())
    with transaction() as session:
        rows = session.execute(query.order_by(AuditFlag.at.desc(), AuditFlag.id.desc()).limit(limit + 1)).all()
    found = [FlagLine(*row) for row in rows[:limit]]
    return FlagPage(found, found[-1].flag.id if len(rows) > limit else None)


def flag_line(nodes: Nodes, flag_id: uuid.UUID) -> FlagLine | None:
    """One unusual look of the nodes, or None."""
    with transaction() as session:
        row = session.execute(_flags(nodes).where(AuditFlag.id == flag_id)).one_or_none()
    return None if row is None else FlagLine(*row)


def new_flags(nodes: Nodes, most: int) -> Sequence[tuple[uuid.UUID, Rule, datetime]]:
    """Unusual looks that nobody has looked into, oldest first."""
    query = sa.select(AuditFlag.id, AuditFlag.rule, AuditFlag.at)
    query = query.join(StaffAccount, StaffAccount.id == AuditFlag.account_id)
    query = query.where(AuditFlag.state == FlagState.NEW, StaffAccount.home_id.in_(nodes))
    query = query.order_by(AuditFlag.at, AuditFlag.id).limit(most)
    with transaction() as session:
        return [(row.id, row.rule, row.at) for row in session.execute(query)]


def accounts(nodes: Nodes, most: int) -> Sequence[tuple[str, str]]:
    """Usernames and names of the nodes' accounts, for choosing one."""
    query = sa.select(StaffAccount.username, StaffAccount.display_name).where(StaffAccount.home_id.in_(nodes))
    query = query.order_by(StaffAccount.username).limit(most)
    with transaction() as session:
        return [(row.username, row.display_name) for row in session.execute(query)]


def _within(nodes: Nodes) -> sa.ColumnElement[bool]:
    return sa.or_(AuditEntry.account_id.is_(None), StaffAccount.home_id.in_(nodes))


def _conditions(wanted: TrailFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.username is not None:
        # By its id, so that the index on account and time serves.
        one = sa.select(StaffAccount.id).where(StaffAccount.username == wanted.username).scalar_subquery()
        found.append(AuditEntry.account_id == one)
    if wanted.action is not None:
        found.append(AuditEntry.action == wanted.action)
    if wanted.subject is not None:
        kind, subject_id = wanted.subject
        found.append(AuditEntry.subject_kind == kind)
        found.append(sa.or_(AuditEntry.subject_id == subject_id, ENTRIES.c.subject_ids.contains([subject_id])))
    if wanted.first is not None:
        found.append(AuditEntry.at >= start_of_day(wanted.first))
    if wanted.last is not None:
        found.append(AuditEntry.at < end_of_day(wanted.last))
    return found


_judges = sa.orm.aliased(StaffAccount)


def _flags(nodes: Nodes) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(AuditFlag, AuditEntry, StaffAccount.username, StaffAccount.display_name, _judges.display_name)
    query = query.join(AuditEntry, AuditEntry.id == AuditFlag.entry_id)
    query = query.join(StaffAccount, StaffAccount.id == AuditFlag.account_id)
    query = query.outerjoin(_judges, _judges.id == AuditFlag.looked_into_by)
    return query.where(StaffAccount.home_id.in_(nodes))
