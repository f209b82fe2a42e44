"""The chain over the audit trail: each entry's hash covers the entry and the hash before it (docs/adr/0008).

Entries are linked by the transaction that adds them, as its last act, under one advisory lock. So an entry that can be
seen is in the chain, the lock is held for one statement and the commit, and nobody waits for another lock with it in
hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from backend.staff.audit.models import AuditEntry, AuditLink
from backend.storage import before_commit, run, session

# Takes the lock, reads the end of the chain and adds to it in one call, so that nobody waits for our round trips
# (migrations/versions/0005_audit.py).
_LINK = sa.text("SELECT link_audit_entries(CAST(:ids AS bigint[]), CAST(:contents AS bytea[]))")
_KEY = "audit_entries"

ENTRIES = AuditEntry.__table__
LINKS = AuditLink.__table__


@dataclass(frozen=True)
class Anchor:
    """A place in the chain and the hash there; written as `POSITION:HASH`, and worth keeping somewhere else."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Read `POSITION:HASH`; raises `ValueError`."""
        position, _, digest = text.strip().partition(":")
        anchor = cls(int(position), bytes.fromhex(digest))
        if anchor.position < 1 or len(anchor.hash) != 32:
            raise ValueError("POSITION:HASH")
        return anchor


# Before the first link.
GENESIS = Anchor(0, bytes(32))


def canonical(entry: Mapping[Any, Any]) -> bytes:
    """One entry's columns as JSON that is always the same: sorted names, UTC times, nothing that is empty or false.

    Leaving out what is empty lets later columns come without changing the hashes of older entries.
    """
    known = {name: _plain(value) for name, value in entry.items() if value not in (None, False, [], {})}
    return json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if isinstance(value, bool | int | str | list | dict) else str(value)


def link_hash(previous_hash: bytes, entry: Mapping[Any, Any]) -> bytes:
    """SHA-256 over the hash before and the entry."""
    return hashlib.sha256(previous_hash + canonical(entry)).digest()


def link_at_commit(entry_id: int) -> None:
    """Have an entry of the open transaction linked when it commits."""
    session().info.setdefault(_KEY, []).append(entry_id)
    before_commit(_link_entries)


def head() -> Anchor:
    """The end of the chain."""
    newest = sa.select(LINKS.c.position, LINKS.c.hash).order_by(LINKS.c.position.desc()).limit(1)
    row = session().execute(newest).one_or_none()
    return GENESIS if row is None else Anchor(row.position, row.hash)


def _link_entries() -> None:
    # Those that a savepoint has rolled back are not found, and so leave no link.
    added = sa.select(ENTRIES).where(ENTRIES.c.id.in_(session().info.pop(_KEY, ()))).order_by(ENTRIES.c.id)
    entries = [dict(entry) for entry in session().execute(added).mappings()]
    if not entries:
        return
    values = {"ids": [entry["id"] for entry in entries], "contents": [canonical(entry) for entry in entries]}
    run(_LINK, values)
