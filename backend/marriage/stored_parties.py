"""Parties as they were stored, opened again for a use case that must look at them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import today
from backend.kernel.identity import parse_identity_number
from backend.marriage.couples import CheckedParty
from backend.marriage.models import Party
from backend.storage import session


def checked_parties(appointment_id: uuid.UUID) -> list[CheckedParty]:
    """The two parties of an appointment in their order, names and numbers opened."""
    rows = session().scalars(sa.select(Party).where(Party.appointment_id == appointment_id).order_by(Party.position))
    return [
        CheckedParty(
            row.name or "",
            parse_identity_number(row.id_type, row.id_number or "", today=today()),
            row.phone,
            row.resident_group,
        )
        for row in rows
    ]
