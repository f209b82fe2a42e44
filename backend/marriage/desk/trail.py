"""What the desk leaves in the audit trail: which couples a page has shown, which steps were taken with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from backend.console import current_account
from backend.marriage.desk.detail import watch_indexes
from backend.marriage.desk.queries import AppointmentRow
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.rules import ACTIVE_STATES
from backend.staff import record
from backend.staff.audit import record_look

# What the trail says was shown (backend.staff.audit.texts.FIELDS).
LISTED_FIELDS = ("name", "masked_number", "last4", "state")


def audit_list(action: str, rows: Collection[AppointmentRow], **more: object) -> None:
    """Note which appointments a list has shown; `more` are codes and dates of the list."""
    detail: dict[str, Any] = dict(more)
    record_look(action, SUBJECT_KIND, [row.id for row in rows], fields=LISTED_FIELDS, **detail)


def task_of(row: AppointmentRow) -> str | None:
    """The open matter for which somebody looks at an appointment: itself, until it is over (domain-rules §6.3)."""
    return f"{SUBJECT_KIND}:{row.id}" if row.state in ACTIVE_STATES else None


def record_step(action: str, appointment_id: uuid.UUID, task: str | None = None) -> None:
    """Note a step of the person at the desk, in the open transaction."""
    record(
        f"marriage.desk.{action}",
        SUBJECT_KIND,
        appointment_id,
        account_id=current_account().id,
        task=task or f"{SUBJECT_KIND}:{appointment_id}",
        fields=("state",),
        number_indexes=watch_indexes(appointment_id),
    )
