"""Every room's holdings and retention rules, and the tables that no holding answers for.

A guard test asks that each table of the product stands in exactly one list, and docs/privacy.md says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from backend.api.holdings import api_holding, api_rules
from backend.chat.holdings import chat_holding, chat_rules
from backend.console.exports.forget import forget_exports
from backend.files.holdings import files_holding, files_rules
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule
from backend.marriage.archive.holdings import archive_holding
from backend.marriage.archive.retention import archive_rules
from backend.marriage.blessings.holdings import blessings_holding, blessings_rules
from backend.marriage.capacity.holdings import capacity_holding
from backend.marriage.ceremonies.holdings import ceremonies_holding
from backend.marriage.ceremonies.retention import ceremonies_rules
from backend.marriage.counselling.holdings import counselling_holding
from backend.marriage.counselling.retention import counselling_rules
from backend.marriage.covers.holdings import covers_holding, covers_rules
from backend.marriage.divorce.holdings import divorce_holding
from backend.marriage.divorce.retention import divorce_rules
from backend.marriage.holdings import marriage_holding
from backend.marriage.retention import marriage_rules
from backend.marriage.rush.holdings import rush_holding, rush_rules
from backend.marriage.waiting.holdings import waiting_holding, waiting_rules
from backend.people.rights import texts
from backend.people.rights.own_holding import PROOF, account_holding, rights_holding
from backend.people.rights.own_rules import people_rules
from backend.people.rights.proxies_holding import proxies_holding
from backend.staff.entry.expiry import forget_ended
from backend.staff.forget import forget_approvals, forget_notices
from messages.holdings import messages_holding, messages_rules

# In the order of erasing: whoever is referred to comes last.
HOLDINGS: tuple[Holding, ...] = (
    archive_holding,
    divorce_holding,
    blessings_holding,
    covers_holding,
    counselling_holding,
    ceremonies_holding,
    waiting_holding,
    rush_holding,
    capacity_holding,
    marriage_holding,
    files_holding,
    chat_holding,
    api_holding,
    messages_holding,
    proxies_holding,
    rights_holding,
    account_holding,
)


_A_YEAR = Period(months=12)


def _forget_entries(batch: Batch) -> int:
    return forget_ended(batch.limit)


STAFF_RULES = (
    RetentionRule(
        "staff.entries",
        texts.STAFF_ENTRIES,
        ("staff_sessions",),
        Period(),
        texts.SINCE_ENTRY,
        texts.BASIS_ENTRIES,
        _forget_entries,
        timedelta(minutes=10),
    ),
    RetentionRule(
        "exports.asked",
        texts.STAFF_EXPORTS,
        ("exports",),
        PROOF,
        texts.SINCE_ASKED,
        texts.BASIS_HANDED_OVER,
        lambda batch: forget_exports(PROOF.over_before(batch.moment), batch.limit),
        timedelta(hours=1),
    ),
    # After the exports that refer to them.
    RetentionRule(
        "staff.approvals",
        texts.STAFF_APPROVALS,
        ("approvals",),
        PROOF,
        texts.SINCE_DECIDED,
        texts.BASIS_HANDED_OVER,
        lambda batch: forget_approvals(PROOF.over_before(batch.moment), batch.limit),
        timedelta(hours=1),
    ),
    RetentionRule(
        "staff.notices",
        texts.STAFF_NOTICES,
        ("staff_notices",),
        _A_YEAR,
        texts.SINCE_TOLD,
        texts.BASIS_SECURITY,
        lambda batch: forget_notices(_A_YEAR.over_before(batch.moment), batch.limit),
        timedelta(hours=1),
    ),
    # Never erased by the program: the trail is a chain, and a trigger refuses it. A year is the least.
    RetentionRule(
        "staff.audit",
        texts.STAFF_AUDIT,
        ("audit_entries",),
        Period(months=12),
        texts.SINCE_RECORD,
        texts.BASIS_AUDIT,
        None,
    ),
)

RULES: tuple[RetentionRule, ...] = (
    *marriage_rules,
    *waiting_rules,
    *rush_rules,
    *divorce_rules,
    *ceremonies_rules,
    *blessings_rules,
    *covers_rules,
    *archive_rules,
    *counselling_rules,
    *messages_rules,
    *chat_rules,
    *files_rules,
    *api_rules,
    *people_rules,
    *STAFF_RULES,
)

# Tables without a resident's data, and why. Members of staff are persons too; theirs is the bureau's as an employer.
_TREE = "the bureau's own places"
_WORK = "what colleagues agreed and asked for among themselves"
_STAFF = "members of staff, who are not residents here"
_TRAIL = "ids of subjects only; append-only, kept as evidence"
_SETTINGS = "what the bureau has set"
_COUNTS = "counts and times without persons"

NOT_OF_RESIDENTS: Mapping[str, str] = {
    "approvals": _WORK,
    "channel_alarms": _COUNTS,
    "audit_bookmarks": _COUNTS,
    "audit_entries": _TRAIL,
    "audit_flags": _TRAIL,
    "audit_links": _TRAIL,
    "counsellors": _STAFF,
    "exports": _WORK,
    "index_key_marks": "tells with which keys indexes were made, and nothing of what was indexed",
    "leases": _COUNTS,
    "legal_days": _SETTINGS,
    "legal_years": _SETTINGS,
    "marriage_appointment_counts": _COUNTS,
    "marriage_group_events": _SETTINGS,
    "marriage_bulk_moves": _SETTINGS,
    "marriage_closures": _SETTINGS,
    "marriage_day_lists_taken": _STAFF,
    "marriage_further_slots": _COUNTS,
    "marriage_offices": _TREE,
    "marriage_rushes": _COUNTS,
    "marriage_resource_bookings": _COUNTS,
    "marriage_resource_cells": _COUNTS,
    "marriage_resource_days": _SETTINGS,
    "marriage_resource_hours": _SETTINGS,
    "marriage_resources": _SETTINGS,
    "marriage_peak_days": _SETTINGS,
    "marriage_ticket_counters": _COUNTS,
    "marriage_window_outages": _SETTINGS,
    "marriage_window_posts": _STAFF,
    "marriage_slots": _COUNTS,
    "marriage_weather_switches": _SETTINGS,
    "message_templates": _SETTINGS,
    "organisation_nodes": _TREE,
    "parameter_values": _SETTINGS,
    "retention_runs": _COUNTS,
    "role_assignments": _STAFF,
    "staff_accounts": _STAFF,
    "staff_half_sign_ins": _STAFF,
    "staff_notices": _STAFF,
    "staff_recovery_codes": _STAFF,
    "staff_scan_tickets": _STAFF,
    "staff_second_factors": _STAFF,
    "staff_sessions": _STAFF,
    "staff_wechat_bindings": _STAFF,
    "wechat_closed_endpoints": _COUNTS,
    "wechat_media_checks": "ids of files only, with WeChat's one-word verdict",
}

# Tables with residents' data in which no person can be asked for, and why that is so.
NOT_BY_PERSON: Mapping[str, str] = {
    "export_pieces": "sealed files that two persons agreed to; gone after 24 hours",
    "watched_numbers": "protects whom it lists from being looked up; an index of its own purpose that matches no other",
}
