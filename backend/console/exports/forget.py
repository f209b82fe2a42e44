"""What the tick does for exports: build what Redis lost, forget what nobody fetched."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.console.exports.ask import SUBJECT
from backend.console.exports.models import Export, ExportPiece
from backend.console.exports.rules import ExportState
from backend.kernel.clock import now
from backend.staff import record
from backend.storage import transaction


def expire_files(limit: int = 50) -> int:
    """Delete the files whose 24 hours are over; returns how many."""
    over = sa.select(Export).where(Export.state == ExportState.READY, Export.expires_at <= now())
    over = over.order_by(Export.expires_at).limit(limit).with_for_update(skip_locked=True)
    with transaction() as session:
        exports = session.scalars(over).all()
        for export in exports:
            export.state = ExportState.EXPIRED
            record("exports.expired", SUBJECT, export.id)
        ids = [export.id for export in exports]
        session.execute(sa.delete(ExportPiece).where(ExportPiece.export_id.in_(ids)))
    return len(exports)


def forget_exports(before: datetime, limit: int) -> int:
    """Delete a batch of exports that were asked for before a moment and are over; returns how many."""
    # One that waits was declined, or its request has lapsed long ago.
    running = (ExportState.QUEUED, ExportState.BUILDING)
    old = sa.select(Export.id).where(Export.asked_at < before, Export.state.not_in(running)).limit(limit)
    with transaction() as session:
        gone = sa.delete(Export).where(Export.id.in_(old)).returning(Export.id)
        return len(session.execute(gone, execution_options={"synchronize_session": False}).all())
