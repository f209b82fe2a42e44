"""The read side of a waiting hall: who waits in which order, who is at which window, how long it takes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.marriage.kinds import KINDS, Area, Kind
from backend.marriage.tickets.models import Ticket, WindowPost
from backend.marriage.tickets.outages import out_now
from backend.marriage.tickets.rules import (
    AT_WINDOW,
    AT_WINDOWS,
    Lane,
    TicketState,
    mean_minutes,
    rank,
    ticket_label,
    waiting_minutes,
)
from backend.storage import transaction

# The latest of those who did not come; older ones are found by their appointment.
_MOST_LEFT = 12


@dataclass(frozen=True)
class TicketLine:
    """A ticket as lists show it; `wait` in minutes, of those who wait."""

    id: uuid.UUID
    label: str
    area: Area
    kind: Kind
    lane: Lane
    state: TicketState
    appointment_id: uuid.UUID | None
    booked_for: datetime | None
    queued_at: datetime
    called_at: datetime | None
    serving_from: datetime | None
    window: int | None
    calls: int
    wait: int | None = None


@dataclass(frozen=True)
class WindowLine:
    """An open window: for which area, who sits there, whom it serves; until when it is out, where it is."""

    window: int
    area: Area
    account_id: uuid.UUID
    ticket: TicketLine | None
    out_until: datetime | None = None


@dataclass(frozen=True)
class AreaLine:
    """One area now: who waits, in order of calling; what somebody who comes now would have to expect."""

    area: Area
    waiting: Sequence[TicketLine]
    open_windows: int
    mean: float
    wait: int
    done: int
    walk_ins: int


@dataclass(frozen=True)
class Hall:
    """A registry's hall at one moment. `called` are those at windows, the latest first."""

    areas: Sequence[AreaLine]
    windows: Sequence[WindowLine]
    called: Sequence[TicketLine]
    left: Sequence[TicketLine]
    out: Mapping[int, datetime]

    def area(self, area: Area) -> AreaLine:
        """One area of it."""
        return next(line for line in self.areas if line.area is area)

    def window_of(self, account_id: uuid.UUID) -> WindowLine | None:
        """Where an account sits."""
        return next((line for line in self.windows if line.account_id == account_id), None)


def hall_now(office_id: uuid.UUID) -> Hall:
    """The hall of today; three queries. Windows that are out count as closed: nobody is called to them."""
    with transaction() as session:
        tickets = session.scalars(sa.select(Ticket).where(Ticket.office_id == office_id, Ticket.day == today())).all()
        posts = session.scalars(_posts(office_id, today())).all()
        out = out_now(office_id)
    areas = [
        _area([one for one in tickets if one.area is area], [post for post in posts if post.area is area], area, out)
        for area in Area
    ]
    left = sorted((one for one in tickets if one.state is TicketState.LEFT), key=_ended, reverse=True)
    called = [_line(one) for one in sorted(_at_windows(tickets), key=_called, reverse=True)]
    at = {one.window: one for one in called}
    windows = [
        WindowLine(
            post.window_number, post.area, post.account_id, at.get(post.window_number), out.get(post.window_number)
        )
        for post in posts
    ]
    return Hall(areas, windows, called, [_line(one) for one in left[:_MOST_LEFT]], out)


def tickets_of(appointment_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, TicketLine]:
    """The latest ticket of each of these couples, for lists."""
    query = sa.select(Ticket).where(Ticket.appointment_id.in_(appointment_ids)).order_by(Ticket.queued_at, Ticket.id)
    with transaction() as session:
        return {one.appointment_id: _line(one) for one in session.scalars(query) if one.appointment_id}


def _posts(office_id: uuid.UUID, day: date) -> sa.Select[WindowPost]:
    query = sa.select(WindowPost).where(
        WindowPost.office_id == office_id, WindowPost.day == day, WindowPost.until.is_(None)
    )
    return query.order_by(WindowPost.window_number)


def _area(tickets: Sequence[Ticket], posts: Sequence[WindowPost], area: Area, out: Mapping[int, datetime]) -> AreaLine:
    moment = now()
    waiting = sorted((one for one in tickets if one.state is TicketState.WAITING), key=lambda one: rank(one, moment))
    back = [out[post.window_number] for post in posts if post.window_number in out]
    windows, at_windows = len(posts) - len(back), len(_at_windows(tickets))
    mean = mean_minutes(_served(tickets), KINDS[AT_WINDOWS[area][0]].minutes)
    closed = (min(back) - moment).total_seconds() / 60 if back and not windows else 0

    def wait(ahead: int) -> int:
        return waiting_minutes(ahead, at_windows, windows, mean, closed)

    return AreaLine(
        area,
        [_line(one, wait(ahead)) for ahead, one in enumerate(waiting)],
        windows,
        mean,
        wait(len(waiting)),
        sum(one.state is TicketState.DONE for one in tickets),
        sum(not one.booked for one in tickets),
    )


def _served(tickets: Sequence[Ticket]) -> Sequence[float]:
    return [
        (one.ended_at - one.serving_from).total_seconds() / 60
        for one in tickets
        if one.state is TicketState.DONE and one.ended_at and one.serving_from
    ]


def _at_windows(tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    return [one for one in tickets if one.state in AT_WINDOW]


def _called(ticket: Ticket) -> datetime:
    return ticket.called_at or ticket.queued_at


def _ended(ticket: Ticket) -> datetime:
    return ticket.ended_at or ticket.queued_at


def _line(ticket: Ticket, wait: int | None = None) -> TicketLine:
    return TicketLine(
        ticket.id,
        ticket_label(ticket.area, ticket.number),
        ticket.area,
        ticket.kind,
        ticket.lane,
        ticket.state,
        ticket.appointment_id,
        ticket.booked_for,
        ticket.queued_at,
        ticket.called_at,
        ticket.serving_from,
        ticket.window_number,
        ticket.calls,
        wait,
    )
