"""What couples are told when the registry takes their time away; the subject is their appointment."""

from __future__ import annotations

from datetime import datetime

from backend.kernel.chinese_dates import spoken_day, template_moment
from backend.kernel.clock import now
from backend.marriage.capacity import texts
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.models import Appointment
from backend.marriage.notices import notice_data, subject
from backend.marriage.offices import OfficeView
from backend.marriage.partners.who import told_partners
from messages import cancel_for, post


def tell_moved(line: MoveLine, move: BulkMove, appointment: Appointment, place: OfficeView) -> None:
    """Their new time, until when they may choose another, and that the new one stays if they say nothing."""
    new, until = line.new_starts_at, line.answer_until
    if new is None or until is None:  # the database has refused such a row already
        raise ValueError("a line without a time")
    cancel_for(subject(appointment.id), key_prefix="marriage.move_waiting:")
    hint = texts.HINT_OFFERED.format(until=f"{spoken_day(until.date())}{until:%H:%M}")
    _post("marriage.moved_by_registry", line, move, appointment, place, new, hint)


def tell_waiting(line: MoveLine, move: BulkMove, appointment: Appointment, place: OfficeView) -> None:
    """That their time is not open any more, and that a new one is looked for."""
    hint = texts.HINT_WAITING.format(phone=place.phone)
    _post("marriage.move_waiting", line, move, appointment, place, line.old_starts_at, hint)


def tell_stands(line: MoveLine, move: BulkMove, appointment: Appointment, place: OfficeView) -> None:
    """That the registry opens after all, and their old time stands."""
    cancel_for(subject(appointment.id), key_prefix="marriage.move_waiting:")
    _post("marriage.move_not_needed", line, move, appointment, place, line.old_starts_at, texts.HINT_STANDS)


def withdraw_told(appointment: Appointment) -> None:
    """What still waits to be told about the move is told no more: it was answered."""
    cancel_for(subject(appointment.id), key_prefix="marriage.moved_by_registry:")


def _post(
    notice: str,
    line: MoveLine,
    move: BulkMove,
    appointment: Appointment,
    place: OfficeView,
    time: datetime,
    hint: str,
) -> None:
    data = notice_data(place.name, time, appointment.number or "", appointment.kind)
    data |= {"reason": move.reason, "hint": hint, "was": template_moment(line.old_starts_at)}
    first = min(line.old_starts_at, time)
    for person_id in sorted({appointment.booked_by, *told_partners(appointment.id)}):
        post(
            notice,
            recipient_id=person_id,
            subject=subject(appointment.id),
            data=data,
            key=f"{notice}:{line.id}:{person_id}",
            # At night it waits for the morning, unless the old time would have begun by then.
            not_after=first if first > now() else time,
        )
