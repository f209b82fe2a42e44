"""Two rows turn out to be one person: one goes, the other has everything (domain-rules §1.4).

Rooms that keep something under a person's id register a handler, which moves it in the same transaction. What somebody
else was doing for the row that goes, at the same moment, either waits for us or is found: the row is deleted last,
foreign keys tell of what came in between, and the handlers run again. What no foreign key guards (a message posted
meanwhile) is moved by a second round some minutes later.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.events import note
from backend.people.models import BindingCode, Person, PersonEvent, PersonJoin, ProofTry, WeChatIdentity
from backend.people.rules import JoinReason, PersonEventName
from backend.storage import atomic, broken_constraint, session, transaction

log = logging.getLogger(__name__)

# (the row that goes, the row that stays). Runs inside the transaction, perhaps more than once, and must not mind.
Handler = Callable[[uuid.UUID, uuid.UUID], None]

SWEEP_AFTER = timedelta(minutes=10)
_ROUNDS = 3

_handlers: dict[Handler, frozenset[str]] = {}


def on_joined(handler: Handler, *tables: str) -> None:
    """Let a room move what it keeps in `tables` when two persons are joined; registering twice is once."""
    _handlers[handler] = frozenset(tables)


def tables_moved() -> frozenset[str]:
    """Every table that some handler, or this room itself, says it moves."""
    return _OWN.union(*_handlers.values())


_LOCK = sa.text("SELECT id FROM persons WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")


def lock_persons(ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Lock rows in the order of their ids, so that two who join never wait in a circle; returns those still there.

    References to the rows stay possible meanwhile: who writes one neither waits for us nor we for them.
    """
    return frozenset(session().scalars(_LOCK, {"ids": sorted(ids)}))


def join_persons(joined_id: uuid.UUID, person_id: uuid.UUID, reason: JoinReason) -> None:
    """Give `person_id` all that `joined_id` has, in the open transaction that has locked both rows."""
    db = session()
    db.flush()
    _hand_over_phone(joined_id, person_id)
    for round_number in range(1, _ROUNDS + 1):
        try:
            with atomic():
                _move_everything(joined_id, person_id)
                db.execute(sa.delete(Person).where(Person.id == joined_id), execution_options=_UNTRACKED)
            break
        except sa.exc.IntegrityError as error:
            log.info("join_again", extra={"constraint": broken_constraint(error), "round": round_number})
    else:
        _leave_behind(joined_id, person_id)
    db.add(PersonJoin(id=new_id(), joined_id=joined_id, person_id=person_id, reason=reason, at=now()))
    note(person_id, PersonEventName.JOINED)


_UNTRACKED = {"synchronize_session": False}


def _move_everything(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    _move_own(joined_id, person_id)
    for handler in tuple(_handlers):
        handler(joined_id, person_id)


_OWN = frozenset({"wechat_identities", "person_events", "person_joins", "proof_tries", "binding_codes"})


def _move_own(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    db = session()
    # Codes are handed out for verified persons, and whoever goes never is one; an old one must still not be in the way.
    db.execute(sa.delete(BindingCode).where(BindingCode.person_id == joined_id), execution_options=_UNTRACKED)
    for table in (WeChatIdentity, PersonEvent, PersonJoin, ProofTry):
        db.execute(
            sa.update(table).where(table.person_id == joined_id).values(person_id=person_id),
            execution_options=_UNTRACKED,
        )


def _hand_over_phone(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """A telephone given before the proof is kept, unless one is known already."""
    joined, person = (session().get_one(Person, one, populate_existing=True) for one in (joined_id, person_id))
    if person.phone is None and joined.phone is not None:
        person.phone = joined.phone
        person.level = max(person.level, joined.level)
    session().flush()
    session().expunge(joined)


def _leave_behind(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Some room refers to the row and does not move it: join all the same, and keep an empty, closed row for it."""
    with atomic() as db:
        _move_everything(joined_id, person_id)
        nothing = dict.fromkeys(("phone_sealed", "phone_index", "phone_last4", "fresh_until"))
        emptied = sa.update(Person).where(Person.id == joined_id).values(level=0, closed_at=now(), **nothing)
        db.execute(emptied, execution_options=_UNTRACKED)
    log.error("join_left_a_row", extra={"joined": str(joined_id)})


def sweep_joins(limit: int = 50) -> int:
    """Move once more what came under the old id while two persons were joined; returns how many joins were done."""
    due = (
        sa.select(PersonJoin)
        .where(PersonJoin.swept_at.is_(None), PersonJoin.at <= now() - SWEEP_AFTER)
        .order_by(PersonJoin.at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with transaction() as db:
        joins = db.scalars(due).all()
        for join in joins:
            for handler in tuple(_handlers):
                handler(join.joined_id, join.person_id)
            join.swept_at = now()
    return len(joins)
