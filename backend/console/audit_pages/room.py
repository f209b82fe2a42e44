"""The audit trail as a room of the console."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from backend.console.audit_pages import flag_pages, own_pages, reasons, texts, trail_pages
from backend.console.audit_pages.blueprint import audit
from backend.console.audit_pages.exports import trail_export
from backend.console.guard import current_nodes, may_here
from backend.console.rooms import ConsoleRoom, NavEntry, Waiting
from backend.staff import Permission
from backend.staff.audit.bookmark import chain_state
from backend.staff.audit.parameters import LOOKS
from backend.staff.audit.queries import new_flags
from backend.staff.audit.texts import FAULTS, RULES

__all__ = [
    "audit_console",
    "flag_pages",
    "own_pages",
    "reasons",
    "trail_pages",
]  # views hang on `audit`


def _waiting(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.READ_AUDIT):
        return []
    found: list[Waiting] = []
    state = chain_state()
    if state.broken is not None and state.broken_at is not None:
        title = texts.BROKEN_TITLE.format(fault=FAULTS[state.broken.fault])
        found.append(Waiting(texts.BROKEN_MATTER, title, url_for("audit.chain"), state.broken_at, state.broken_at))
    for flag_id, rule, at in new_flags(current_nodes(Permission.READ_AUDIT), limit):
        found.append(Waiting(texts.FLAG_MATTER, RULES[rule], url_for("audit.flag_page", flag_id=flag_id), at))
    return found[:limit]


audit_console = ConsoleRoom(
    blueprint=audit,
    navigation=[
        NavEntry("audit.trail_page", texts.TRAIL, Permission.READ_AUDIT),
        NavEntry("audit.flag_list", texts.FLAGS, Permission.READ_AUDIT),
        NavEntry("audit.relatives", texts.RELATIVES),
    ],
    waiting=_waiting,
    exports=[trail_export],
    parameters=[LOOKS],
)
