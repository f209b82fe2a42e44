"""Use case `acknowledge_break`: the auditor has looked into a break, and the chain counts on from where it stands.

The break stays written in the trail with the reason, and verifying goes on telling of it. It is no repair: what was
there before is known from elsewhere or not at all.
"""

from __future__ import annotations

import uuid

from backend.kernel.errors import AppError
from backend.staff.audit import texts
from backend.staff.audit.bookmark import find_again, go_on_from_here
from backend.staff.audit.trail import clean_purpose, record
from backend.storage import transaction


def acknowledge_break(seen: str, reason: str, account_id: uuid.UUID) -> None:
    """Acknowledge the break that is found at this moment; `seen` is the key of the one that was looked at.

    Raises `AppError`: invalid (purpose), state_conflict when the chain is whole or broken otherwise by now.
    """
    purpose = clean_purpose(reason)
    with transaction():
        found = find_again()
        if found is None or found.key != seen:
            raise AppError("state_conflict", texts.BREAK_CHANGED)
        anchor = go_on_from_here(found)
        details = {"broken": found.key, "anchor": str(anchor)}
        record("audit.break_acknowledged", "audit_trail", account_id=account_id, purpose=purpose, **details)
