"""Nothing new begins for a person who was recorded dead (domain-rules §8-1)."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.people.texts import COUNTER_NEEDED
from backend.storage import run

# Recording a death updates the row of the person. The share lock orders the two: whichever comes first is finished
# first, so that nothing new slips in between the record and what it stops. By id, so that nobody waits in a circle.
_LIVES = sa.text(
    """
    SELECT died_on FROM persons
    WHERE id = ANY (:person_ids) OR (id_number_index = ANY (:number_indexes) AND closed_at IS NULL)
    ORDER BY id FOR SHARE
    """
)


def all_living(*person_ids: uuid.UUID, number_indexes: Collection[bytes] = ()) -> bool:
    """Whether none of these persons was recorded dead; until the end of the open transaction none can be."""
    rows = run(_LIVES, {"person_ids": list(person_ids), "number_indexes": list(number_indexes)}).fetchall()
    return all(row.died_on is None for row in rows)


def require_living(*person_ids: uuid.UUID, number_indexes: Collection[bytes] = ()) -> None:
    """Let a command begin something for persons, by id and by number, in the open transaction.

    Call it before other rows are locked. `number_indexes` are blind indexes (`people.models.number_index`). Raises
    `AppError` counter_needed with a sentence that tells nobody that somebody died.
    """
    if not all_living(*person_ids, number_indexes=number_indexes):
        raise AppError("counter_needed", COUNTER_NEEDED, 409)
