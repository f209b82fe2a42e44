"""What the marriage room tells a resident on their own web page: appointments that lie ahead."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from backend.h5.coming import ComingItem
from backend.marriage.queries import active_appointments
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
