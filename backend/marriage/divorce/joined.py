"""Two rows turned out to be one person: their applications and their care are one person's."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.marriage.divorce.models import DivorceCare, DivorceParty
from backend.storage import session


def join_parties(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what stood under `joined_id`."""
    for table in (DivorceParty, DivorceCare):
        session().execute(
            sa.update(table).where(table.person_id == joined_id).values(person_id=person_id),
            execution_options={"synchronize_session": "fetch"},
        )
