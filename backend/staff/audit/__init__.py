"""The audit trail: what staff saw and did, as a chain that shows when it was tampered with, and unusual looks."""

from backend.staff.audit.acting import Acting, acting, acting_ends, who_acts
from backend.staff.audit.models import AuditEntry
from backend.staff.audit.trail import clean_purpose, record, record_look
from backend.staff.audit.watch import conflict, reason_stated, watch_index

__all__ = [
    "Acting",
    "AuditEntry",
    "acting",
    "acting_ends",
    "clean_purpose",
    "conflict",
    "reason_stated",
    "record",
    "record_look",
    "watch_index",
    "who_acts",
]
