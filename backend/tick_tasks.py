"""What the rooms want done from time to time; run by the tick under its lease."""

from __future__ import annotations

from collections.abc import Sequence

from backend.api.idempotency import forget_older as forget_idempotent_answers
from backend.chat.expiry import expire_conversations
from backend.chat.inbox import forget_older as forget_pushes
from backend.jobs.tick import Task
from backend.marriage.open_slots import open_slots
from backend.marriage.places import release_expired_holds
from backend.people.logins import forget_expired as forget_logins
from backend.storage import transaction


def release_holds() -> int:
    """Free the places of holds that have run out."""
    with transaction():
        return release_expired_holds()


def room_tasks() -> Sequence[Task]:
    """Name, seconds between runs, and what to run."""
    return (
        Task("marriage.release_holds", 2, release_holds),
        Task("marriage.open_slots", 60, open_slots),
        Task("chat.expire_conversations", 30, expire_conversations),
        Task("chat.forget_pushes", 600, forget_pushes),
        Task("api.forget_answers", 600, forget_idempotent_answers),
        Task("people.forget_logins", 600, forget_logins),
    )
