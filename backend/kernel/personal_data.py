"""How a room says what it holds about a person, and how long it keeps it: pure forms that every floor can fill.

A person is known by an id alone here. Rooms give a `Holding` and `RetentionRule`s; `backend/personal_data.py` lists
them; `backend.people.rights` asks them (PIPL 44-50) and the tick runs the rules (PIPL 19, 47).
"""

from __future__ import annotations

import uuid
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from backend.kernel.clock import BEIJING

ONE_DAY = timedelta(days=1)


# --- what is held ---


@dataclass(frozen=True)
class Section:
    """Records of one kind as people read them: each maps a label to a text. `kept` says in words for how long."""

    title: str
    records: Sequence[Mapping[str, str]]
    kept: str


@dataclass(frozen=True)
class Kept:
    """Something a person cannot have erased yet: what, why, and the last day it is kept; None while it is under way."""

    title: str
    reason: str
    until: date | None = None


@dataclass(frozen=True)
class Holding:
    """What one room holds about persons.

    `tables` are all of the room's tables with personal data of residents. `collect` tells everything about one person
    and nothing of anybody else. `keeps` names what may not be erased yet; `erase` erases all the rest in the open
    transaction and returns how many rows of each table. `cut` takes away the ways by which the person is recognised
    and written to: it runs before `erase`, also where everything is kept.
    """

    name: str
    title: str
    tables: frozenset[str]
    collect: Callable[[uuid.UUID], Sequence[Section]]
    erase: Callable[[uuid.UUID], Mapping[str, int]]
    keeps: Callable[[uuid.UUID], Sequence[Kept]] = lambda _person_id: ()
    cut: Callable[[uuid.UUID], None] = lambda _person_id: None


# --- how long ---


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months later (or earlier), the month's last where there is none (民法典 202)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Period:
    """How long something is kept: calendar `months`, or exact `days` and `hours`. All nought: not at all.

    Calendar periods are counted like legal ones: the day itself does not count, and the period ends with the
    corresponding day at 24:00 (民法典 201-202). It is not moved past rest days (203): that rule gives people time to
    act, and keeping longer helps nobody.
    """

    months: int = 0
    days: int = 0
    hours: int = 0

    def __post_init__(self) -> None:
        if self.months and (self.days or self.hours):
            raise ValueError("months, or days and hours")

    def last_day(self, began: date) -> date:
        """The last day on which something that was settled on `began` is kept."""
        return add_months(began, self.months) if self.months else began + timedelta(days=self.days, hours=self.hours)

    def over_before(self, moment: datetime) -> datetime:
        """What was settled before this has been kept long enough at `moment` (aware, 北京时间)."""
        if not self.months:
            return moment - timedelta(days=self.days, hours=self.hours)
        ended = moment.astimezone(BEIJING).date() - ONE_DAY
        start = add_months(ended, -self.months)
        while self.last_day(start + ONE_DAY) <= ended:  # the 29th to 31st may end on one day
            start += ONE_DAY
        return datetime.combine(start + ONE_DAY, time.min, BEIJING)


@dataclass(frozen=True)
class Batch:
    """One turn of a rule: at most `limit` rows, judged at `moment`, leaving alone the persons on legal hold."""

    moment: datetime
    limit: int
    held: Sequence[uuid.UUID] = ()


@dataclass(frozen=True)
class RetentionRule:
    """How long rows of `tables` are kept and on what ground (domain-rules §6.4).

    `run` erases one batch, each in a transaction of its own, and returns how many rows went; None for what the program
    never erases, where `keep` is the least. `since` says from when the period counts. `every`: how often one looks.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    keep: Period
    since: str
    basis: str
    run: Callable[[Batch], int] | None
    every: timedelta = field(default=timedelta(hours=1))
