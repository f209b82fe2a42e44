"""Walking the chain: which entry was altered, removed, slipped in, moved or cut off, and where it begins.

What an auditor has acknowledged (`acknowledged`) is walked past and told of; it covers exactly what was found then, so
the same entry altered once more is a new break.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from backend.staff.audit.chain import ENTRIES, GENESIS, LINKS, Anchor, canonical, head, link_hash
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
    """The first thing that is wrong; `position` in the chain and `entry_id` as far as they are known.

    `evidence` is a hash of what is there instead of what should be, in hexadecimal digits.
    """

    fault: Fault
    position: int | None = None
    entry_id: int | None = None
    evidence: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """What names this break and no other: `fault:position:entry:evidence`, with empty parts for what is unknown."""
        return ":".join((self.fault.value, _written(self.position), _written(self.entry_id), self.evidence))


@dataclass(frozen=True)
class Progress:
    """How many steps of how many are done, the end of the chain as far as walked, and what is wrong, if anything.

    `passed` are the breaks met so far that were acknowledged.
    """

    done: int
    total: int
    at: Anchor
    found: Break | None = None
    passed: Sequence[Break] = ()


def _written(number: int | None) -> str:
    return "" if number is None else str(number)


def _evidence(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _entry_of(row: sa.RowMapping) -> dict[str, Any]:
    return {column.name: row[column.name] for column in ENTRIES.c}


class Walker:
    """Walks from an anchor towards the end of the chain, batch by batch, until something is wrong.

    `known` are the keys of breaks that were acknowledged; those met on the way are in `passed`.
    """

    def __init__(self, start: Anchor = GENESIS, known: Collection[str] = ()) -> None:
        self.at = start
        self.passed: list[Break] = []
        self._known = known
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
        for find in (self._gap, self._place, self._content):
            found = find(row)
            if found is not None and found.key not in self._known:
                return found
            if found is not None:
                self.passed.append(found)
        return None

    def _gap(self, row: sa.RowMapping) -> Break | None:
        expected = self.at.position + 1
        if row["position"] == expected:
            return None
        return Break(Fault.REMOVED, expected, None, _evidence(str(row["position"]).encode(), row["previous_hash"]))

    def _place(self, row: sa.RowMapping) -> Break | None:
        # Behind a gap there is nothing to compare with but what the link itself says of the one that is gone.
        if row["position"] != self.at.position + 1 or row["previous_hash"] == self.at.hash:
            return None
        fault = Fault.FORKED if row["previous_hash"] == self._before else Fault.REORDERED
        evidence = _evidence(self.at.hash, row["previous_hash"], row["link_hash"])
        return Break(fault, row["position"], row["entry_id"], evidence)

    def _content(self, row: sa.RowMapping) -> Break | None:
        place = (row["position"], row["entry_id"])
        if row["id"] is None:
            return Break(Fault.REMOVED, *place, _evidence(row["link_hash"]))
        entry = _entry_of(row)
        if link_hash(row["previous_hash"], entry) == row["link_hash"]:
            return None
        return Break(Fault.ALTERED, *place, _evidence(row["link_hash"], canonical(entry)))


def _links(after: int, limit: int) -> sa.Select[*tuple[Any, ...]]:
    joined = LINKS.outerjoin(ENTRIES, ENTRIES.c.id == LINKS.c.entry_id)
    columns = (LINKS.c.position, LINKS.c.entry_id, LINKS.c.previous_hash, LINKS.c.hash.label("link_hash"), *ENTRIES.c)
    query = sa.select(*columns).select_from(joined).where(LINKS.c.position > after)
    return query.order_by(LINKS.c.position).limit(limit)


def check_anchor(anchor: Anchor, known: Collection[str] = ()) -> Break | None:
    """Whether the chain still goes through a place it once had, or it was acknowledged that it does not."""
    found = _lost(anchor)
    return None if found is None or found.key in known else found


def _lost(anchor: Anchor) -> Break | None:
    if anchor == GENESIS:
        return None
    kept = session().scalar(sa.select(LINKS.c.hash).where(LINKS.c.position == anchor.position))
    if kept is None:
        gone = Fault.TRUNCATED if head().position < anchor.position else Fault.REMOVED
        return Break(gone, anchor.position, None, _evidence(anchor.hash))
    return None if kept == anchor.hash else Break(Fault.REWRITTEN, anchor.position, None, _evidence(anchor.hash, kept))


def check_linked(after_id: int, limit: int, known: Collection[str] = ()) -> tuple[int | None, Break | None]:
    """Whether each of up to `limit` entries after an id has its link; the last id seen, None beyond the end.

    An entry becomes visible together with its link, so one without was not added by the product.
    """
    some = sa.select(*ENTRIES.c).where(ENTRIES.c.id > after_id).order_by(ENTRIES.c.id).limit(limit).subquery()
    query = sa.select(some, LINKS.c.position).outerjoin(LINKS, LINKS.c.entry_id == some.c.id)
    rows = session().execute(query.order_by(some.c.id)).mappings().all()
    for row in rows:
        if row["position"] is None:
            found = Break(Fault.UNLINKED, None, row["id"], _evidence(canonical(_entry_of(row))))
            if found.key not in known:
                return row["id"], found
    return (rows[-1]["id"] if rows else None), None


def verify(expected: Sequence[Anchor] = (), batch: int = BATCH, known: Collection[str] = ()) -> Iterator[Progress]:
    """Walk the whole chain, then look for entries beside it, then for the anchors that were kept.

    Each batch is a transaction of its own, so the trail may grow meanwhile. The last `Progress` tells the outcome.
    `known` are the keys of acknowledged breaks.
    """
    walker, done = Walker(known=known), 0
    with transaction():
        links = head().position
        total = links + (session().scalar(sa.select(sa.func.count()).select_from(ENTRIES)) or 0)
    for walked, found in _batches(walker, batch):
        done += walked
        yield Progress(min(done, total), total, walker.at, found, walker.passed)
        if found is not None:
            return
    seen = BEFORE_ALL
    while True:
        with transaction():
            last, found = check_linked(seen, batch, known)
        if found is not None or last is None:
            break
        seen, done = last, done + batch
        yield Progress(min(done, total), total, walker.at, None, walker.passed)
    if found is None:
        with transaction():
            lost = (check_anchor(anchor, known) for anchor in expected)
            found = next((broken for broken in lost if broken is not None), None)
    yield Progress(total, total, walker.at, found, walker.passed)


def _batches(walker: Walker, batch: int) -> Iterator[tuple[int, Break | None]]:
    while True:
        with transaction():
            walked, found = walker.step(batch)
        if walked or found is not None:
            yield walked, found
        if found is not None or walked < batch:
            return
