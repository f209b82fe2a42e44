"""Requests for a second person's yes, as lists: what waits for somebody, and what somebody has asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backend.kernel.clock import now
from backend.staff import texts
from backend.staff.approvals import approval_kind, approval_kinds, may_decide
from backend.staff.models import Approval, ApprovalState, OrganisationNode, StaffAccount
from backend.staff.permissions import Grants
from backend.storage import transaction

After = tuple[datetime, uuid.UUID]


@dataclass(frozen=True)
class ApprovalRow:
    """A request as it is read: its title by its room, who asked, for which place, who decided."""

    approval: Approval
    title: str
    asked_by: str
    place: str
    decided_by: str | None


@dataclass(frozen=True)
class ApprovalPage:
    """One page of requests; `next` is the time and id of the last when more may follow."""

    rows: Sequence[ApprovalRow]
    next: After | None


def to_decide(account: StaffAccount, grants: Grants, after: After | None, limit: int) -> ApprovalPage:
    """Open requests that the account may decide, the oldest first; one query.

    Those it reaches only in the asker's stead are left out after reading, so that a page may be shorter.
    """
    reached = [
        sa.and_(Approval.kind == kind.name, Approval.node_id.in_(nodes))
        for kind in approval_kinds()
        if (nodes := grants.nodes(kind.permission))
    ]
    if not reached:
        return ApprovalPage([], None)
    query = _named().where(
        sa.or_(*reached),
        Approval.state == ApprovalState.PENDING,
        Approval.expires_at > now(),
        Approval.asked_by != account.id,
    )
    if after is not None:
        query = query.where(sa.tuple_(Approval.asked_at, Approval.id) > after)
    page = _page(query.order_by(Approval.asked_at, Approval.id), limit)
    return ApprovalPage([row for row in page.rows if may_decide(row.approval, account, grants)], page.next)


def asked_by(account: StaffAccount, after: After | None, limit: int) -> ApprovalPage:
    """What the account has asked for, the latest first; one query."""
    query = _named().where(Approval.asked_by == account.id)
    if after is not None:
        query = query.where(sa.tuple_(Approval.asked_at, Approval.id) < after)
    return _page(query.order_by(Approval.asked_at.desc(), Approval.id.desc()), limit)


_asker, _decider = aliased(StaffAccount), aliased(StaffAccount)


def _named() -> sa.Select[Approval, str, str, str]:
    return (
        sa.select(Approval, _asker.display_name, OrganisationNode.name, _decider.display_name)
        .join(_asker, _asker.id == Approval.asked_by)
        .join(OrganisationNode, OrganisationNode.id == Approval.node_id)
        .outerjoin(_decider, _decider.id == Approval.decided_by)
    )


def _page(query: sa.Select[Approval, str, str, str], limit: int) -> ApprovalPage:
    with transaction() as opened:
        found = opened.execute(query.limit(limit + 1)).all()
    rows = [ApprovalRow(approval, _title(approval), asker, place, who) for approval, asker, place, who in found[:limit]]
    last = rows[-1].approval if len(found) > limit else None
    return ApprovalPage(rows, (last.asked_at, last.id) if last else None)


def _title(approval: Approval) -> str:
    try:
        return approval_kind(approval.kind).title(approval)
    except KeyError:  # asked for by a room that is no longer installed
        return texts.APPROVAL_OF_OLD
