"""The two-person rule: what one asks, another with the permission allows, and only then is it done, exactly once.

Rooms register kinds (exports, mass actions) with `register_approval_kind` and start with `ask`. A request that nobody
answers lapses after 72 hours, or on the next workday.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.identity import tells_a_number
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.audit import record
from backend.staff.models import Approval, ApprovalState, StaffAccount
from backend.staff.permissions import Grants, grants_of
from backend.storage import atomic, session, transaction

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

LAPSES_AFTER = timedelta(hours=72)
MOST_REASON = 200
_SUBJECT = "approval"


@dataclass(frozen=True)
class ApprovalKind:
    """A matter that needs two persons.

    `permission` is what the second one must hold over the request's place. `run` does the matter inside the deciding
    transaction: what it raises undoes the decision too. `title` says in one line what is asked, without personal data.
    """

    name: str
    permission: str
    run: Callable[[Approval], None]
    title: Callable[[Approval], str]


_kinds: dict[str, ApprovalKind] = {}


def register_approval_kind(kind: ApprovalKind) -> None:
    """Make a kind known; rooms do so when they are imported. Raises `ValueError` for a name that is taken."""
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"two rooms register the approval kind {kind.name}")
    _kinds[kind.name] = kind


def approval_kind(name: str) -> ApprovalKind:
    """A kind by its name; raises `KeyError` for one that no room has registered."""
    return _kinds[name]


def approval_kinds() -> Sequence[ApprovalKind]:
    """Every kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def ask(kind: str, payload: Mapping[str, JSON], *, reason: str, asked_by: StaffAccount, node_id: uuid.UUID) -> Approval:
    """Ask for a second person's yes; that the asker may ask is for the room to check.

    `payload` holds ids, codes and dates, never personal data. Raises `AppError` invalid (422) for a reason that is
    missing, longer than 200 characters, or tells the number of a card or telephone; `KeyError` for a kind that no room
    has registered.
    """
    approval_kind(kind)
    reason = " ".join(reason.split())
    faulty = not 0 < len(reason) <= MOST_REASON
    if faulty or tells_a_number(reason):
        sentence = texts.REASON_FORM.format(most=MOST_REASON) if faulty else texts.REASON_HAS_NUMBER
        raise AppError("invalid", sentence, 422, errors={"reason": [sentence]})
    moment = now()
    with transaction() as opened:
        approval = Approval(
            id=new_id(),
            kind=kind,
            node_id=node_id,
            payload=dict(payload),
            reason=reason,
            asked_by=asked_by.id,
            asked_at=moment,
            expires_at=_lapses_at(moment),
            state=ApprovalState.PENDING,
        )
        opened.add(approval)
        opened.flush()
        record("approvals.asked", _SUBJECT, approval.id, account_id=asked_by.id, kind=kind, node=str(node_id))
    return approval


def _lapses_at(asked_at: datetime) -> datetime:
    """72 hours later; on a rest day nobody is there to decide, so then at that hour of the next workday."""
    lapses = asked_at + LAPSES_AFTER
    return lapses + (legal_calendar().roll(lapses.date()).day - lapses.date())


def approve(approval_id: uuid.UUID, account: StaffAccount, note: str = "") -> Approval:
    """Say yes and do it, in one transaction; of two who say so at once the second is refused.

    Raises `AppError` not_found (404) for what is not in the account's places, forbidden (403) for one's own request
    and for one that could be decided only in the asker's stead, state_conflict (409) for what is decided or lapsed;
    and whatever the kind's `run` raises, which leaves the request open.
    """
    with atomic():
        approval = _decide(approval_id, account, ApprovalState.APPROVED, note)
        approval_kind(approval.kind).run(approval)
    return approval


def decline(approval_id: uuid.UUID, account: StaffAccount, note: str) -> Approval:
    """Say no; the note tells the asker why. Raises as `approve` does, and `AppError` invalid without a note."""
    if not note.strip():
        raise AppError("invalid", texts.NOTE_MISSING, 422, errors={"note": [texts.NOTE_MISSING]})
    with atomic():
        return _decide(approval_id, account, ApprovalState.DECLINED, note)


def withdraw(approval_id: uuid.UUID, account: StaffAccount) -> Approval:
    """Take one's own request back. Raises `AppError` not_found for another's, state_conflict for one not open."""
    with atomic():
        approval = _locked(approval_id)
        if approval.asked_by != account.id:
            raise AppError("not_found", texts.APPROVAL_UNKNOWN, 404)
        _require_open(approval)
        _close(approval, ApprovalState.WITHDRAWN, by=account.id)
    return approval


def withdraw_all(account_id: uuid.UUID, by: uuid.UUID | None) -> int:
    """Take back everything an account has asked for, in the open transaction; for one who leaves the service."""
    asked = sa.select(Approval).where(Approval.asked_by == account_id, Approval.state == ApprovalState.PENDING)
    rows = session().scalars(asked.order_by(Approval.id).with_for_update(of=Approval)).all()
    for approval in rows:
        _close(approval, ApprovalState.WITHDRAWN, by=by)
    return len(rows)


def expire(limit: int = 200) -> int:
    """Close what nobody has answered in time; returns how many. The tick runs this."""
    due = sa.select(Approval).where(Approval.state == ApprovalState.PENDING, Approval.expires_at <= now())
    due = due.order_by(Approval.expires_at).limit(limit).with_for_update(of=Approval, skip_locked=True)
    with transaction() as opened:
        rows = opened.scalars(due).all()
        for approval in rows:
            _close(approval, ApprovalState.EXPIRED, by=None)
    return len(rows)


def may_decide(approval: Approval, account: StaffAccount, grants: Grants) -> bool:
    """Whether the account is the second person: another one, with the permission over the place, not in the asker's
    own stead."""
    if approval.asked_by == account.id:
        return False
    permission = approval_kind(approval.kind).permission
    return grants.reach(permission, approval.node_id, not_for=approval.asked_by)


def _decide(approval_id: uuid.UUID, account: StaffAccount, state: ApprovalState, note: str) -> Approval:
    approval, grants = _locked(approval_id), grants_of(account)
    if approval.asked_by == account.id:
        raise AppError("forbidden", texts.OWN_REQUEST, 403)
    if not grants.reach(approval_kind(approval.kind).permission, approval.node_id):
        raise AppError("not_found", texts.APPROVAL_UNKNOWN, 404)
    if not may_decide(approval, account, grants):
        raise AppError("forbidden", texts.IN_ASKERS_STEAD, 403)
    _require_open(approval)
    approval.decided_by = account.id
    approval.note = " ".join(note.split())[:MOST_REASON] or None
    _close(approval, state, by=account.id)
    return approval


def _locked(approval_id: uuid.UUID) -> Approval:
    wanted = sa.select(Approval).where(Approval.id == approval_id).with_for_update(of=Approval)
    approval = session().scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if approval is None:
        raise AppError("not_found", texts.APPROVAL_UNKNOWN, 404)
    return approval


def _require_open(approval: Approval) -> None:
    if approval.state is not ApprovalState.PENDING or approval.expires_at <= now():
        raise AppError("state_conflict", texts.APPROVAL_CLOSED, 409)


def _close(approval: Approval, state: ApprovalState, *, by: uuid.UUID | None) -> None:
    approval.state, approval.closed_at = state, now()
    session().flush()
    record(f"approvals.{state.value}", _SUBJECT, approval.id, account_id=by, kind=approval.kind)
