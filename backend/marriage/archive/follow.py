"""What time does to requests: nobody answers, nobody comes, a year's holidays are published."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import today
from backend.marriage.archive.history import move, office_of, record
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import drop_reminders, tell
from backend.marriage.archive.parameters import locate_days
from backend.marriage.archive.rules import ArchiveState, locate_by
from backend.marriage.archive.visit import visits_of
from backend.storage import transaction

_BATCH = 50


def lapse_unfetched() -> int:
    """End what nobody answered or came for by its last day; whoever has a visit booked is waited for."""
    with transaction() as db:
        query = (
            sa.select(ArchiveRequest)
            .where(
                ArchiveRequest.state.in_((ArchiveState.NEED_MORE, ArchiveState.READY)), ArchiveRequest.until < today()
            )
            .order_by(ArchiveRequest.until)
            .limit(_BATCH)
            .with_for_update(skip_locked=True, of=ArchiveRequest)
        )
        found = db.scalars(query.execution_options(populate_existing=True)).all()
        booked = visits_of(found)
        lapsed = [request for request in found if request.id not in booked]
        for request in lapsed:
            move(request, "lapsed", ArchiveState.LAPSED, SYSTEM)
            drop_reminders(request.id)
            tell("marriage.archive_lapsed", request, office_of(request))
        return len(lapsed)


def recount_due() -> int:
    """Count promised days anew that rested on a year without a notice, now that there is one (§1.1-6)."""
    with transaction() as db:
        query = (
            sa.select(ArchiveRequest)
            .where(ArchiveRequest.due_provisional, ArchiveRequest.open)
            .order_by(ArchiveRequest.id)
            .with_for_update(skip_locked=True, of=ArchiveRequest)
        )
        return _recounted(db.scalars(query.execution_options(populate_existing=True)).all())


def _recounted(requests: Sequence[ArchiveRequest]) -> int:
    calendar, changed = legal_calendar(), 0
    for request in requests:
        due = locate_by(request.due_from, locate_days(office_of(request).code), calendar)
        if (due.day, due.provisional) == (request.due_on, request.due_provisional):
            continue
        before, request.due_on, request.due_provisional = request.due_on, due.day, due.provisional
        detail = {"due_on": [before.isoformat(), due.day.isoformat()]}
        record(request, "recounted", SYSTEM, request.state, detail=detail)
        changed += 1
    return changed
