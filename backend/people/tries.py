"""Counting tries, so that nobody guesses names or codes (domain-rules §6.2).

A try is counted, and that committed, before it is known to be wrong: counted afterwards, any number could run side by
side. One that was right is taken back together with what it did.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.people.models import ProofTry
from backend.people.rules import (
    CODE_TRIES,
    CODE_TRIES_WITHIN,
    VERIFICATION_TRIES,
    VERIFICATION_TRIES_OF_A_NUMBER,
    TryKind,
)
from backend.people.texts import CODE_PAUSE, DESK_CODE_PAUSE, TRIES_USED_UP
from backend.storage import session, transaction

KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Counted:
    """A try that has been counted; `left` is how many more there are, should this one be wrong."""

    id: int
    left: int


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def count_verification(person_id: uuid.UUID, index: bytes) -> Counted:
    """Count a question to the verification service: 5 a civil day for a person, 10 about a number, whoever asks.

    Raises `AppError` rate_limited with the seconds until tomorrow.
    """
    moment = now()
    today = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction():
        _one_at_a_time(f"{person_id}")
        _one_at_a_time(index.hex())
        mine = _count(ProofTry.person_id == person_id, TryKind.VERIFICATION, today)
        about_number = _count(ProofTry.number_index == index, TryKind.VERIFICATION, today)
        left = min(VERIFICATION_TRIES - mine, VERIFICATION_TRIES_OF_A_NUMBER - about_number)
        if left <= 0:
            wait = today + timedelta(days=1) - moment
            raise AppError("rate_limited", TRIES_USED_UP, 429, extra={"retry_after": int(wait.total_seconds()) + 1})
        return Counted(_add(TryKind.VERIFICATION, person_id=person_id, number_index=index), left - 1)


def count_code_of_person(person_id: uuid.UUID) -> Counted:
    """Count a code typed by a resident; raises `AppError` rate_limited after 5 wrong ones in 10 minutes."""
    with transaction():
        _one_at_a_time(f"{person_id}")
        left = _codes_left(ProofTry.person_id == person_id, CODE_PAUSE)
        return Counted(_add(TryKind.CODE, person_id=person_id), left)


def count_code_of_account(account_id: uuid.UUID) -> Counted:
    """Count a code typed by a member of staff; raises `AppError` rate_limited after 5 wrong ones in 10 minutes."""
    with transaction():
        _one_at_a_time(f"{account_id}")
        left = _codes_left(ProofTry.account_id == account_id, DESK_CODE_PAUSE)
        return Counted(_add(TryKind.CODE, account_id=account_id), left)


def take_back(counted: Counted) -> None:
    """The try was right, or could not be carried out: it does not count."""
    with transaction() as db:
        db.execute(sa.delete(ProofTry).where(ProofTry.id == counted.id))


def forget_old_tries(limit: int = 1000) -> int:
    """Delete tries that no rule looks at any more; returns how many."""
    old = sa.select(ProofTry.id).where(ProofTry.at < now() - KEPT_FOR).order_by(ProofTry.at).limit(limit)
    with transaction() as db:
        return len(db.execute(sa.delete(ProofTry).where(ProofTry.id.in_(old)).returning(ProofTry.id)).all())


def _one_at_a_time(who: str) -> None:
    session().execute(_LOCK, {"name": f"proof_tries:{who}"})


def _count(whose: sa.ColumnElement[bool], kind: TryKind, since: datetime) -> int:
    counted = sa.select(sa.func.count()).where(whose, ProofTry.kind == kind, ProofTry.at >= since)
    return session().scalar(counted) or 0


def _codes_left(whose: sa.ColumnElement[bool], pause: str) -> int:
    since = now() - CODE_TRIES_WITHIN
    counted = sa.select(sa.func.count(), sa.func.min(ProofTry.at)).where(
        whose, ProofTry.kind == TryKind.CODE, ProofTry.at > since
    )
    wrong, oldest = session().execute(counted).one()
    if wrong >= CODE_TRIES:
        seconds = int((oldest - since).total_seconds()) + 1
        text = pause.format(minutes=-(-seconds // 60))
        raise AppError("rate_limited", text, 429, extra={"retry_after": seconds})
    return CODE_TRIES - wrong - 1


def _add(kind: TryKind, **values: object) -> int:
    row = ProofTry(kind=kind, at=now(), **values)
    session().add(row)
    session().flush()
    return row.id
