"""The breaks of the chain that an auditor has acknowledged; the trail itself says so, in entries under the chain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backend.staff.audit.chain import ENTRIES, LINKS
from backend.staff.audit.verify import Break, Fault
from backend.storage import transaction

_ACTION = "audit.break_acknowledged"


@dataclass(frozen=True)
class Acknowledged:
    """A break, who acknowledged it and when, and the reason they gave."""

    broken: Break
    at: datetime
    account_id: uuid.UUID | None
    reason: str


def acknowledged() -> Sequence[Acknowledged]:
    """All of them, oldest first; there are hardly ever any. An entry without a link counts for nothing."""
    linked = sa.select(ENTRIES.c.at, ENTRIES.c.account_id, ENTRIES.c.purpose, ENTRIES.c.detail).join(
        LINKS, LINKS.c.entry_id == ENTRIES.c.id
    )
    with transaction() as db:
        rows = db.execute(linked.where(ENTRIES.c.action == _ACTION).order_by(ENTRIES.c.id)).all()
    return [Acknowledged(_read(row.detail["broken"]), row.at, row.account_id, row.purpose or "") for row in rows]


def known_breaks() -> frozenset[str]:
    """The keys of all acknowledged breaks."""
    return frozenset(one.broken.key for one in acknowledged())


def _read(key: str) -> Break:
    fault, position, entry_id, evidence = key.split(":")
    return Break(Fault(fault), int(position) if position else None, int(entry_id) if entry_id else None, evidence)
