"""Whose appointments a plan leaves without their time, the divorce window that closes soonest first (§2.5-4)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now, today
from backend.marriage.apply_plan import placed_on
from backend.marriage.capacity.models import MoveLine
from backend.marriage.capacity.rules import OPEN_STATES
from backend.marriage.changes import PlacedAppointment, keeps_its_time
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import rescue_days
from backend.marriage.divorce.rules import is_closing
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Party
from backend.marriage.offices import OfficeView
from backend.marriage.opening import OfficePlan
from backend.marriage.rules import State
from backend.storage import transaction

# Whoever is at the desk at this moment is served, or sent home by whoever is there.
MOVABLE = (State.BOOKED, State.CONFIRMED)


@dataclass(frozen=True)
class Hit:
    """An appointment whose time is taken away. `window_ends`: the last day of its divorce window, for the certificate;
    `closing`: few workdays of the window would be left after that appointment.
    """

    id: uuid.UUID
    number: str
    kind: Kind
    starts_at: datetime
    window_ends: date | None
    closing: bool


def hit_by(
    place: OfficeView, office: OfficePlan, days: Sequence[date], placed: Sequence[PlacedAppointment] | None = None
) -> list[Hit]:
    """Appointments of some days that cannot stay under a plan; not those already being moved. Three queries."""
    calendar, moment = legal_calendar(), now()
    lost = [
        one
        for one in (placed_on(place, days) if placed is None else placed)
        if one.starts_at > moment and not keeps_its_time(office, one, calendar)
    ]
    return as_hits(place, lost)


def as_hits(place: OfficeView, lost: Sequence[PlacedAppointment]) -> list[Hit]:
    """Those of some appointments that can be moved and are not yet, in the order in which they are helped."""
    calendar = legal_calendar()
    numbers = _movable([one.id for one in lost])
    windows = windows_of([one.id for one in lost if one.kind is Kind.DIVORCE_CERTIFICATE])
    nearing = rescue_days(place.code, now())
    hits = [
        Hit(
            one.id,
            numbers[one.id],
            one.kind,
            one.starts_at,
            windows[one.id].win_last if one.id in windows else None,
            one.id in windows
            and is_closing(windows[one.id].clock, max(one.starts_at.date(), today()), nearing, calendar),
        )
        for one in lost
        if one.id in numbers
    ]
    return sorted(hits, key=lambda hit: (hit.window_ends or date.max, hit.starts_at, hit.id))


def _movable(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The numbers of those that can be moved and are not yet."""
    moving = sa.exists().where(MoveLine.appointment_id == Appointment.id, MoveLine.state.in_(OPEN_STATES))
    query = sa.select(Appointment.id, Appointment.number)
    query = query.where(Appointment.id.in_(ids), Appointment.state.in_(MOVABLE), ~moving)
    with transaction() as opened:
        return {row.id: row.number or "" for row in opened.execute(query)}


def windows_of(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, DivorceCase]:
    """The open application behind each of these appointments for the certificate."""
    query = (
        sa.select(Party.appointment_id, DivorceCase)
        .join(DivorceParty, DivorceParty.id_number_index == Party.id_number_index)
        .join(DivorceCase, DivorceCase.id == DivorceParty.case_id)
        .where(Party.appointment_id.in_(ids), DivorceParty.open)
    )
    with transaction() as opened:
        return {row[0]: row[1] for row in opened.execute(query)} if ids else {}
