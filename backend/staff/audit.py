"""The audit trail (domain-rules §6.3): who saw or changed which record. Rows are only added."""

from __future__ import annotations

import uuid

from backend.kernel.clock import now
from backend.staff.models import AuditEntry
from backend.storage import session


def record(
    action: str,
    subject_kind: str,
    subject_id: uuid.UUID | str | None = None,
    *,
    account_id: uuid.UUID | None = None,
    **detail: object,
) -> None:
    """Add one row in the open transaction, so that what was done and that it was done are kept together.

    `account_id` is who did it, None for the system. `detail` must be JSON and never holds personal data: ids, counts,
    dates and codes only.
    """
    session().add(
        AuditEntry(
            at=now(),
            account_id=account_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=None if subject_id is None else str(subject_id),
            detail=detail,
        )
    )
    session().flush()
