"""What the marriage room tells people, as rows for the messages room."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import now
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.partners.who import told_partners
from backend.marriage.rules import day_before_reminder, two_hours_reminder
from backend.marriage.texts import CONFIRMED_HINT, MATTERS, PAPERS_HINTS, REFUSED_HINT
from messages import ReminderPlan, Subject, add_reminders, cancel_reminders, post, set_reminders

SUBJECT_KIND = "marriage_appointment"


def notice_data(
    office_name: str, starts_at: datetime, number: str, kind: Kind = Kind.MARRIAGE_REGISTRATION
) -> dict[str, str]:
    """The fields all notices of an appointment share; no name and no identity number among them."""
    return {
        "matter": MATTERS[kind],
        "time": template_moment(starts_at),
        "place": office_name,
        "number": number,
        "hint": PAPERS_HINTS[kind],
    }


def tell(notice: str, appointment: Appointment, office: Office, slot: Slot, *, reason: str | None = None) -> None:
    """Post one notice about a change to the person who booked; told once per change."""
    data = notice_data(office.name, slot.starts_at, appointment.number or "", appointment.kind)
    data |= {"hint": CONFIRMED_HINT} if reason is None else {"reason": reason, "hint": REFUSED_HINT}
    post(
        notice,
        recipient_id=appointment.booked_by,
        subject=subject(appointment.id),
        data=data,
        key=f"{notice}:{appointment.id}:{appointment.changed_at.isoformat()}",
        not_after=slot.ends_at,
    )


def tell_booked(appointment_id: uuid.UUID, person_id: uuid.UUID, data: Mapping[str, str]) -> None:
    """Post the notice of a new booking."""
    post(
        "marriage.booked",
        recipient_id=person_id,
        subject=subject(appointment_id),
        data=data,
        key=f"marriage.booked:{appointment_id}",
    )


def plan_reminders(
    appointment_id: uuid.UUID,
    person_id: uuid.UUID,
    starts_at: datetime,
    data: Mapping[str, str],
    *,
    first: bool = False,
) -> None:
    """Set both reminders (domain-rules §7), or move them to a new time; one already due is left out.

    `first`: the appointment is new, so there is nothing to move, and nobody but the booker knows of it yet.
    """
    recipients = [person_id] if first else sorted({person_id, *told_partners(appointment_id)})
    plans = [
        ReminderPlan(notice, recipient, due_at, starts_at, data)
        for recipient in recipients
        for notice, due_at in (
            ("marriage.reminder_day_before", day_before_reminder(starts_at)),
            ("marriage.reminder_two_hours", two_hours_reminder(starts_at)),
        )
        if due_at > now()
    ]
    put = add_reminders if first else set_reminders
    put(subject(appointment_id), plans)


def drop_reminders(appointment_id: uuid.UUID) -> None:
    """Nothing more is due for this appointment."""
    cancel_reminders(subject(appointment_id))


def subject(appointment_id: uuid.UUID) -> Subject:
    """The appointment as the messages room refers to it."""
    return Subject(SUBJECT_KIND, appointment_id)
