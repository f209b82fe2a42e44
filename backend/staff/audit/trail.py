"""Writing the audit trail (domain-rules §6.3): who, in which role, saw or changed what, for what, from where."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import Any

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff.audit.acting import who_acts
from backend.staff.audit.chain import link_at_commit
from backend.staff.audit.models import AuditEntry
from backend.staff.audit.rules import Rule
from backend.staff.audit.texts import PURPOSE_HAS_NUMBER, PURPOSE_LENGTH
from backend.staff.audit.unusual import raise_flags, unusual_rules
from backend.storage import session

PURPOSE_LEAST, PURPOSE_MOST = 4, 200
# Rules that also look at acts: deciding about one's own people.
_OF_ACTS = frozenset({Rule.OWN_RECORD, Rule.RELATIVE})

SubjectId = uuid.UUID | str


def record(
    action: str,
    subject_kind: str,
    subject_id: SubjectId | None = None,
    *,
    account_id: uuid.UUID | None = None,
    task: Any = None,
    fields: Any = (),
    purpose: Any = None,
    number_indexes: Any = (),
    **detail: object,
) -> None:
    """Add one act to the trail in the open transaction, so that what was done and that it was done are kept together.

    `account_id` is who did it; without one, whoever acts in this request, else the system. `task` is the open matter
    for which it was done, as `kind:id`; `fields` are the names of what was changed; `purpose` what the person stated
    (`clean_purpose`); `number_indexes` (`watch_index`) flag acts about oneself and one's relatives. They are typed as
    in `record_look`, but loosely, so that callers may hand a dictionary of details on. `detail` must be JSON and
    never holds personal data: ids, counts, dates and codes only. Every action has its Chinese name in
    `texts.ACTIONS`.
    """
    entry = _entry(action, subject_kind, account_id, task, fields, purpose, detail)
    entry.subject_id = None if subject_id is None else str(subject_id)
    _add(entry, [rule for rule in _rules(entry, [], number_indexes) if rule in _OF_ACTS])


def record_look(
    action: str,
    subject_kind: str,
    subject_ids: Collection[SubjectId],
    *,
    number_indexes: Collection[bytes] = (),
    account_id: uuid.UUID | None = None,
    task: str | None = None,
    fields: Collection[str] = (),
    purpose: str | None = None,
    **detail: object,
) -> None:
    """Add one look at a record, or at the records of a list, and flag it when it is unusual.

    `number_indexes` are `watch_index` of the identity numbers in the record; lists leave them out. `fields` are the
    names of what was shown. The rest as for `record`.
    """
    entry = _entry(action, subject_kind, account_id, task, fields, purpose, detail)
    subjects = [str(subject_id) for subject_id in subject_ids]
    entry.look = True
    if len(subjects) == 1:
        entry.subject_id = subjects[0]
    else:
        entry.subject_ids = subjects
    _add(entry, _rules(entry, subjects, number_indexes))


def clean_purpose(text: str) -> str:
    """A stated reason, trimmed; raises `AppError` invalid for one too short or long, or with a number of a paper."""
    stated = " ".join(text.split())
    told = None
    if not PURPOSE_LEAST <= len(stated) <= PURPOSE_MOST:
        told = PURPOSE_LENGTH.format(least=PURPOSE_LEAST, most=PURPOSE_MOST)
    elif re.search(r"\d{11}", stated):
        told = PURPOSE_HAS_NUMBER
    if told is not None:
        raise AppError("invalid", told, 422, errors={"purpose": [told]})
    return stated


def _entry(
    action: str,
    subject_kind: str,
    account_id: uuid.UUID | None,
    task: str | None,
    fields: Collection[str],
    purpose: str | None,
    detail: dict[str, object],
) -> AuditEntry:
    actor = who_acts()
    known = account_id is None or account_id == actor.account_id  # else the role is somebody else's
    return AuditEntry(
        at=now(),
        account_id=account_id or actor.account_id,
        role=actor.role if known else None,
        stand_in_for=actor.stand_in_for if known else None,
        action=action,
        look=False,
        subject_kind=subject_kind,
        subject_ids=[],
        fields=list(fields),
        task=task,
        purpose=purpose,
        address=actor.address,
        request_id=actor.request_id,
        detail=detail,
    )


def _rules(entry: AuditEntry, subjects: list[str], number_indexes: Collection[bytes]) -> tuple[Rule, ...]:
    if entry.account_id is None or not (entry.look or number_indexes):
        return ()
    return unusual_rules(entry.account_id, entry.at, subjects, number_indexes)


def _add(entry: AuditEntry, rules: Collection[Rule]) -> None:
    if rules:
        # In the entry too, which the chain protects; a flag is only the auditor's note about it.
        entry.detail = {**entry.detail, "unusual": sorted(rule.value for rule in rules)}
    session().add(entry)
    session().flush()
    link_at_commit(entry.id)
    raise_flags(entry, list(rules))
