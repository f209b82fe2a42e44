"""How much is looked at, by day and by account, for the auditor's charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.clock import end_of_day, start_of_day
from backend.staff.audit.models import AuditEntry
from backend.staff.audit.queries import Nodes
from backend.staff.models import StaffAccount
from backend.storage import transaction


@dataclass(frozen=True)
class DayLooks:
    """How many looks were recorded on a civil day, and how many of them were unusual."""

    day: date
    looks: int
    unusual: int


@dataclass(frozen=True)
class AccountLooks:
    """How many looks an account has made in a period, and how many of them were unusual."""

    username: str
    display_name: str
    looks: int
    unusual: int


_LOOKS = sa.func.count()
_UNUSUAL = sa.func.count().filter(AuditEntry.detail.has_key("unusual"))


def looks_by_day(nodes: Nodes, last: date, days: int) -> Sequence[DayLooks]:
    """`days` civil days up to and with `last`, in one query."""
    span = [last - timedelta(days=back) for back in reversed(range(days))]
    day = sa.cast(sa.func.timezone("Asia/Shanghai", AuditEntry.at), sa.Date)
    query = sa.select(day.label("day"), _LOOKS, _UNUSUAL).join(StaffAccount, StaffAccount.id == AuditEntry.account_id)
    query = query.where(*_looks(nodes, span[0], last)).group_by(day)
    with transaction() as session:
        found = {row[0]: DayLooks(*row) for row in session.execute(query)}
    return [found.get(each, DayLooks(each, 0, 0)) for each in span]


def looks_by_account(nodes: Nodes, last: date, days: int, most: int) -> Sequence[AccountLooks]:
    """The accounts that have looked most in `days` civil days up to and with `last`, in one query."""
    first = last - timedelta(days=days - 1)
    query = sa.select(StaffAccount.username, StaffAccount.display_name, _LOOKS.label("looks"), _UNUSUAL)
    query = query.select_from(AuditEntry).join(StaffAccount, StaffAccount.id == AuditEntry.account_id)
    query = query.where(*_looks(nodes, first, last)).group_by(StaffAccount.id)
    with transaction() as session:
        rows = session.execute(query.order_by(sa.desc("looks"), StaffAccount.username).limit(most)).all()
    return [AccountLooks(*row) for row in rows]


def _looks(nodes: Nodes, first: date, last: date) -> tuple[sa.ColumnElement[bool], ...]:
    within = AuditEntry.at.between(start_of_day(first), end_of_day(last) - timedelta(microseconds=1))
    return AuditEntry.look.is_(True), within, StaffAccount.home_id.in_(nodes)
