"""Use cases on leave: `take_leave` with a stand-in, `end_leave`; and whose work is whose meanwhile.

A stand-in receives, for the days of the leave, what the absent colleague holds of their own, never what the colleague
holds as a stand-in for a third. A head or an administrator arranges it, or the colleague for at most 14 days.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.clock import end_of_day, now, start_of_day, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import texts
from backend.staff.assignments import end_all, require_compatible
from backend.staff.audit import record
from backend.staff.models import RoleAssignment, StaffAccount
from backend.staff.permissions import Grants, Permission, grants_of
from backend.staff.powers import lasting_assignments, locked_account, within
from backend.storage import atomic, session, transaction

MOST_DAYS_ONESELF = 14
# The longest leave there is: 158 days after a birth in several provinces, and what is added to it.
MOST_DAYS = 190
AHEAD = timedelta(days=90)
_SUBJECT = "staff_account"


def is_absent(account: StaffAccount, day: date) -> bool:
    """Whether the account is on leave on a day."""
    return (
        account.absent_from is not None
        and account.absent_until is not None
        and (account.absent_from <= day <= account.absent_until)
    )


def take_leave(
    account_id: uuid.UUID, first: date, last: date, *, by: StaffAccount, stand_in_id: uuid.UUID | None = None
) -> Sequence[RoleAssignment]:
    """Note a leave, both days included, and hand the account's own roles to the stand-in for it.

    What was arranged before is replaced. Raises `AppError` not_found outside the places of who arranges, invalid with
    what is wrong by field.
    """
    with atomic() as opened:
        # Both in one order, so that two who stand in for each other do not wait for each other.
        locked = {
            each: locked_account(each) for each in sorted({account_id} | ({stand_in_id} if stand_in_id else set()))
        }
        account, stand_in = locked[account_id], locked[stand_in_id] if stand_in_id else None
        grants = grants_of(by)
        _require_arranger(by, grants, account)
        faults = _day_faults(account, first, last, by)
        if stand_in is not None and (fault := _stand_in_fault(account, stand_in, first, last, by, grants)):
            faults["stand_in"] = [fault]
        if faults:
            raise AppError("invalid", texts.LEAVE_NOT_TAKEN, 422, errors=faults)
        _end_stand_ins(account_id)
        account.absent_from, account.absent_until = first, last
        opened.flush()
        given = _hand_over(account, stand_in, first, last, by) if stand_in is not None else []
        detail = {"first": first.isoformat(), "last": last.isoformat(), "stand_in": str(stand_in_id or "") or None}
        record("staff.leave_taken", _SUBJECT, account_id, account_id=by.id, **detail)
    return given


def end_leave(account_id: uuid.UUID, *, by: StaffAccount) -> None:
    """Be back: the leave is over or called off, and nobody stands in any longer. Raises `AppError` not_found."""
    with atomic() as opened:
        account = locked_account(account_id)
        _require_arranger(by, grants_of(by), account)
        account.absent_from = account.absent_until = None
        _end_stand_ins(account_id)
        opened.flush()
        record("staff.leave_ended", _SUBJECT, account_id, account_id=by.id)


def responsible_for(account: StaffAccount, grants: Grants) -> frozenset[uuid.UUID]:
    """Whose work is the account's now: its own, and that of absent colleagues for whom it stands in.

    Rooms that give work to one person ask with this set for "mine"; at most one query.
    """
    acting = grants.standing_in_for()
    if not acting:
        return frozenset({account.id})
    day = today()
    absent = sa.select(StaffAccount.id).where(
        StaffAccount.id.in_(acting), StaffAccount.absent_from <= day, StaffAccount.absent_until >= day
    )
    with transaction() as opened:
        return frozenset({account.id, *opened.scalars(absent)})


def stand_ins_of(account_id: uuid.UUID) -> list[RoleAssignment]:
    """What others hold, now or later, in the account's stead; in the open transaction."""
    wanted = sa.select(RoleAssignment).where(RoleAssignment.stand_in_for == account_id, RoleAssignment.ends_at > now())
    return list(session().scalars(wanted.order_by(RoleAssignment.starts_at, RoleAssignment.id)))


def _require_arranger(by: StaffAccount, grants: Grants, account: StaffAccount) -> None:
    if by.id != account.id and not within(Permission.ARRANGE_LEAVE, grants, account):
        raise AppError("not_found", texts.ACCOUNT_NOT_FOUND, 404)
    if not account.active:
        raise AppError("state_conflict", texts.ACCOUNT_INACTIVE, 409)


def _day_faults(account: StaffAccount, first: date, last: date, by: StaffAccount) -> dict[str, list[str]]:
    this_day = today()
    if last < max(first, this_day):
        return {"last": [texts.LEAVE_ENDS_EARLY]}
    if first > this_day + AHEAD:
        return {"first": [texts.LEAVE_TOO_FAR.format(days=AHEAD.days)]}
    days = (last - max(first, this_day)).days + 1
    if by.id == account.id and days > MOST_DAYS_ONESELF:
        return {"last": [texts.LEAVE_TOO_LONG_ONESELF.format(days=MOST_DAYS_ONESELF)]}
    if days > MOST_DAYS:
        return {"last": [texts.LEAVE_TOO_LONG.format(days=MOST_DAYS)]}
    return {}


def _stand_in_fault(
    account: StaffAccount, stand_in: StaffAccount, first: date, last: date, by: StaffAccount, grants: Grants
) -> str | None:
    """What speaks against this stand-in, or None."""
    if stand_in.id == account.id or not stand_in.active:
        return texts.STAND_IN_UNFIT
    if stand_in.id == by.id:
        return texts.STAND_IN_ONESELF
    if by.id == account.id:
        reachable = stand_in.home_id == account.home_id
    else:
        reachable = stand_in.home_id in grants.nodes(Permission.ARRANGE_LEAVE)
    if not reachable:
        return texts.STAND_IN_ELSEWHERE
    if (
        stand_in.absent_from
        and stand_in.absent_until
        and stand_in.absent_from <= last
        and first <= stand_in.absent_until
    ):
        return texts.STAND_IN_ABSENT
    return None


def _hand_over(
    account: StaffAccount, stand_in: StaffAccount, first: date, last: date, by: StaffAccount
) -> list[RoleAssignment]:
    starts, ends = max(start_of_day(first), now()), end_of_day(last)
    given = []
    for own in lasting_assignments([account.id]):
        begins = max(starts, own.starts_at)
        until = ends if own.ends_at is None else min(ends, own.ends_at)
        if own.stand_in_for is not None or until <= begins:
            continue
        require_compatible(stand_in.id, own.role, begins, until)
        given.append(
            RoleAssignment(
                id=new_id(),
                account_id=stand_in.id,
                role=own.role,
                node_id=own.node_id,
                starts_at=begins,
                ends_at=until,
                stand_in_for=account.id,
                source_id=own.id,
                given_by=by.id,
            )
        )
        session().add(given[-1])
        session().flush()
    return given


def _end_stand_ins(account_id: uuid.UUID) -> None:
    end_all(stand_ins_of(account_id), now())
