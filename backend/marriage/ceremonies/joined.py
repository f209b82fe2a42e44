"""Two rows turned out to be one person: their entries and their words on private links are one person's."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.marriage.ceremonies.models import CloudConsent, GroupEntry
from backend.storage import session


def join_ceremonies(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what stood under `joined_id`."""
    for column in (GroupEntry.signed_by, GroupEntry.confirmed_by, CloudConsent.person_id):
        session().execute(
            sa.update(column.class_).where(column == joined_id).values({column.key: person_id}),
            execution_options={"synchronize_session": "fetch"},
        )
