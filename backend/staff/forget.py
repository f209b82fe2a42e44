"""What the staff room deletes when its time is over: requests for a second person's yes, notices to colleagues."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from backend.staff.models import Approval, StaffNotice
from backend.storage import Base, transaction


def forget_approvals(before: datetime, limit: int) -> int:
    """Delete a batch of requests closed before a moment to which no room's row refers any more; returns how many."""
    referred = [
        sa.exists().where(key.parent == Approval.id)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is Approval.__table__.c.id
    ]
    old = sa.select(Approval.id).where(Approval.closed_at < before, *(~found for found in referred))
    with transaction() as session:
        gone = sa.delete(Approval).where(Approval.id.in_(old.limit(limit))).returning(Approval.id)
        return len(session.execute(gone, execution_options={"synchronize_session": False}).all())


def forget_notices(before: datetime, limit: int) -> int:
    """Delete a batch of notices from before a moment; returns how many."""
    old = sa.select(StaffNotice.id).where(StaffNotice.at < before).limit(limit)
    with transaction() as session:
        gone = sa.delete(StaffNotice).where(StaffNotice.id.in_(old)).returning(StaffNotice.id)
        return len(session.execute(gone, execution_options={"synchronize_session": False}).all())
