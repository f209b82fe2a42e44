"""Two persons turned out to be one: what either did as helper or principal is one person's (`backend.people.joining`).

Whoever goes was never verified, and only verified persons have ties; this is for what was under way at that moment.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.people.proxies.models import ActOnBehalf, ProxyTie
from backend.storage import session


def join_ties(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` the ties and acts of `joined_id`."""
    for table in (ProxyTie, ActOnBehalf):
        for column in (table.helper_id, table.principal_id):
            session().execute(
                sa.update(table).where(column == joined_id).values({column: person_id}),
                execution_options={"synchronize_session": False},
            )
