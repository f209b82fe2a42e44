"""What waits for a registrar: bookings to confirm, couples who have checked in, absences to note."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa
from flask import url_for

from backend.calendar import legal_calendar
from backend.console import Waiting
from backend.kernel.chinese_dates import spoken_day, spoken_moment
from backend.kernel.clock import now
from backend.kernel.legal_calendar import LegalCalendar
from backend.marriage.desk.day_lists import DayListRow, lists_waiting
from backend.marriage.desk.queries import Nodes
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import BookingRules, State, at, no_show_from
from backend.marriage.texts import (
    WAITING_ABSENT,
    WAITING_CONFIRM,
    WAITING_LIST,
    WAITING_LIST_TITLE,
    WAITING_SERVE,
    WAITING_TITLE,
)
from backend.storage import transaction


@dataclass(frozen=True)
class _Row:
    """An appointment without its couple: the worklist names nobody."""

    id: uuid.UUID
    number: str
    state: State
    created_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    office_code: str


def waiting(nodes: Nodes, limit: int) -> Sequence[Waiting]:
    """At most so many things, the most pressing first; four queries."""
    moment = now()
    rules = _rules(moment)
    found = [
        *(_to_confirm(row, rules(row.office_code), legal_calendar()) for row in _to_be_confirmed(nodes, moment, limit)),
        *(_to_serve(row) for row in _checked_in(nodes, limit)),
        *(
            _to_note_absent(row, rules(row.office_code))
            for row in _expected_earlier(nodes, moment, limit)
            if no_show_from(row.starts_at, rules(row.office_code)) <= moment
        ),
        *(_to_print(row) for row in lists_waiting(nodes)),
    ]
    return sorted(found, key=lambda item: (item.due or moment, item.since))[:limit]


def _to_confirm(row: _Row, rules: BookingRules, calendar: LegalCalendar) -> Waiting:
    """By the end of the working day before: later the couple cannot move any more, should it be refused."""
    due = at(calendar.previous_workday(row.starts_at.date()), rules.cancel_cutoff)
    return _waiting(WAITING_CONFIRM, row, row.created_at, due)


def _to_serve(row: _Row) -> Waiting:
    """By the end of their own half hour."""
    return _waiting(WAITING_SERVE, row, row.changed_at, row.ends_at)


def _to_note_absent(row: _Row, rules: BookingRules) -> Waiting:
    """By the end of the day: an open appointment keeps both from booking anew."""
    end_of_day = at(row.starts_at.date(), time(23, 59))
    return _waiting(WAITING_ABSENT, row, no_show_from(row.starts_at, rules), end_of_day)


def _to_print(row: DayListRow) -> Waiting:
    """One tap opens the list and the printer's dialog."""
    title = WAITING_LIST_TITLE.format(office=row.office_name, day=spoken_day(row.day), count=row.couples)
    href = url_for("marriage_desk.day_list", day=row.day.isoformat(), print=1)
    return Waiting(WAITING_LIST, title, href, row.ready_at, row.due)


def _waiting(matter: str, row: _Row, since: datetime, due: datetime) -> Waiting:
    title = WAITING_TITLE.format(number=row.number, moment=spoken_moment(row.starts_at))
    return Waiting(matter, title, url_for("marriage_desk.detail", appointment_id=row.id), since, due)


def _to_be_confirmed(nodes: Nodes, moment: datetime, limit: int) -> Sequence[_Row]:
    return _rows(nodes, limit, Appointment.state == State.BOOKED, Slot.starts_at > moment)


def _checked_in(nodes: Nodes, limit: int) -> Sequence[_Row]:
    return _rows(nodes, limit, Appointment.state == State.CHECKED_IN)


def _expected_earlier(nodes: Nodes, moment: datetime, limit: int) -> Sequence[_Row]:
    return _rows(nodes, limit, Appointment.state.in_((State.BOOKED, State.CONFIRMED)), Slot.starts_at <= moment)


def _rows(nodes: Nodes, limit: int, *conditions: sa.ColumnElement[bool]) -> Sequence[_Row]:
    query = (
        sa.select(
            Appointment.id,
            Appointment.number,
            Appointment.state,
            Appointment.created_at,
            Appointment.changed_at,
            Slot.starts_at,
            Slot.ends_at,
            Office.code,
        )
        .join(Slot, Slot.id == Appointment.slot_id)
        .join(Office, Office.id == Slot.office_id)
        # `active` keeps years of history out of it.
        .where(Office.node_id.in_(nodes), Appointment.active, *conditions)
        .order_by(Slot.starts_at, Appointment.id)
        .limit(limit)
    )
    with transaction() as session:
        return [_Row(row.id, row.number or "", *row[2:]) for row in session.execute(query)]


def _rules(moment: datetime) -> Callable[[str], BookingRules]:
    """The rules of an office, read once for each."""
    known: dict[str, BookingRules] = {}

    def rules(office_code: str) -> BookingRules:
        if office_code not in known:
            known[office_code] = booking_rules(office_code, moment)
        return known[office_code]

    return rules
