"""What the marriage room tells a resident on their own web page: appointments ahead, and requests for peak days."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.h5.coming import ComingItem
from backend.kernel.chinese_dates import spoken_day
from backend.marriage.queries import active_appointments
from backend.marriage.rush.ask import KIND
from backend.marriage.rush.queries import OwnRequest, own_requests
from backend.marriage.rush.texts import COMING_AHEAD, COMING_DRAWN, COMING_RUSH
from backend.marriage.texts import COMING_NOTE, MATTERS


def coming_appointments(person_id: uuid.UUID) -> Sequence[ComingItem]:
    """The person's active appointments, soonest first."""
    return [
        ComingItem(
            at=appointment.slot.starts_at,
            title=MATTERS[appointment.kind],
            place=f"{appointment.slot.office.name} {appointment.slot.office.address}",
            note=COMING_NOTE.format(number=appointment.number or ""),
            phone=appointment.slot.office.phone,
            code=appointment.number or "",
        )
        for appointment in active_appointments(person_id)
    ]


def coming_rushes(person_id: uuid.UUID) -> Sequence[ComingItem]:
    """Requests for peak days that wait for an answer, with their numbers; `at` is when all have asked."""
    return [
        ComingItem(
            at=one.rush.closes_at,
            title=COMING_RUSH.format(day=spoken_day(one.rush.day), matter=MATTERS[KIND]),
            place=f"{one.place.name} {one.place.address}",
            note=_standing(one),
            phone=one.place.phone,
        )
        for one in own_requests(person_id, ahead_only=True)
    ]


def _standing(one: OwnRequest) -> str:
    if one.ahead is None:
        return COMING_DRAWN.format(number=one.request.number)
    return COMING_AHEAD.format(number=one.request.number, ahead=one.ahead)
