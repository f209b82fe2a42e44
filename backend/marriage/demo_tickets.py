"""The waiting halls of the weeks before today: who drew a number, how long they waited, who went home before.

What is over is written as rows, as the appointments of those days are. Nothing is drawn by chance: the same day has the
same hall, however often it is loaded.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import today
from backend.kernel.ids import new_id
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Slot
from backend.marriage.opening import at
from backend.marriage.rules import State
from backend.marriage.tickets.models import Ticket, TicketCounter, TicketEvent
from backend.marriage.tickets.rules import Lane, TicketState, area_of
from backend.storage import transaction

_EARLY = timedelta(minutes=7)
# Who comes without a booking, when, and how many minutes they wait; around ten and two in the afternoon most do.
_WALK_INS = (
    (time(9, 5), Kind.MARRIAGE_CERTIFICATE_REISSUE, 4),
    (time(9, 20), Kind.MARRIAGE_REGISTRATION, 9),
    (time(9, 50), Kind.ARCHIVE_QUERY, 12),
    (time(10, 5), Kind.MARRIAGE_REGISTRATION, 24),
    (time(10, 15), Kind.DIVORCE_APPLICATION, 18),
    (time(10, 40), Kind.MARRIAGE_CERTIFICATE_REISSUE, 21),
    (time(11, 10), Kind.MARRIAGE_REGISTRATION, 15),
    (time(13, 35), Kind.ARCHIVE_QUERY, 6),
    (time(14, 5), Kind.MARRIAGE_REGISTRATION, 19),
    (time(14, 30), Kind.DIVORCE_WITHDRAWAL, 8),
    (time(14, 50), Kind.MARRIAGE_CERTIFICATE_REISSUE, 16),
    (time(15, 40), Kind.MARRIAGE_REGISTRATION, 7),
    (time(16, 10), Kind.DIVORCE_CERTIFICATE_REISSUE, 3),
)
# Every so many days of a kind of week the hall is fuller.
_BUSY = (4, 7, 5, 9, 6)
# One in so many goes home before they are called.
_GONE = 17


@dataclass(frozen=True)
class _Drawn:
    """A number that somebody drew; `wait` and `service` in minutes."""

    kind: Kind
    queued_at: datetime
    called_at: datetime
    service: int
    appointment_id: uuid.UUID | None = None
    booked_for: datetime | None = None
    gone: bool = False

    @property
    def ended_at(self) -> datetime:
        """When they were done, or it was noted that nobody came."""
        return self.called_at + timedelta(minutes=5 if self.gone else 1 + self.service)


def load_tickets() -> None:
    """Fill the halls of the days of which appointments are known, unless they are."""
    with transaction() as opened:
        if opened.scalar(sa.select(sa.exists().where(Ticket.day < today()))):
            return
        halls: dict[tuple[uuid.UUID, date], list[_Drawn]] = defaultdict(list)
        for row in opened.execute(_came()):
            halls[(row.office_id, row.day)].append(_booked(row))
        offices = sorted({office_id for office_id, _ in halls}, key=str)
        for (office_id, day), drawn in halls.items():
            drawn += _walk_ins(day, offices.index(office_id))
        tickets, counters, events = _rows(halls)
        opened.execute(sa.insert(Ticket), tickets)
        opened.execute(sa.insert(TicketCounter), counters)
        opened.execute(sa.insert(TicketEvent), events)


def _came() -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(Appointment.id, Appointment.kind, Slot.office_id, Slot.day, Slot.starts_at)
    query = query.join(Slot, Slot.id == Appointment.slot_id)
    ended = Appointment.state.in_((State.SERVED, State.FAILED_DOCUMENTS))
    return query.where(Slot.day < today(), ended).order_by(Slot.day, Slot.starts_at, Appointment.id)


def _booked(row: Any) -> _Drawn:
    shift = row.starts_at.hour + row.day.day
    called_at = row.starts_at + timedelta(minutes=shift * 5 % 13)
    return _Drawn(row.kind, row.starts_at - _EARLY, called_at, 14 + shift * 3 % 11, row.id, row.starts_at)


def _walk_ins(day: date, place: int) -> Iterator[_Drawn]:
    """As many as the day of the week brings, the first registry more than the second."""
    many = max(3, _BUSY[day.weekday() % len(_BUSY)] + day.day % 3 - 2 * place)
    for index in range(min(many, len(_WALK_INS))):
        clock, kind, wait = _WALK_INS[(index * 5 + day.day) % len(_WALK_INS)]
        queued_at = at(day, clock) + timedelta(minutes=(day.day * 3 + index) % 7)
        called_at = queued_at + timedelta(minutes=wait + day.day % 6)
        yield _Drawn(
            kind, queued_at, called_at, 9 + (index * 7 + day.day) % 14, gone=(day.day + index * 3) % _GONE == 0
        )


Rows = list[dict[str, Any]]


def _rows(halls: Mapping[tuple[uuid.UUID, date], Sequence[_Drawn]]) -> tuple[Rows, Rows, Rows]:
    """Numbers in the order in which people came, area by area."""
    tickets: Rows = []
    counters: Rows = []
    events: Rows = []
    for (office_id, day), drawn in halls.items():
        for area, here in _by_area(drawn):
            for number, one in enumerate(here, start=1):
                ticket = _ticket(one, office_id, day, area, number)
                tickets.append(ticket)
                events += _events(one, ticket)
            counters.append({"office_id": office_id, "day": day, "area": area, "last_number": len(here)})
    return tickets, counters, events


def _by_area(drawn: Iterable[_Drawn]) -> Iterator[tuple[Area, Sequence[_Drawn]]]:
    areas: dict[Area, list[_Drawn]] = defaultdict(list)
    for one in sorted(drawn, key=lambda one: one.queued_at):
        area = area_of(one.kind)
        if area is not None:
            areas[area].append(one)
    yield from areas.items()


def _ticket(one: _Drawn, office_id: uuid.UUID, day: date, area: Area, number: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "office_id": office_id,
        "day": day,
        "area": area,
        "number": number,
        "kind": one.kind,
        "lane": Lane.PRIORITY if number % 9 == 0 else Lane.ORDINARY,
        "state": TicketState.LEFT if one.gone else TicketState.DONE,
        "appointment_id": one.appointment_id,
        "booked": one.appointment_id is not None,
        "booked_for": one.booked_for,
        "queued_at": one.queued_at,
        "called_at": one.called_at,
        "calls": 2 if one.gone else 1,
        "window_number": 1 + number % 2,
        "serving_from": None if one.gone else one.called_at + timedelta(minutes=1),
        "ended_at": one.ended_at,
    }


def _events(one: _Drawn, ticket: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Issued, called, and how it ended."""
    waiting, called = TicketState.WAITING, TicketState.CALLED
    steps = (
        ("issued", one.queued_at, None, waiting),
        ("called", one.called_at, waiting, called),
        ("left" if one.gone else "done", one.ended_at, called, ticket["state"]),
    )
    for name, moment, before, after in steps:
        yield {
            "ticket_id": ticket["id"],
            "at": moment,
            "name": name,
            "actor_kind": SYSTEM.kind,
            "actor_id": SYSTEM.id,
            "from_state": before,
            "to_state": after,
            "window_number": None if before is None else ticket["window_number"],
        }
