"""Two persons turned out to be one: their conversations are one person's (`backend.people.joining`)."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.storage import run

# A turn that is under way holds the row, so this waits for it; what the turn did is then moved by the other rooms.
_MOVE = sa.text("UPDATE conversations SET person_id = :person_id WHERE person_id = :joined_id")


def join_conversations(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Let the conversations of `joined_id` go on as those of `person_id`."""
    run(_MOVE, {"joined_id": joined_id, "person_id": person_id})
