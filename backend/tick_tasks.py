"""What the rooms want done from time to time; run by the tick under its lease."""

from __future__ import annotations

from collections.abc import Sequence

from backend.chat.expiry import expire_conversations
from backend.console.exports.build import anything_due as any_export_due
from backend.console.exports.build import build_next
from backend.console.exports.forget import expire_files
from backend.jobs.queue import wake_exports
from backend.jobs.tick import Task, repeated
from backend.marriage.fill_search import fill_search_columns
from backend.marriage.open_slots import open_slots
from backend.marriage.places import release_expired_holds
from backend.people.joining import sweep_joins
from backend.people.proxies.answer import lapse_asked
from backend.people.rights.requests import recount_due
from backend.people.rights.retention import run_turn
from backend.staff.approvals import expire as expire_approvals
from backend.staff.audit.bookmark import verify_more
from backend.storage import transaction


def release_holds() -> int:
    """Free the places of holds that have run out."""
    with transaction():
        return release_expired_holds()


def sweep_exports() -> None:
    """Have made the files that Redis forgot to ask for; while Redis is away, make one here."""
    if any_export_due() and not wake_exports():
        build_next()


def room_tasks() -> Sequence[Task]:
    """Name, seconds between runs, and what to run."""
    return (
        Task("marriage.release_holds", 2, release_holds),
        Task("marriage.open_slots", 60, open_slots),
        Task("marriage.fill_search_columns", 60, repeated(fill_search_columns)),
        Task("exports.sweep", 5, sweep_exports),
        Task("exports.expire_files", 60, repeated(expire_files)),
        Task("chat.expire_conversations", 30, expire_conversations),
        Task("rights.retention", 5, run_turn),
        Task("rights.recount_due", 600, recount_due),
        Task("people.sweep_joins", 60, sweep_joins),
        Task("people.lapse_proxies", 60, lapse_asked),
        Task("staff.expire_approvals", 60, repeated(expire_approvals)),
        Task("audit.verify", 60, verify_more),
    )
