"""What is written down about a person's row."""

from __future__ import annotations

import uuid

from backend.kernel.clock import now
from backend.people.models import PersonEvent
from backend.people.rules import PersonEventName, ProofMethod
from backend.storage import session


def note(
    person_id: uuid.UUID,
    name: PersonEventName,
    *,
    method: ProofMethod | None = None,
    account_id: uuid.UUID | None = None,
) -> None:
    """Add an event in the open transaction; `account_id` is the member of staff who did it."""
    session().add(PersonEvent(person_id=person_id, at=now(), name=name, method=method, account_id=account_id))
    session().flush()
