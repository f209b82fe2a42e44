"""Decisions of the waiting hall, pure: how a ticket moves, who is next, how long the wait will be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from backend.marriage.kinds import KINDS, Area, Kind

# What is served at windows, in the order the desk offers it; ceremonies and counselling have rosters of their own.
AT_WINDOWS: Mapping[Area, tuple[Kind, ...]] = {
    area: tuple(kind for kind, info in KINDS.items() if info.area is area) for area in Area
}

_LETTERS: Mapping[Area, str] = {
    Area.MARRIAGE_HALL: "A",
    Area.DIVORCE_ROOM: "B",
    Area.SERVICE_WINDOW: "C",
}


def area_of(kind: Kind) -> Area | None:
    """Where a kind is served; None for what has rosters of its own (ceremonies, counselling)."""
    return KINDS[kind].area


def ticket_label(area: Area, number: int) -> str:
    """What is printed and called: `A007`. It tells neither the matter nor who holds it."""
    return f"{_LETTERS[area]}{number:03d}"


class TicketState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    LEFT = "left"


OPEN_STATES = (TicketState.WAITING, TicketState.CALLED, TicketState.SERVING)
AT_WINDOW = (TicketState.CALLED, TicketState.SERVING)

# A called ticket is called again without a move. Somebody who left may come back on the same day: same number.
TICKET_MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.WAITING: frozenset({TicketState.CALLED, TicketState.DONE, TicketState.LEFT}),
    TicketState.CALLED: frozenset(
        {TicketState.CALLED, TicketState.SERVING, TicketState.DONE, TicketState.LEFT, TicketState.WAITING}
    ),
    TicketState.SERVING: frozenset({TicketState.DONE, TicketState.WAITING}),
    TicketState.LEFT: frozenset({TicketState.WAITING}),
    TicketState.DONE: frozenset(),
}


class Lane(StrEnum):
    """PRIORITY: 军人, 孕妇, 老年人, 残疾人 (domain-rules §2.5-5); the reason is not kept."""

    ORDINARY = "ordinary"
    PRIORITY = "priority"


class Queued(Protocol):
    """What the order looks at: `booked_for` is the time booked, of those who came in time; None for all others."""

    @property
    def lane(self) -> Lane: ...
    @property
    def booked_for(self) -> datetime | None: ...
    @property
    def queued_at(self) -> datetime: ...
    @property
    def number(self) -> int: ...


def booked_time(starts_at: datetime, moment: datetime, late_grace_minutes: int) -> datetime | None:
    """The time that counts for a couple who checks in: theirs within the grace, later none (§2.5 `late_grace`)."""
    return starts_at if moment <= starts_at + timedelta(minutes=late_grace_minutes) else None


def rank(ticket: Queued, moment: datetime) -> tuple[int, int, datetime, int]:
    """The order of calling; the least is next.

    First the priority lane. Then booked couples whose time has come, by that time. Then walk-ins, and those who came
    too late for their time, as they arrived. Last booked couples who came early: their time is still to come, and they
    are called sooner only when nobody else waits.
    """
    lane = 0 if ticket.lane is Lane.PRIORITY else 1
    if ticket.booked_for is None:
        return lane, 1, ticket.queued_at, ticket.number
    return lane, 0 if ticket.booked_for <= moment else 2, ticket.booked_for, ticket.number


def mean_minutes(served: Iterable[float], usual: int) -> float:
    """Mean minutes of today's services; below three the usual ones are counted in, so that one odd case says little."""
    known = list(served)
    known += [float(usual)] * max(0, 3 - len(known))
    return sum(known) / len(known)


def waiting_minutes(ahead: int, at_windows: int, windows: int, mean: float, closed: float = 0) -> int:
    """Minutes until somebody with `ahead` others before them is called, to the next five; 0: a window is free.

    Those at the windows are half done on average. Where no window is open yet, one is reckoned with; `closed`: minutes
    until the first is back, where all are out.
    """
    if ahead + at_windows < windows:
        return 0
    return max(5, math.ceil((closed + (ahead + at_windows / 2) * mean / max(1, windows)) / 5) * 5)


def walk_in_places(hours: Iterable[tuple[time, time]], windows: int, online_share: float, minutes: int) -> int:
    """How many walk-ins a day has room for: what the online share leaves of the windows' minutes (§2.5)."""
    day = sum((_minutes(closes) - _minutes(opens)) * windows for opens, closes in hours)
    return int(round(day * (1 - online_share), 6) // minutes)


def _minutes(clock_time: time) -> int:
    return clock_time.hour * 60 + clock_time.minute
