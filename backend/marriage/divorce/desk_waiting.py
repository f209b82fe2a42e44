"""What waits at the desk: windows that close without an appointment, days to be settled, calls that are due."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import time

import sqlalchemy as sa
from flask import url_for

from backend.console import Waiting, current_account, current_nodes, may_here
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now, start_of_day, today
from backend.marriage.divorce import care_queries, desk_queries, texts
from backend.marriage.divorce.desk_queries import CaseRow
from backend.marriage.divorce.models import DivorceCaseEvent
from backend.marriage.opening import at
from backend.staff import Permission
from backend.storage import transaction

_NOON, _EVENING = time(12, 0), time(17, 0)


def waiting(limit: int) -> Sequence[Waiting]:
    """At most so many things for the person at the desk, the most pressing first."""
    found: list[Waiting] = []
    if may_here(Permission.DECIDE_DIVORCES):
        nodes = current_nodes(Permission.DECIDE_DIVORCES)
        closing = desk_queries.closing_unbooked(nodes, limit)
        called = _called_today([row.id for row in closing])
        found += [_rescue(row) for row in closing if row.id not in called]
        found += [_uncertain(row) for row in desk_queries.uncertain(nodes, limit)]
    if may_here(Permission.CARE_CONTACTS):
        nodes, me = current_nodes(Permission.CARE_CONTACTS), current_account().id
        found += [_contact(row) for row in care_queries.due_contacts(nodes, me, today(), limit)]
    return sorted(found, key=lambda item: (item.due or now(), item.since))[:limit]


def _called_today(ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those who were called today: one call a day is enough, tomorrow the task is back."""
    query = sa.select(DivorceCaseEvent.case_id).where(
        DivorceCaseEvent.case_id.in_(ids),
        DivorceCaseEvent.name == "called",
        DivorceCaseEvent.at >= start_of_day(today()),
    )
    with transaction() as db:
        return frozenset(db.scalars(query))


def _rescue(row: CaseRow) -> Waiting:
    """By noon of today: a right that lapses waits for nobody (§2.5-3)."""
    title = texts.WAITING_RESCUE_TITLE.format(number=row.number, day=spoken_day(row.win_last))
    return _waiting(texts.WAITING_RESCUE, title, row)


def _uncertain(row: CaseRow) -> Waiting:
    return _waiting(texts.WAITING_DAYS, texts.WAITING_DAYS_TITLE.format(number=row.number), row)


def _waiting(matter: str, title: str, row: CaseRow) -> Waiting:
    href = url_for("divorce_desk.case", case_id=row.id)
    return Waiting(matter, title, href, start_of_day(today()), at(today(), _NOON))


def _contact(row: care_queries.DueContact) -> Waiting:
    title = texts.WAITING_CARE_TITLE.format(number=row.day_number, office=row.office_name)
    href = url_for("divorce_desk.care", care_id=row.care_id)
    return Waiting(texts.WAITING_CARE, title, href, start_of_day(row.due_on), at(row.due_on, _EVENING))
