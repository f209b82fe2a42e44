"""What the hall's page shows beside the tickets: whose hall, who sits where, who is at one's window and expected."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.desk.queries import AppointmentRow, Nodes, expected_couples
from backend.marriage.models import Office
from backend.marriage.paper_ticks import PaperLine, paper_list
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import BookingRules
from backend.marriage.texts import OFFICE_UNKNOWN
from backend.marriage.tickets.hall import Hall, TicketLine, WindowLine, hall_now
from backend.marriage.tickets.rules import AT_WINDOWS, walk_in_places
from backend.staff import StaffAccount
from backend.storage import transaction

# As many as fit beside the queue on one screen; the day's list has all.
EXPECTED_SHOWN = 12


@dataclass(frozen=True)
class HallOffice:
    """A registry whose hall one may see."""

    id: uuid.UUID
    code: str
    name: str


@dataclass(frozen=True)
class HallView:
    """All that the page shows. `mine` is one's own window, `couple` and `papers` whoever is at it with a booking."""

    office: HallOffice
    offices: Sequence[HallOffice]
    hall: Hall
    names: Mapping[uuid.UUID, str]
    mine: WindowLine | None
    couple: AppointmentRow | None
    papers: Sequence[PaperLine]
    expected: Sequence[AppointmentRow]
    late_after: timedelta
    walk_ins_left: Mapping[str, int]
    moment: datetime

    @property
    def ticket(self) -> TicketLine | None:
        """Who is at one's window."""
        return self.mine.ticket if self.mine else None

    @property
    def following(self) -> TicketLine | None:
        """Who would be called next at one's window."""
        waiting = self.hall.area(self.mine.area).waiting if self.mine else ()
        return waiting[0] if waiting else None

    def is_late(self, row: AppointmentRow) -> bool:
        """Whether a couple who comes now has lost their time."""
        return self.moment > row.starts_at + self.late_after


def hall_offices(nodes: Nodes) -> Sequence[HallOffice]:
    """The registries of the nodes, in the bureau's order."""
    query = sa.select(Office.id, Office.code, Office.name).where(Office.node_id.in_(nodes))
    with transaction() as session:
        found = session.execute(query.order_by(Office.position, Office.code)).all()
    return [HallOffice(*row) for row in found]


def chosen_office(nodes: Nodes, code: str | None) -> HallOffice:
    """The registry asked for, else the first of one's own; raises `AppError` not_found for all others."""
    offices = hall_offices(nodes)
    found = next((office for office in offices if code in (None, "", office.code)), None)
    if found is None:
        raise AppError("not_found", OFFICE_UNKNOWN, 404)
    return found


def hall_view(nodes: Nodes, office: HallOffice, account_id: uuid.UUID) -> HallView:
    """The hall of an office as one account sees it; the number of queries does not depend on how full it is."""
    with transaction():
        hall = hall_now(office.id)
        mine = hall.window_of(account_id)
        appointment_id = mine.ticket.appointment_id if mine and mine.ticket else None
        rules = booking_rules(office.code, now())
        expected = expected_couples(nodes, office.id, EXPECTED_SHOWN, appointment_id)
        couple = next((row for row in expected if row.id == appointment_id), None)
        return HallView(
            office=office,
            offices=hall_offices(nodes),
            hall=hall,
            names=_names([line.account_id for line in hall.windows]),
            mine=mine,
            couple=couple,
            papers=paper_list(appointment_id) if appointment_id else (),
            expected=[row for row in expected if row.id != appointment_id],
            late_after=timedelta(minutes=rules.late_grace_minutes),
            walk_ins_left=_walk_ins_left(hall, rules),
            moment=now(),
        )


def _walk_ins_left(hall: Hall, rules: BookingRules) -> Mapping[str, int]:
    """How many more walk-ins today has room for, by area; a guide, nobody is turned away for it."""
    left = {}
    for line in hall.areas:
        minutes = rules.minutes_of(AT_WINDOWS[line.area][0])
        hours = [(opens, closes) for opens, closes in rules.hours]
        places = walk_in_places(hours, rules.windows_of(line.area), rules.online_share, minutes)
        left[line.area.value] = max(0, places - line.walk_ins)
    return left


def _names(account_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(StaffAccount.id, StaffAccount.display_name).where(StaffAccount.id.in_(account_ids))
    with transaction() as session:
        return {row.id: row.display_name for row in session.execute(query)}
