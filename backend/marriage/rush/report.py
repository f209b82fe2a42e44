"""What staff see of a rush: its figures as they stand, arrivals over time, and the checks of its proof. No names."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, now
from backend.kernel.paging import Cursor, Page, page_of
from backend.marriage.days import office_plan
from backend.marriage.kinds import Area
from backend.marriage.models import Office, Slot
from backend.marriage.offices import OfficeView, office
from backend.marriage.opening import OfficePlan, PlannedSlot, at, plan
from backend.marriage.rush.ask import KIND
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.queries import phase_of
from backend.marriage.rush.rules import Phase, RequestState, RushMode, commitment_to, draw_order
from backend.storage import transaction

Nodes = frozenset[uuid.UUID]

NOON = time(12, 30)
MOST_BARS = 60
_MOST_CHECKED = 100_000


@dataclass(frozen=True)
class RushRow:
    """A rush in the list."""

    rush: Rush
    place: OfficeView
    phase: Phase
    placed: int


@dataclass(frozen=True)
class PartFigures:
    """Places online of one part of the day, in couples, and how many of them are taken."""

    morning: bool
    places: int
    taken: int


@dataclass(frozen=True)
class Bar:
    """Requests that came in a stretch of time."""

    since: datetime
    requests: int


@dataclass(frozen=True)
class Figures:
    """How many requests of a rush stand how."""

    asked: int
    placed: int
    unplaced: int
    withdrawn: int

    @property
    def settled(self) -> int:
        """Those that have their answer."""
        return self.placed + self.unplaced + self.withdrawn

    @property
    def total(self) -> int:
        """All numbers that were given."""
        return self.asked + self.settled


@dataclass(frozen=True)
class Checks:
    """What the proof says; None where it cannot be said yet."""

    no_gaps: bool
    not_oversold: bool
    commitment_fits: bool | None
    order_fits: bool | None


def rush_rows(nodes: Nodes, after: Cursor | None, limit: int) -> Page[RushRow]:
    """A page of the rushes of the nodes, the latest opening first; two queries."""
    query = sa.select(Rush).join(Office, Office.id == Rush.office_id).where(Office.node_id.in_(nodes))
    if after is not None:
        query = query.where(sa.tuple_(Rush.opens_at, Rush.id) < sa.tuple_(after.at, after.id))
    with transaction() as db:
        found = db.scalars(query.order_by(Rush.opens_at.desc(), Rush.id.desc()).limit(limit + 1)).all()
        page = page_of(found, limit, lambda rush: (rush.opens_at, rush.id))
        counted = sa.select(RushRequest.rush_id, sa.func.count().label("placed")).where(
            RushRequest.rush_id.in_([rush.id for rush in page.rows]), RushRequest.state == RequestState.PLACED
        )
        placed = {row.rush_id: row.placed for row in db.execute(counted.group_by(RushRequest.rush_id))}
    return Page([_row(rush, placed.get(rush.id, 0)) for rush in page.rows], page.next)


def rush_row(nodes: Nodes, rush_id: uuid.UUID) -> RushRow | None:
    """One rush of the nodes, or None."""
    query = sa.select(Rush).join(Office, Office.id == Rush.office_id)
    with transaction() as db:
        rush = db.scalars(query.where(Rush.id == rush_id, Office.node_id.in_(nodes))).one_or_none()
        return None if rush is None else _row(rush, figures_of(rush.id).placed)


def rushes_of(nodes: Nodes) -> sa.Select[uuid.UUID]:
    """The ids of the rushes of the nodes, to be asked within another query."""
    return sa.select(Rush.id).join(Office, Office.id == Rush.office_id).where(Office.node_id.in_(nodes))


def opening_within(nodes: Nodes, span: timedelta, limit: int) -> Sequence[Rush]:
    """Rushes that open soon, the first one first; for the worklist."""
    soon = sa.and_(Rush.settled_at.is_(None), Rush.opens_at > now(), Rush.opens_at <= now() + span)
    query = sa.select(Rush).join(Office, Office.id == Rush.office_id).where(Office.node_id.in_(nodes), soon)
    with transaction() as db:
        return db.scalars(query.order_by(Rush.opens_at).limit(limit)).all()


def _row(rush: Rush, placed: int) -> RushRow:
    place = office(rush.office_id)
    if place is None:  # an office is never deleted while rushes refer to it
        raise LookupError("the office of a rush is gone")
    return RushRow(rush, place, phase_of(rush), placed)


def figures_of(rush_id: uuid.UUID) -> Figures:
    """How the requests of a rush stand."""
    query = sa.select(RushRequest.state, sa.func.count()).where(RushRequest.rush_id == rush_id)
    with transaction() as db:
        counts = {state: count for state, count in db.execute(query.group_by(RushRequest.state))}  # noqa: C416 - a row
    return Figures(*(counts.get(state, 0) for state in RequestState))


def parts_of_day(rush: Rush, place: OfficeView) -> Sequence[PartFigures]:
    """Places online before and after noon: as laid out, or before that as planned."""
    minutes = office_plan(place, now()).rules.minutes_of(KIND)
    mine = sa.and_(Slot.office_id == rush.office_id, Slot.day == rush.day, Slot.area == Area.MARRIAGE_HALL)
    with transaction() as db:
        slots = [
            (row.starts_at.astimezone(BEIJING), row.capacity, row.taken)
            for row in db.execute(sa.select(Slot.starts_at, Slot.capacity, Slot.taken).where(mine))
        ]
    if not slots:
        slots = [(slot.starts_at, slot.capacity, 0) for slot in _planned(office_plan(place, now()), rush)]
    figures = []
    for morning in (True, False):
        part = [one for one in slots if (one[0].time() < NOON) is morning]
        places, taken = sum(one[1] // minutes for one in part), sum(one[2] // minutes for one in part)
        figures.append(PartFigures(morning, places, taken))
    return figures


def _planned(office_days: OfficePlan, rush: Rush) -> list[PlannedSlot]:
    return [slot for slot in plan(office_days, rush.day, legal_calendar()) if slot.area is Area.MARRIAGE_HALL]


def arrivals(rush: Rush) -> Sequence[Bar]:
    """Requests over time from the opening on, minute by minute, or in longer stretches of a long rush."""
    minutes = max(1, -(-int((rush.closes_at - rush.opens_at).total_seconds() // 60) // MOST_BARS))
    width = timedelta(minutes=minutes)
    stretch = sa.cast(
        sa.func.floor(sa.extract("epoch", RushRequest.asked_at - rush.opens_at) / width.seconds), sa.Integer
    )
    query = sa.select(stretch.label("place"), sa.func.count().label("requests")).where(RushRequest.rush_id == rush.id)
    with transaction() as db:
        counts = {row.place: row.requests for row in db.execute(query.group_by(sa.text("1")))}
    bars = int((rush.closes_at - rush.opens_at) / width)
    return [Bar(rush.opens_at.astimezone(BEIJING) + place * width, counts.get(place, 0)) for place in range(bars)]


def checks_of(rush: Rush) -> Checks:
    """Check the proof by the same steps as anybody can."""
    numbers = sa.select(RushRequest.number, RushRequest.rank).where(RushRequest.rush_id == rush.id)
    full = sa.select(sa.func.bool_and(Slot.taken <= Slot.capacity)).where(
        Slot.office_id == rush.office_id, Slot.day == rush.day
    )
    with transaction() as db:
        rows = db.execute(numbers.order_by(RushRequest.number).limit(_MOST_CHECKED)).all()
        within = db.scalar(full)
    placed = figures_of(rush.id).placed
    return Checks(
        no_gaps=[row.number for row in rows] == list(range(1, rush.last_number + 1)),
        not_oversold=within is not False and (rush.places is None or placed <= rush.places),
        commitment_fits=None if rush.seed is None else commitment_to(rush.seed) == rush.commitment,
        order_fits=_order_fits(rush, {row.number: row.rank for row in rows}),
    )


def _order_fits(rush: Rush, ranks: dict[int, int | None]) -> bool | None:
    """In a draw: every turn is the one that follows from the secret."""
    if rush.mode is not RushMode.DRAW or rush.seed is None:
        return None
    turns = {number: turn for turn, number in enumerate(draw_order(rush.seed, range(1, rush.last_number + 1)), 1)}
    return all(rank is None or rank == turns[number] for number, rank in ranks.items())


def half_hour_after(moment: datetime) -> datetime:
    """The next full half hour, to be offered as another opening."""
    first = at(moment.date(), time(moment.hour, 30 if moment.minute < 30 else 0))
    return first if first > moment else first + timedelta(hours=1)
