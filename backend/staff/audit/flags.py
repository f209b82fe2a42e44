"""Unusual looks, for the auditor to look into."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff.audit import texts
from backend.staff.audit.models import AuditFlag
from backend.staff.audit.rules import FlagState, Outcome
from backend.staff.audit.trail import record
from backend.storage import transaction

NOTE_MOST = 300


def look_into(flag_id: uuid.UUID, account_id: uuid.UUID, outcome: str, note: str) -> None:
    """Note what came of an unusual look; `account_id` is the auditor.

    Raises `AppError` invalid by field; state_conflict when somebody was quicker, or when it was one's own look, which
    another has to judge.
    """
    errors: dict[str, list[str]] = {}
    if outcome not in set(Outcome):
        errors["outcome"] = [texts.OUTCOME_MISSING]
    note = note.strip()
    if len(note) > NOTE_MOST or (not note and outcome != Outcome.USUAL_WORK):
        errors["note"] = [texts.FLAG_NOTE_LENGTH.format(most=NOTE_MOST)]
    if errors:
        raise AppError("invalid", "\n".join(text for given in errors.values() for text in given), 422, errors=errors)
    with transaction() as session:
        flag = session.scalars(sa.select(AuditFlag).where(AuditFlag.id == flag_id).with_for_update()).one()
        if flag.account_id == account_id:
            raise AppError("state_conflict", texts.OWN_LOOK)
        if flag.state is not FlagState.NEW:
            raise AppError("state_conflict", texts.LOOKED_INTO_ALREADY)
        flag.state, flag.outcome, flag.note = FlagState.LOOKED_INTO, Outcome(outcome), note or None
        flag.looked_into_by, flag.looked_into_at = account_id, now()
        session.flush()
        record("audit.flag_looked_into", "audit_flag", flag_id, account_id=account_id, outcome=outcome)
