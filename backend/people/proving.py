"""A name and number were proven: by the verification service, or by staff with the card in hand.

Whoever proves a number that already belongs to a person is that person (domain-rules §1.4). All proofs of one number
go one after the other, whichever process does them, so that two at once make one person.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.kernel.names import plain_name
from backend.people.events import note
from backend.people.joining import join_persons, lock_persons
from backend.people.models import Person, WeChatIdentity, number_index
from backend.people.notices import tell_joined
from backend.people.parameters import fresh_until
from backend.people.reading import Claim
from backend.people.rules import JoinReason, Level, PersonEventName, ProofMethod
from backend.people.texts import COUNTER_NEEDED, DESK_DECEASED, DESK_OTHER_PERSON, OTHER_PERSON
from backend.storage import atomic, session

_LOCK_ROUNDS = 5


@dataclass(frozen=True)
class Proof:
    """Who proves what: `identity_id` is the WeChat the claim comes from, None for somebody without one at the counter.

    `account_id` is the member of staff who saw the card; None for the verification service.
    """

    claim: Claim
    identity_id: uuid.UUID | None
    account_id: uuid.UUID | None = None

    @property
    def method(self) -> ProofMethod:
        """By whom it was verified."""
        return ProofMethod.SERVICE if self.account_id is None else ProofMethod.STAFF


@dataclass(frozen=True)
class Proven:
    """Whose the number is now. `created`: nobody had it before; `joined`: the WeChat came to a person already known."""

    person_id: uuid.UUID
    created: bool
    joined: bool
    renamed: bool


def prove(proof: Proof) -> Proven:
    """Make the claim true: find or make its person, join the WeChat's to it, and note the proof.

    Raises `AppError`: counter_needed for the dead and for closed accounts online, state_conflict for a WeChat that is
    somebody else's already, or at the counter for the dead.
    """
    with atomic():
        index = number_index(proof.claim.identity)
        _lock_number(index)
        own, holder = _lock_both(proof.identity_id, index)
        _refuse(proof, own, holder, index)
        person = holder or own or _new_person(proof)
        joined = own is not None and own.id != person.id
        if own is not None and joined:
            others = _has_wechat(person.id)
            join_persons(own.id, person.id, JoinReason.NUMBER if proof.account_id is None else JoinReason.CODE)
            if others:
                tell_joined(person.id)
        renamed = _take_claim(person, proof)
        return Proven(person.id, created=holder is None, joined=joined, renamed=renamed)


_LOCK_NUMBER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def _lock_number(index: bytes) -> None:
    session().execute(_LOCK_NUMBER, {"name": f"identity_number:{index.hex()}"})


def _lock_both(identity_id: uuid.UUID | None, index: bytes) -> tuple[Person | None, Person | None]:
    """The row of the WeChat and the row that has the number, both locked and read afterwards.

    The WeChat may come to another row while we wait for the lock; then its new row is locked as well.
    """
    for _ in range(_LOCK_ROUNDS):
        own_id, holder_id = _person_of(identity_id), _holder(index)
        lock_persons({found for found in (own_id, holder_id) if found is not None})
        if (own_id, holder_id) == (_person_of(identity_id), _holder(index)):
            return _fresh(own_id), _fresh(holder_id)
    raise RuntimeError("the rows of a proof do not stand still")


def _person_of(identity_id: uuid.UUID | None) -> uuid.UUID | None:
    if identity_id is None:
        return None
    return session().scalars(sa.select(WeChatIdentity.person_id).where(WeChatIdentity.id == identity_id)).one()


def _holder(index: bytes) -> uuid.UUID | None:
    held = sa.select(Person.id).where(Person.id_number_index == index, Person.closed_at.is_(None))
    return session().scalars(held).one_or_none()


def _fresh(person_id: uuid.UUID | None) -> Person | None:
    return None if person_id is None else session().get_one(Person, person_id, populate_existing=True)


def _refuse(proof: Proof, own: Person | None, holder: Person | None, index: bytes) -> None:
    """Everything that stands in the way. Nothing is said online of a death or a closed account."""
    online = proof.account_id is None
    if holder is not None and holder.died_on is not None:
        if online:
            raise AppError("counter_needed", COUNTER_NEEDED, 409)
        raise AppError("state_conflict", DESK_DECEASED, 409)
    if online and holder is None and _was_closed(index):
        raise AppError("counter_needed", COUNTER_NEEDED, 409)
    if own is None or (holder is not None and own.id == holder.id):
        return
    if own.id_number_index is not None:
        raise AppError("state_conflict", OTHER_PERSON if online else DESK_OTHER_PERSON, 409)
    if online and holder is not None and _has_wechat(holder.id):
        # A name and a number are known to relatives and landlords too; what a WeChat already leads to, they do not get.
        raise AppError("counter_needed", COUNTER_NEEDED, 409)
    if own.died_on is not None or own.closed_at is not None:
        raise AppError("counter_needed", COUNTER_NEEDED, 409)


def _was_closed(index: bytes) -> bool:
    closed = sa.select(Person.id).where(Person.id_number_index == index, Person.closed_at.is_not(None))
    return session().scalars(closed.limit(1)).first() is not None


def _new_person(proof: Proof) -> Person:
    person = Person(id=new_id(), created_at=now())
    session().add(person)
    session().flush()
    note(person.id, PersonEventName.CREATED, method=proof.method, account_id=proof.account_id)
    return person


def _has_wechat(person_id: uuid.UUID) -> bool:
    return session().scalar(sa.select(sa.exists().where(WeChatIdentity.person_id == person_id))) is True


def _take_claim(person: Person, proof: Proof) -> bool:
    """Keep name and number as they were proven; True where the person was known by another name.

    What the register or the card says is the name, so an earlier one gives way.
    """
    claim = proof.claim
    known_as = person.name
    renamed = known_as is not None and plain_name(known_as) != plain_name(claim.name)
    if known_as is None or renamed:
        person.name = claim.name
    if person.id_number_sealed is None:
        person.take_number(claim.identity)
    person.level = Level.VERIFIED.value
    person.verified_at, person.verified_by = now(), proof.method
    person.fresh_until = fresh_until(now())
    session().flush()
    if renamed:
        note(person.id, PersonEventName.RENAMED, method=proof.method, account_id=proof.account_id)
    note(person.id, PersonEventName.VERIFIED, method=proof.method, account_id=proof.account_id)
    return renamed
