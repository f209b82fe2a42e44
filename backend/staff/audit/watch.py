"""Numbers whose records are not looked at without notice: relatives, colleagues, well-known persons."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdentityFault, IdType, clean_number, parse_identity_number
from backend.kernel.ids import new_id
from backend.parameters import value_at
from backend.staff.audit import texts
from backend.staff.audit.models import AuditEntry, WatchedNumber
from backend.staff.audit.parameters import REASON_MINUTES
from backend.staff.audit.rules import CONFLICTS, Relation, WatchKind
from backend.staff.audit.trail import SubjectId, record
from backend.staff.audit.unusual import watched_among
from backend.storage import blind_index, broken_constraint, session, transaction

MOST_RELATIVES = 60
_SUBJECT = "watched_number"
_NAME_CHARACTERS = 30
_NOTE_CHARACTERS = 60
_CARDS = (
    IdType.RESIDENT_IDENTITY_CARD,
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT,
    IdType.FOREIGN_PERMANENT_RESIDENT_CARD,
)


def watch_index(number: str) -> bytes:
    """The keyed hash by which a number is watched, of a purpose of its own; for `number_indexes` of `record_look`."""
    return blind_index(clean_number(number), "staff.watched_number")


def conflict(account_id: uuid.UUID, number_indexes: Collection[bytes]) -> WatchKind | None:
    """Whether a record with these numbers is the account's own (STAFF) or a declared relative's (RELATIVE)."""
    with transaction():
        mine = {found.kind for found in watched_among(number_indexes) if found.account_id == account_id}
    return next((kind for kind in CONFLICTS if kind in mine), None)


def reason_stated(account_id: uuid.UUID, subject_kind: str, subject_id: SubjectId) -> bool:
    """Whether the account has stated a reason for looking at this record within `audit.reason_minutes`."""
    moment = now()
    since = moment - timedelta(minutes=value_at(REASON_MINUTES, "", moment))
    stated = sa.exists().where(
        AuditEntry.subject_kind == subject_kind,
        AuditEntry.subject_id == str(subject_id),
        AuditEntry.account_id == account_id,
        AuditEntry.purpose.is_not(None),
        AuditEntry.at > since,
    )
    with transaction() as opened:
        return bool(opened.scalar(sa.select(stated)))


def watched_by(account_id: uuid.UUID) -> Sequence[WatchedNumber]:
    """What an account has declared about itself and its relatives, oldest first; at most `MOST_RELATIVES` and one."""
    mine = sa.select(WatchedNumber).where(WatchedNumber.account_id == account_id)
    with transaction() as opened:
        return opened.scalars(mine.order_by(WatchedNumber.added_at, WatchedNumber.id)).all()


def well_known(limit: int, after: uuid.UUID | None = None) -> Sequence[WatchedNumber]:
    """The well-known persons on the list, newest first."""
    listed = sa.select(WatchedNumber).where(WatchedNumber.kind == WatchKind.WELL_KNOWN)
    if after is not None:
        listed = listed.where(WatchedNumber.id < after)
    with transaction() as opened:
        return opened.scalars(listed.order_by(WatchedNumber.id.desc()).limit(limit)).all()


def declare_relative(account_id: uuid.UUID, name: str, number: str, relation: str) -> None:
    """Declare a relative (近亲属备案).

    Raises `AppError` invalid by field, state_conflict when the number is declared already or there are too many.
    """
    errors: dict[str, list[str]] = {}
    if relation not in set(Relation):
        errors["relation"] = [texts.RELATION_UNKNOWN]
    row = _watched(WatchKind.RELATIVE, account_id, name, number, relation, errors)
    with transaction() as opened:
        mine = sa.select(sa.func.count()).where(WatchedNumber.account_id == account_id)
        if (opened.scalar(mine) or 0) > MOST_RELATIVES:
            raise AppError("state_conflict", texts.TOO_MANY_RELATIVES.format(most=MOST_RELATIVES))
        _add(row)
        record("audit.relative_declared", _SUBJECT, row.id, account_id=account_id)


def register_own_number(account_id: uuid.UUID, number: str) -> None:
    """Register the account's own number in place of the one before; raises `AppError` invalid."""
    row = _watched(WatchKind.STAFF, account_id, None, number, None, {})
    own = sa.delete(WatchedNumber).where(WatchedNumber.account_id == account_id, WatchedNumber.kind == WatchKind.STAFF)
    with transaction() as opened:
        opened.execute(own)
        _add(row)
        record("audit.own_number_registered", _SUBJECT, row.id, account_id=account_id)


def add_well_known(account_id: uuid.UUID, name: str, number: str, note: str) -> None:
    """Put a well-known person on the list; raises `AppError` invalid by field, or when already on it."""
    errors: dict[str, list[str]] = {}
    if not 0 < len(note.strip()) <= _NOTE_CHARACTERS:
        errors["note"] = [texts.NOTE_LENGTH.format(most=_NOTE_CHARACTERS)]
    row = _watched(WatchKind.WELL_KNOWN, None, name, number, note.strip(), errors)
    with transaction():
        _add(row)
        record("audit.well_known_added", _SUBJECT, row.id, account_id=account_id)


def remove_watched(account_id: uuid.UUID, kind: WatchKind, watched_id: uuid.UUID) -> bool:
    """Take a relative of one's own, or a well-known person, off the list; False when it is not there."""
    gone = sa.delete(WatchedNumber).where(WatchedNumber.id == watched_id, WatchedNumber.kind == kind)
    if kind is not WatchKind.WELL_KNOWN:
        gone = gone.where(WatchedNumber.account_id == account_id)
    with transaction() as opened:
        if opened.scalar(gone.returning(WatchedNumber.id)) is None:
            return False
        record("audit.watched_removed", _SUBJECT, watched_id, account_id=account_id, kind=kind.value)
    return True


def _watched(
    kind: WatchKind,
    account_id: uuid.UUID | None,
    name: str | None,
    number: str,
    note: str | None,
    errors: dict[str, list[str]],
) -> WatchedNumber:
    cleaned = clean_number(number)
    if not _plausible(cleaned):
        errors["number"] = [texts.NUMBER_UNREADABLE]
    if name is not None and not 0 < len(name.strip()) <= _NAME_CHARACTERS:
        errors["name"] = [texts.WATCHED_NAME_MISSING]
    if errors:
        sentences = [sentence for given in errors.values() for sentence in given]
        raise AppError("invalid", "\n".join(sentences), 422, errors=errors)
    row = WatchedNumber(
        id=new_id(),
        kind=kind,
        account_id=account_id,
        number_index=watch_index(cleaned),
        last4=cleaned[-4:],
        added_at=now(),
    )
    row.name, row.note = name.strip() if name else None, note
    return row


def _plausible(number: str) -> bool:
    """Cards by their check digit, other papers by their look (domain-rules §1.3); a card's number cut short is none."""
    if len(number) == 18:
        for id_type in _CARDS:
            with suppress(IdentityFault):
                parse_identity_number(id_type, number, today=today())
                return True
        return False
    return re.fullmatch(r"(?!\d{11})[A-Z0-9]{5,17}", number, re.ASCII) is not None


def _add(row: WatchedNumber) -> None:
    try:
        with session().begin_nested():
            session().add(row)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) in ("uq_watched_numbers_relative", "uq_watched_numbers_well_known"):
            told = {"number": [texts.ALREADY_WATCHED]}
            raise AppError("state_conflict", texts.ALREADY_WATCHED, errors=told) from None
        raise
