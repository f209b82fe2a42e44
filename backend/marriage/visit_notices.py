"""What a couple is told about their visit: papers that were missing, or that nobody came."""

from __future__ import annotations

from backend.marriage.models import Appointment, Office, Slot
from backend.marriage.notices import notice_data, subject
from backend.marriage.texts import NO_SHOW_HINT, PAPERS_FAILED_HINT
from messages import post


def tell_papers_failed(appointment: Appointment, office: Office, slot: Slot, reason: str) -> None:
    """Exactly what was missing, to whoever booked, in the open transaction."""
    _tell("marriage.documents_failed", appointment, office, slot, {"reason": reason, "hint": PAPERS_FAILED_HINT})


def tell_no_show(appointment: Appointment, office: Office, slot: Slot, warning: str) -> None:
    """That they were not there, how to object (domain-rules §7), and what one more absence would do, if anything;
    to whoever booked, in the open transaction.
    """
    hint = NO_SHOW_HINT.format(phone=office.phone)
    _tell("marriage.no_show", appointment, office, slot, {"hint": f"{hint}；{warning}" if warning else hint})


def _tell(notice: str, appointment: Appointment, office: Office, slot: Slot, more: dict[str, str]) -> None:
    post(
        notice,
        recipient_id=appointment.booked_by,
        subject=subject(appointment.id),
        data=notice_data(office.name, slot.starts_at, appointment.number or "", appointment.kind) | more,
        key=f"{notice}:{appointment.id}:{appointment.changed_at.isoformat()}",
    )
