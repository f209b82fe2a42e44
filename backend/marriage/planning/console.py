"""The calendar and bulk moves at the console: pages, and what waits at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from flask import url_for

from backend.console import ConsoleRoom, NavEntry, Waiting, current_nodes, may_here
from backend.console.rooms import NavGroup
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import today
from backend.marriage.capacity import texts
from backend.marriage.capacity.affected import hit_by
from backend.marriage.capacity.change import opened_by
from backend.marriage.capacity.move_queries import CallRow, MoveRow, calls_waiting, idle_moves
from backend.marriage.capacity.parameters import MOVING
from backend.marriage.capacity.wishes import Action, Wish
from backend.marriage.opening import at
from backend.marriage.planning import change_pages, month_pages, move_pages, outage_pages
from backend.marriage.planning.blueprint import capacity
from backend.staff import Permission

__all__ = [
    "capacity_console",
    "change_pages",
    "month_pages",
    "move_pages",
    "outage_pages",
]  # the modules hang their views on `capacity`

_NOON, _MORNING = time(12), time(9)


def _waiting(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.DECIDE_APPOINTMENTS):
        return []
    nodes = current_nodes(Permission.DECIDE_APPOINTMENTS)
    calls = [_call(row) for row in calls_waiting(nodes, limit)]
    starts = [waiting for row in idle_moves(nodes, limit) if (waiting := _start(row)) is not None]
    return [*starts, *calls][:limit]


def _call(row: CallRow) -> Waiting:
    """Closing windows by noon of today: a right that lapses waits for nobody (§2.5-3)."""
    told = texts.WAITING_CALL_TITLE if row.by_phone else texts.WAITING_PLACE_TITLE
    href = url_for("marriage_capacity.move_line", move_id=row.move_id, line_id=row.line_id)
    due = at(today(), _NOON) if row.by_phone else None
    return Waiting(texts.WAITING_CALL, told.format(number=row.number), href, row.since, due)


def _start(row: MoveRow) -> Waiting | None:
    wish = Wish(Action.RELAY, row.first, row.last)
    hits = hit_by(row.office, opened_by(row.office, wish), wish.days)
    if not hits:
        return None
    title = texts.WAITING_START_TITLE.format(office=row.office.name, first=spoken_day(row.first), count=len(hits))
    href = url_for("marriage_capacity.move", move_id=row.id)
    return Waiting(texts.WAITING_START, title, href, row.created_at, at(today(), _MORNING))


capacity_console = ConsoleRoom(
    blueprint=capacity,
    navigation=[
        NavEntry("marriage_capacity.calendar", texts.PAGE_NAME, Permission.PLAN_CAPACITY, NavGroup.SERVICES),
        NavEntry("marriage_capacity.moves", texts.MOVES_NAME, Permission.DECIDE_APPOINTMENTS, NavGroup.SERVICES),
    ],
    waiting=_waiting,
    parameters=[MOVING],
)
