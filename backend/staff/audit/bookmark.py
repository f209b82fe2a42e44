"""The tick's part in verifying: what is new each minute, and all that is older again and again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.staff.audit.acknowledged import known_breaks
from backend.staff.audit.chain import GENESIS, LINKS, Anchor, head
from backend.staff.audit.models import AuditBookmark
from backend.staff.audit.verify import BEFORE_ALL, Break, Fault, Walker, check_anchor, check_linked
from backend.storage import session, transaction

log = logging.getLogger(__name__)

BATCH = 2000


@dataclass(frozen=True)
class ChainState:
    """What is known of the chain: its end, how far it is verified and when, what is broken since when."""

    head: Anchor
    verified: Anchor
    verified_at: datetime | None
    broken: Break | None
    broken_at: datetime | None


def verify_more(batch: int = BATCH) -> Break | None:
    """Verify the newest links and a slice of the older ones, and note the outcome; what is broken, or None.

    Nothing is passed over but what an auditor has acknowledged: the next run begins where this one found something, and
    the note goes once it is whole.
    """
    with transaction():
        mark = _locked_mark()
        found = _find(mark, batch)
        _note(mark, found)
    return found


def find_again(batch: int = BATCH) -> Break | None:
    """What is broken at this moment, looked for from the bookmark on; the bookmark stays locked. In the transaction."""
    return _find(_locked_mark(), batch)


def go_on_from_here(found: Break) -> Anchor:
    """Let the bookmark go on behind a break that is being acknowledged; returns the end of the chain as it stands.

    Where the chain no longer goes through the place the bookmark had reached, the bookmark takes the last place at or
    before it that there is, and the round begins anew.
    """
    mark = _locked_mark()
    if check_anchor(_newest(mark)) == found:
        last = sa.select(LINKS.c.position, LINKS.c.hash).where(LINKS.c.position <= mark.position)
        row = session().execute(last.order_by(LINKS.c.position.desc()).limit(1)).one_or_none()
        there = GENESIS if row is None else Anchor(row.position, row.hash)
        mark.position, mark.hash = there.position, there.hash
        mark.round_position, mark.round_hash = GENESIS.position, GENESIS.hash
    _note(mark, None)
    session().flush()
    return head()


def kept_anchor() -> Anchor | None:
    """The newest place that the tick has verified; None before its first run."""
    with transaction() as opened:
        mark = opened.get(AuditBookmark, 1)
        return None if mark is None or mark.position == 0 else _newest(mark)


def chain_state() -> ChainState:
    """What is known of the chain, without verifying anything."""
    with transaction() as opened:
        end, mark = head(), opened.get(AuditBookmark, 1)
        if mark is None:
            return ChainState(end, GENESIS, None, None, None)
        broken = None
        if mark.broken_fault is not None:
            broken = Break(Fault(mark.broken_fault), mark.broken_position, mark.broken_entry_id)
        return ChainState(end, _newest(mark), mark.verified_at, broken, mark.broken_at)


def _locked_mark() -> AuditBookmark:
    first = {"position": 0, "hash": GENESIS.hash, "round_position": 0, "round_hash": GENESIS.hash}
    made = insert(AuditBookmark).values(id=1, verified_at=now(), round_entry_id=BEFORE_ALL, **first)
    session().execute(made.on_conflict_do_nothing(index_elements=["id"]))
    return session().scalars(sa.select(AuditBookmark).with_for_update()).one()


def _newest(mark: AuditBookmark) -> Anchor:
    return Anchor(mark.position, mark.hash)


def _find(mark: AuditBookmark, batch: int) -> Break | None:
    known = known_breaks()
    return check_anchor(_newest(mark), known) or _walk_new(mark, batch, known) or _walk_round(mark, batch, known)


def _walk_new(mark: AuditBookmark, batch: int, known: frozenset[str]) -> Break | None:
    walker = Walker(_newest(mark), known)
    _, found = walker.step(batch)
    mark.position, mark.hash = walker.at.position, walker.at.hash
    return found


def _walk_round(mark: AuditBookmark, batch: int, known: frozenset[str]) -> Break | None:
    walker = Walker(Anchor(mark.round_position, mark.round_hash), known)
    walked, found = walker.step(batch)
    at = walker.at if walked or found else GENESIS
    mark.round_position, mark.round_hash = at.position, at.hash
    if found is not None:
        return found
    last, found = check_linked(mark.round_entry_id, batch, known)
    if found is None:
        mark.round_entry_id = BEFORE_ALL if last is None else last
    return found


def _note(mark: AuditBookmark, found: Break | None) -> None:
    mark.verified_at = now()
    if found is None:
        mark.broken_fault = mark.broken_position = mark.broken_entry_id = mark.broken_at = None
        return
    mark.broken_fault, mark.broken_position, mark.broken_entry_id = found.fault.value, found.position, found.entry_id
    mark.broken_at = mark.broken_at or now()
    log.error("audit_chain_broken fault=%s position=%s entry=%s", found.fault.value, found.position, found.entry_id)
