"""Codes that tie a WeChat identity to a person: asked for on the phone and read to staff, or given out by staff.

Only keyed hashes are kept. A wrong code is nobody's, so wrong ones are counted by who typed them (`tries`).
"""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.people.events import note
from backend.people.identities import person_of
from backend.people.joining import join_persons, lock_persons
from backend.people.models import BindingCode, Person
from backend.people.rules import (
    ASKED_DIGITS,
    ASKED_FOR,
    GIVEN_DIGITS,
    GIVEN_FOR,
    CodePurpose,
    JoinReason,
    Level,
    PersonEventName,
)
from backend.people.texts import (
    CODE_WRONG,
    CODES_BUSY,
    COUNTER_NEEDED,
    DESK_CODE_WRONG,
    DESK_DECEASED_CODE,
    DESK_NOT_VERIFIED,
    OTHER_PERSON,
)
from backend.people.tries import count_code_of_person, take_back
from backend.storage import atomic, blind_index, broken_constraint, session, transaction

KEPT_FOR = timedelta(days=1)
_DRAWS = 20


@dataclass(frozen=True)
class Code:
    """A code as it is told, once."""

    digits: str = field(repr=False)
    expires_at: datetime


def ask_code(identity_id: uuid.UUID) -> Code:
    """A six-digit code for the counter, good for ten minutes; an earlier one of the same WeChat is void."""
    with atomic() as db:
        _one_at_a_time(identity_id)
        db.execute(sa.delete(BindingCode).where(_open(CodePurpose.ASKED), BindingCode.identity_id == identity_id))
        return _draw(CodePurpose.ASKED, ASKED_DIGITS, ASKED_FOR, identity_id=identity_id)


def give_code(person_id: uuid.UUID, account_id: uuid.UUID) -> Code:
    """An eight-digit code that staff hand to a verified person, good for seven days; an earlier one is void.

    Raises `AppError` state_conflict for whoever is not verified, dead or closed, and not_found.
    """
    with atomic() as db:
        _one_at_a_time(person_id)
        person = db.get(Person, person_id, populate_existing=True)
        if person is None or person.closed_at is not None:
            raise AppError("not_found", DESK_NOT_VERIFIED, 404)
        if person.died_on is not None:
            raise AppError("state_conflict", DESK_DECEASED_CODE, 409)
        if person.level < Level.VERIFIED:
            raise AppError("state_conflict", DESK_NOT_VERIFIED, 409)
        db.execute(sa.delete(BindingCode).where(_open(CodePurpose.GIVEN), BindingCode.person_id == person_id))
        code = _draw(CodePurpose.GIVEN, GIVEN_DIGITS, GIVEN_FOR, person_id=person_id, account_id=account_id)
        note(person_id, PersonEventName.CODE_GIVEN, account_id=account_id)
        return code


def bind_by_code(identity_id: uuid.UUID, digits: str) -> uuid.UUID:
    """Tie a WeChat identity to the person for whom staff gave the code; returns the person.

    Typing the same code again with the same WeChat is the same as once. A wrong code is counted even though the command
    refuses, so whoever joins it to a transaction has to commit all the same.

    Raises `AppError`: invalid for a code that is not there, used up or over; rate_limited after five of them;
    state_conflict for a WeChat that is somebody else's; counter_needed.
    """
    counted = count_code_of_person(person_of(identity_id))
    with atomic() as db:
        code = _find(CodePurpose.GIVEN, digits)
        if code is None or code.person_id is None or (code.used_at is not None and code.identity_id != identity_id):
            raise AppError(
                "invalid", CODE_WRONG, 422, errors={"code": [CODE_WRONG]}, extra={"tries_left": counted.left}
            )
        if code.used_at is None:
            _bind(identity_id, code.person_id)
            code.identity_id, code.used_at = identity_id, now()
        take_back(counted)
        db.flush()
        return code.person_id


def given_to(digits: str) -> uuid.UUID | None:
    """For whom staff gave a code that nobody has used; None for any other. The caller counts the try."""
    code = _find(CodePurpose.GIVEN, digits)
    return None if code is None or code.used_at is not None else code.person_id


def waiting_asked_code(digits: str) -> BindingCode:
    """The resident's code that staff have typed, locked; raises `AppError` invalid. In the open transaction."""
    code = _find(CodePurpose.ASKED, digits)
    if code is None or code.used_at is not None:
        raise AppError("invalid", DESK_CODE_WRONG, 422, errors={"code": [DESK_CODE_WRONG]})
    return code


def use_asked_code(code: BindingCode, person_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Note that a code was used for a person, and that its WeChat is theirs now."""
    code.person_id, code.account_id, code.used_at = person_id, account_id, now()
    note(person_id, PersonEventName.BOUND, account_id=account_id)


def forget_old_codes(limit: int = 1000) -> int:
    """Delete codes that are over for a day, used or not; returns how many."""
    before = now() - KEPT_FOR
    old = sa.select(BindingCode.id).where(BindingCode.expires_at < before).order_by(BindingCode.expires_at).limit(limit)
    with transaction() as db:
        return len(db.execute(sa.delete(BindingCode).where(BindingCode.id.in_(old)).returning(BindingCode.id)).all())


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def _one_at_a_time(owner_id: uuid.UUID) -> None:
    """Two who ask for a code of one owner come one after the other. No row is locked: whoever uses a code has its row
    and wants the person's, and must not find us the other way round."""
    session().execute(_LOCK, {"name": f"binding_codes:{owner_id}"})


def _bind(identity_id: uuid.UUID, person_id: uuid.UUID) -> None:
    own_id = _locked_with(identity_id, person_id)
    person = session().get_one(Person, person_id, populate_existing=True)
    if person.died_on is not None or person.closed_at is not None:
        raise AppError("counter_needed", COUNTER_NEEDED, 409)
    if own_id != person_id:
        own = session().get_one(Person, own_id, populate_existing=True)
        if own.id_number_index is not None:
            raise AppError("state_conflict", OTHER_PERSON, 409)
        if own.died_on is not None or own.closed_at is not None:
            raise AppError("counter_needed", COUNTER_NEEDED, 409)
        join_persons(own_id, person_id, JoinReason.CODE)
    note(person_id, PersonEventName.BOUND)


def _locked_with(identity_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """Whose the identity is, once both rows are locked."""
    for _ in range(5):
        own_id = person_of(identity_id)
        lock_persons({own_id, person_id})
        if person_of(identity_id) == own_id:
            return own_id
    raise RuntimeError("the rows of a binding do not stand still")


def _open(purpose: CodePurpose) -> sa.ColumnElement[bool]:
    return sa.and_(BindingCode.purpose == purpose, BindingCode.used_at.is_(None))


def _hash(purpose: CodePurpose, digits: str) -> bytes:
    # Keyed: a plain hash of six digits is read back in a second.
    return blind_index(f"{purpose.value}:{digits}", "binding_code")


def _find(purpose: CodePurpose, typed: str) -> BindingCode | None:
    """The code of these digits that is still good, or was used, its row locked; blanks do not count."""
    digits = re.sub(r"\D", "", typed)
    wanted = sa.select(BindingCode).where(
        BindingCode.code_hash == _hash(purpose, digits),
        BindingCode.purpose == purpose,
        sa.or_(BindingCode.expires_at > now(), BindingCode.used_at.is_not(None)),
    )
    newest = wanted.order_by(BindingCode.used_at.is_not(None), BindingCode.created_at.desc()).limit(1)
    return session().scalars(newest.with_for_update().execution_options(populate_existing=True)).first()


def _draw(purpose: CodePurpose, digits: int, good_for: timedelta, **values: uuid.UUID) -> Code:
    """A code that no open one of the same kind has."""
    moment = now()
    for _ in range(_DRAWS):
        drawn = f"{secrets.randbelow(10**digits):0{digits}d}"
        code_hash, expires_at = _hash(purpose, drawn), moment + good_for
        row = BindingCode(
            id=new_id(),
            purpose=purpose,
            code_hash=code_hash,
            created_at=moment,
            expires_at=expires_at,
            **values,
        )
        try:
            with atomic() as db:
                _forget_expired(code_hash)
                db.add(row)
                db.flush()
        except sa.exc.IntegrityError as error:
            if broken_constraint(error) != "uq_binding_codes_code_hash":
                raise
            continue
        return Code(drawn, expires_at)
    raise AppError("busy", CODES_BUSY, 503)


def _forget_expired(code_hash: bytes) -> None:
    """A code nobody used in time gives its digits back."""
    over = sa.delete(BindingCode).where(
        BindingCode.code_hash == code_hash, BindingCode.used_at.is_(None), BindingCode.expires_at <= now()
    )
    session().execute(over)
