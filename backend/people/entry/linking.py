"""Eight digits that the mini-program shows and its owner types in the account's chat: both become one person.

Needed where WeChat tells no unionid (wechat-protocol §4.2). The code is used up by one conditional statement, so of
many who type it at once one is linked. Two persons who have each proven who they are stay two.
"""

from __future__ import annotations

import re
import secrets
import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.people.binding import Code
from backend.people.entry.models import LinkCode
from backend.people.events import note
from backend.people.identities import person_of
from backend.people.joining import join_persons, lock_persons
from backend.people.models import Person
from backend.people.notices import tell_linked
from backend.people.rules import LINK_DIGITS, LINK_FOR, JoinReason, PersonEventName
from backend.people.texts import CODES_BUSY, COUNTER_NEEDED, LINK_CODE_WRONG, LINK_OTHER_PERSON
from backend.storage import atomic, blind_index, broken_constraint, session, transaction

_DRAWS = 20
_LOCK_ROUNDS = 5
_UNTRACKED = {"synchronize_session": False}
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def show_link_code(identity_id: uuid.UUID) -> Code:
    """Eight digits for the mini-program's screen, good for ten minutes and once; an earlier one is void."""
    with atomic() as db:
        session().execute(_LOCK, {"name": f"link_codes:{identity_id}"})
        db.execute(sa.delete(LinkCode).where(LinkCode.identity_id == identity_id, LinkCode.used_at.is_(None)))
        return _draw(identity_id)


def shown_by(digits: str) -> uuid.UUID | None:
    """Whose mini-program shows a code that is still good; None for any other. The caller counts the try."""
    code = _open_code(digits)
    return None if code is None else person_of(code.identity_id)


def link_by_code(person_id: uuid.UUID, digits: str) -> uuid.UUID:
    """Make the chat's person and the one whose mini-program shows a code one; returns who that is.

    Raises `AppError`: invalid for a code that is not there, used or over; state_conflict for two proven persons;
    counter_needed for the dead and for closed accounts.
    """
    with atomic():
        code = _open_code(digits)
        if code is None or not _use(code.id):
            raise AppError("invalid", LINK_CODE_WRONG, 422, errors={"code": [LINK_CODE_WRONG]})
        return _joined(person_id, code.identity_id)


def forget_old_link_codes(limit: int = 1000) -> int:
    """Delete codes that are over, used or not; returns how many."""
    old = sa.select(LinkCode.id).where(LinkCode.expires_at < now()).order_by(LinkCode.expires_at).limit(limit)
    with transaction() as db:
        gone = sa.delete(LinkCode).where(LinkCode.id.in_(old)).returning(LinkCode.id)
        return len(db.execute(gone, execution_options=_UNTRACKED).all())


def _joined(person_id: uuid.UUID, other_identity_id: uuid.UUID) -> uuid.UUID:
    rows = _locked(person_id, other_identity_id)
    if any(row.died_on is not None or row.closed_at is not None for row in rows):
        raise AppError("counter_needed", COUNTER_NEEDED, 409)
    # Who is proven stays; else the one known longest.
    stays, *others = sorted(rows, key=lambda row: (row.id_number_index is None, row.created_at, row.id))
    if any(other.id_number_index is not None for other in others):
        raise AppError("state_conflict", LINK_OTHER_PERSON, 409)
    for other in others:
        join_persons(other.id, stays.id, JoinReason.CODE)
        note(stays.id, PersonEventName.BOUND)
        tell_linked(stays.id)
    return stays.id


def _locked(person_id: uuid.UUID, other_identity_id: uuid.UUID) -> list[Person]:
    """The one or two persons, locked and read afterwards. The chat's stays: its conversation is locked by the turn."""
    for _ in range(_LOCK_ROUNDS):
        wanted = {person_id, person_of(other_identity_id)}
        lock_persons(wanted)
        if wanted == {person_id, person_of(other_identity_id)}:
            return [session().get_one(Person, one, populate_existing=True) for one in wanted]
    raise RuntimeError("the rows of a link do not stand still")


def _open_code(digits: str) -> LinkCode | None:
    wanted = sa.select(LinkCode).where(
        LinkCode.code_hash == _hash(re.sub(r"\D", "", digits)),
        LinkCode.used_at.is_(None),
        LinkCode.expires_at > now(),
    )
    return session().scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _use(code_id: uuid.UUID) -> bool:
    """Use a code up; False when somebody else was quicker."""
    used = (
        sa.update(LinkCode)
        .where(LinkCode.id == code_id, LinkCode.used_at.is_(None), LinkCode.expires_at > now())
        .values(used_at=now())
        .returning(LinkCode.id)
    )
    return session().execute(used, execution_options=_UNTRACKED).one_or_none() is not None


def _hash(digits: str) -> bytes:
    # Keyed: a plain hash of eight digits is read back in a minute.
    return blind_index(digits, "link_code")


def _draw(identity_id: uuid.UUID) -> Code:
    """A code that no open one has; one that nobody used in time gives its digits back."""
    moment = now()
    for _ in range(_DRAWS):
        digits = f"{secrets.randbelow(10**LINK_DIGITS):0{LINK_DIGITS}d}"
        code_hash, expires_at = _hash(digits), moment + LINK_FOR
        row = LinkCode(
            id=new_id(), identity_id=identity_id, code_hash=code_hash, created_at=moment, expires_at=expires_at
        )
        try:
            with atomic() as db:
                over = sa.delete(LinkCode).where(
                    LinkCode.code_hash == code_hash, LinkCode.used_at.is_(None), LinkCode.expires_at <= moment
                )
                db.execute(over, execution_options=_UNTRACKED)
                db.add(row)
                db.flush()
        except sa.exc.IntegrityError as error:
            if broken_constraint(error) != "uq_link_codes_code_hash":
                raise
            continue
        return Code(digits, expires_at)
    raise AppError("busy", CODES_BUSY, 503)
