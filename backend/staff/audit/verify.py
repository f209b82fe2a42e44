"""Walking the chain: which entry was altered, removed, slipped in, moved or cut off, and where it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backend.staff.audit.chain import ENTRIES, GENESIS, LINKS, Anchor, head, link_hash
from backend.storage import session, transaction

BATCH = 5000
# An id before that of any entry, also of one that was slipped in below those the database gives.
BEFORE_ALL = -(1 << 63)


class Fault(StrEnum):
    """What can be wrong with the trail."""

    ALTERED = "altered"  # the entry, or its hash, is not what was linked
    REMOVED = "removed"  # a link or its entry is gone
    UNLINKED = "unlinked"  # an entry that no transaction of ours has added
    REORDERED = "reordered"  # a link that does not follow the one before it
    FORKED = "forked"  # two links follow the same one
    TRUNCATED = "truncated"  # the chain ends before a place it had reached
    REWRITTEN = "rewritten"  # whole in itself, but another chain than the one whose anchor was kept


@dataclass(frozen=True)
class Break:
    """The first thing that is wrong; `position` in the chain and `entry_id` as far as they are known."""

    fault: Fault
    position: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True)
class Progress:
    """How many steps of how many are done, the end of the chain as far as walked, and what is wrong, if anything."""

    done: int
    total: int
    at: Anchor
    found: Break | None = None


class Walker:
    """Walks from an anchor towards the end of the chain, batch by batch, until something is wrong."""

    def __init__(self, start: Anchor = GENESIS) -> None:
        self.at = start
        self._before: bytes | None = None  # the hash that the link at `self.at` follows

    def step(self, limit: int) -> tuple[int, Break | None]:
        """Check up to `limit` links in the open transaction; how many were right, and what is wrong with the next."""
        rows = session().execute(_links(self.at.position, limit)).mappings().all()
        for walked, row in enumerate(rows):
            found = self._judge(row)
            if found is not None:
                return walked, found
            self.at, self._before = Anchor(row["position"], row["link_hash"]), row["previous_hash"]
        return len(rows), None

    def _judge(self, row: sa.RowMapping) -> Break | None:
        expected = self.at.position + 1
        if row["position"] != expected:
            return Break(Fault.REMOVED, expected)
        place = (row["position"], row["entry_id"])
        if row["previous_hash"] != self.at.hash:
            return Break(Fault.FORKED if row["previous_hash"] == self._before else Fault.REORDERED, *place)
        if row["id"] is None:
            return Break(Fault.REMOVED, *place)
        entry: dict[str, Any] = {column.name: row[column.name] for column in ENTRIES.c}
        return None if link_hash(self.at.hash, entry) == row["link_hash"] else Break(Fault.ALTERED, *place)


def _links(after: int, limit: int) -> sa.Select[*tuple[Any, ...]]:
    joined = LINKS.outerjoin(ENTRIES, ENTRIES.c.id == LINKS.c.entry_id)
    columns = (LINKS.c.position, LINKS.c.entry_id, LINKS.c.previous_hash, LINKS.c.hash.label("link_hash"), *ENTRIES.c)
    query = sa.select(*columns).select_from(joined).where(LINKS.c.position > after)
    return query.order_by(LINKS.c.position).limit(limit)


def check_anchor(anchor: Anchor) -> Break | None:
    """Whether the chain still goes through a place it once had."""
    if anchor == GENESIS:
        return None
    kept = session().scalar(sa.select(LINKS.c.hash).where(LINKS.c.position == anchor.position))
    if kept is None:
        gone = Fault.TRUNCATED if head().position < anchor.position else Fault.REMOVED
        return Break(gone, anchor.position)
    return None if kept == anchor.hash else Break(Fault.REWRITTEN, anchor.position)


def check_linked(after_id: int, limit: int) -> tuple[int | None, Break | None]:
    """Whether each of up to `limit` entries after an id has its link; the last id seen, None beyond the end.

    An entry becomes visible together with its link, so one without was not added by the product.
    """
    some = sa.select(ENTRIES.c.id).where(ENTRIES.c.id > after_id).order_by(ENTRIES.c.id).limit(limit).subquery()
    query = sa.select(some.c.id, LINKS.c.position).outerjoin(LINKS, LINKS.c.entry_id == some.c.id)
    rows: Sequence[sa.Row[int, int | None]] = session().execute(query.order_by(some.c.id)).all()
    for row in rows:
        if row.position is None:
            return row.id, Break(Fault.UNLINKED, None, row.id)
    return (rows[-1].id if rows else None), None


def verify(expected: Sequence[Anchor] = (), batch: int = BATCH) -> Iterator[Progress]:
    """Walk the whole chain, then look for entries beside it, then for the anchors that were kept.

    Each batch is a transaction of its own, so the trail may grow meanwhile. The last `Progress` tells the outcome.
    """
    walker, done = Walker(), 0
    with transaction():
        links = head().position
        total = links + (session().scalar(sa.select(sa.func.count()).select_from(ENTRIES)) or 0)
    for walked, found in _batches(walker, batch):
        done += walked
        yield Progress(min(done, total), total, walker.at, found)
        if found is not None:
            return
    seen = BEFORE_ALL
    while True:
        with transaction():
            last, found = check_linked(seen, batch)
        if found is not None or last is None:
            break
        seen, done = last, done + batch
        yield Progress(min(done, total), total, walker.at)
    if found is None:
        with transaction():
            found = next((broken for anchor in expected if (broken := check_anchor(anchor)) is not None), None)
    yield Progress(total, total, walker.at, found)


def _batches(walker: Walker, batch: int) -> Iterator[tuple[int, Break | None]]:
    while True:
        with transaction():
            walked, found = walker.step(batch)
        if walked or found is not None:
            yield walked, found
        if found is not None or walked < batch:
            return
