"""Couples whose papers were not in order last time: the desk looks at those first."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backend.kernel.clock import now
from backend.marriage.models import Appointment, Party
from backend.marriage.rules import State
from backend.storage import transaction

# Older papers have been renewed since, or the matter given up.
_LOOKED_BACK = timedelta(days=180)


def failed_before(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Of these appointments those of whom a party was sent home lately, with what was missing then; one query."""
    this, that = aliased(Party), aliased(Party)
    query = (
        sa.select(this.appointment_id, Appointment.reason)
        .join(that, that.id_number_index == this.id_number_index)
        .join(Appointment, Appointment.id == that.appointment_id)
        .where(
            this.appointment_id.in_(ids),
            this.active,
            that.appointment_id != this.appointment_id,
            Appointment.kind == this.kind,
            Appointment.state == State.FAILED_DOCUMENTS,
            Appointment.changed_at >= now() - _LOOKED_BACK,
            Appointment.blocked_at.is_(None),
        )
        .order_by(Appointment.changed_at)
    )
    with transaction() as session:
        return {row.appointment_id: row.reason or "" for row in session.execute(query)}
