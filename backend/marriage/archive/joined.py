"""Two rows turned out to be one person: their requests are one person's; of two for the same the older one stays."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.marriage.archive.history import move
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import drop_reminders
from backend.marriage.archive.rules import ArchiveState
from backend.storage import session


def join_requests(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what stood under `joined_id`."""
    query = sa.select(ArchiveRequest).where(ArchiveRequest.person_id.in_((joined_id, person_id)), ArchiveRequest.open)
    in_order = query.order_by(ArchiveRequest.created_at, ArchiveRequest.id).with_for_update(of=ArchiveRequest)
    known: set[bytes] = set()
    for request in session().scalars(in_order.execution_options(populate_existing=True)).all():
        if request.fingerprint in known:
            move(request, "joined", ArchiveState.WITHDRAWN, SYSTEM)
            drop_reminders(request.id)
        known.add(request.fingerprint)
    session().execute(
        sa.update(ArchiveRequest).where(ArchiveRequest.person_id == joined_id).values(person_id=person_id),
        execution_options={"synchronize_session": "fetch"},
    )
