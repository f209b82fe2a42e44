"""What is known about one look when it is recorded, and the flags for the auditor; whoever looks is not told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.ids import new_id
from backend.staff.audit.models import AuditEntry, AuditFlag, WatchedNumber
from backend.staff.audit.parameters import limits_at
from backend.staff.audit.rules import FlagState, Look, Rule, Watched, flag_key, unusual
from backend.storage import session

# Distinct records since the account's last step, at most so many minutes ago: the rows read are those of one account
# in that time, however long the trail is. Signing in and out or searching is no
# step, or it would wash every count away.
_OPENED = sa.text(
    """
    SELECT count(DISTINCT seen.subject_id) FROM audit_entries AS seen
    WHERE seen.account_id = :account_id AND seen.look AND seen.subject_id <> :current AND seen.at > (
        SELECT coalesce(max(at), :start) FROM audit_entries
        WHERE account_id = :account_id AND at > :start AND NOT look AND subject_id IS NOT NULL
          AND action !~ '^(staff|audit|console|exports|approvals)[.]'
    )
    """
)
_LISTED = sa.text(
    """
    SELECT count(DISTINCT one.id) FROM audit_entries AS seen, unnest(seen.subject_ids) AS one (id)
    WHERE seen.account_id = :account_id AND seen.look AND one.id <> ALL (:current) AND seen.at > (
        SELECT coalesce(max(at), :start) FROM audit_entries
        WHERE account_id = :account_id AND at > :start AND NOT look AND subject_id IS NOT NULL
          AND action !~ '^(staff|audit|console|exports|approvals)[.]'
    )
    """
)


def unusual_rules(
    account_id: uuid.UUID, moment: datetime, subjects: Sequence[str], number_indexes: Collection[bytes]
) -> tuple[Rule, ...]:
    """The rules that a look of this account at these records meets; two queries at most, neither grows."""
    limits = limits_at(moment)
    asked = {"account_id": account_id, "start": moment - timedelta(minutes=limits.minutes)}
    opened = listed = 0
    if len(subjects) == 1:
        opened = 1 + (session().scalar(_OPENED, {**asked, "current": subjects[0]}) or 0)
    elif subjects:
        listed = len(subjects) + (session().scalar(_LISTED, {**asked, "current": list(subjects)}) or 0)
    return unusual(Look(account_id, moment, watched_among(number_indexes), opened, listed), limits)


def watched_among(number_indexes: Collection[bytes]) -> frozenset[Watched]:
    """Who of the given numbers (`watch_index`) is watched, and for whose sake."""
    if not number_indexes:
        return frozenset()
    wanted = sa.select(WatchedNumber.kind, WatchedNumber.account_id)
    rows = session().execute(wanted.where(WatchedNumber.number_index.in_(number_indexes)))
    return frozenset(Watched(kind, account_id) for kind, account_id in rows)


def raise_flags(entry: AuditEntry, rules: Sequence[Rule]) -> None:
    """One flag a rule, unless there is one for the same matter already."""
    if not rules or entry.account_id is None:
        return
    flags = [
        {
            "id": new_id(),
            "entry_id": entry.id,
            "account_id": entry.account_id,
            "rule": rule,
            "key": flag_key(rule, entry.subject_id or entry.subject_kind, entry.at),
            "at": entry.at,
            "state": FlagState.NEW,
        }
        for rule in sorted(rules)  # in one order, so that two requests of one person never wait in a circle
    ]
    session().execute(insert(AuditFlag).values(flags).on_conflict_do_nothing())
