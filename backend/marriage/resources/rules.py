"""Rosters and sessions, pure: which sessions a day has, and which cells of time each of them takes.

Time is taken in cells of ten minutes, one row each with the resource and the beginning as its key. Two bookings that
would overlap by a single minute need the same cell, so the key alone keeps them apart, whatever their lengths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.clock import BEIJING

CELL_MINUTES = 10
CELL = timedelta(minutes=CELL_MINUTES)


class ResourceKind(StrEnum):
    """What can be booked."""

    VENUE = "venue"
    OFFICIANT = "officiant"  # 特邀颁证师
    ROOM = "room"  # 辅导室
    COUNSELLOR = "counsellor"  # 辅导员，其余在 `counselling`


@dataclass(frozen=True)
class Hours:
    """From when to when, 北京时间; both on the grid of cells, within one day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Session:
    """A session as it is offered: `until` is its end with the pause after it, which is taken as well."""

    starts_at: datetime
    ends_at: datetime
    until: datetime


def on_grid(minutes: int) -> bool:
    """Whether a length or a minute of the hour fits the cells."""
    return minutes % CELL_MINUTES == 0


def hours_on(
    day: date, week: Mapping[int, Sequence[Hours]], exceptions: Mapping[date, Sequence[Hours]]
) -> Sequence[Hours]:
    """The hours of a day: those of its exception where it has one (none: away), else of its ISO weekday."""
    return exceptions[day] if day in exceptions else week.get(day.isoweekday(), ())


def sessions_of(day: date, hours: Sequence[Hours], minutes: int, pause: int) -> list[Session]:
    """The sessions that fit into the hours, one after another; the last pause may fall behind the end."""
    length, step = timedelta(minutes=minutes), timedelta(minutes=minutes + pause)
    found: list[Session] = []
    for span in sorted(hours, key=lambda one: one.opens):
        begins, ends = datetime.combine(day, span.opens, BEIJING), datetime.combine(day, span.closes, BEIJING)
        while begins + length <= ends:
            found.append(Session(begins, begins + length, begins + step))
            begins += step
    return found


def cells_of(starts_at: datetime, until: datetime) -> list[datetime]:
    """The beginnings of all cells of a stretch, in order; raises `ValueError` for one that is not on the grid."""
    if starts_at.second or starts_at.microsecond or not on_grid(starts_at.minute) or until <= starts_at:
        raise ValueError("not on the grid of cells")
    count, rest = divmod(until - starts_at, CELL)
    if rest:
        raise ValueError("not a whole number of cells")
    return [starts_at + CELL * index for index in range(count)]
