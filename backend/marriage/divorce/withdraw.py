"""Use case `withdraw_application` (M3): either of the two takes the application back while the law lets them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from backend.kernel.actors import Actor
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.marriage.divorce import texts
from backend.marriage.divorce.history import clean_reason, locked_case, move, office_of, require
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.divorce.notices import tell_withdrawn
from backend.marriage.divorce.parameters import closes_at
from backend.marriage.divorce.parties import parties_of
from backend.marriage.divorce.rules import CaseState, may_withdraw
from backend.storage import atomic


@dataclass(frozen=True)
class Withdrawal:
    """Who withdraws (position 0 or 1). The registrar has seen the card and the receipt.

    `came_in_time`: why it counts although the office has closed, for somebody who was there before.
    """

    position: int
    card_seen: bool
    receipt_seen: bool
    came_in_time: str = ""


def withdraw_application(case_id: uuid.UUID, withdrawal: Withdrawal, account_id: uuid.UUID) -> DivorceCase:
    """Withdraw, from the day of the receipt to the close of business of the last cooling day (民法典 1077 first para.).

    No sanction and no missing appointment ever stands against it (domain-rules §2.5-1). Raises `AppError`: not_found,
    invalid (card, receipt, who), too_late, state_conflict.
    """
    _check(withdrawal)
    with atomic():
        case = locked_case(case_id)
        if case.state is CaseState.WINDOW:
            raise AppError("too_late", texts.WITHDRAWAL_OVER.format(day=spoken_day(case.cool_last)), 409)
        require(case, (CaseState.ACCEPTED, CaseState.COOLING))
        office, reason = office_of(case), clean_reason(withdrawal.came_in_time)
        if not may_withdraw(case.clock, today()):
            raise AppError("too_late", texts.WITHDRAWAL_OVER.format(day=spoken_day(case.cool_last)), 409)
        if today() == case.cool_last and now() >= closes_at(office.code, today()) and not reason:
            raise _needs_reason()
        party = parties_of(case_id)[withdrawal.position]
        # Who it was stands in the history for the registrar and the archive, and is told to nobody (§2.6).
        detail = {"position": withdrawal.position}
        move(case, "withdrawn", CaseState.WITHDRAWN, Actor("staff", account_id), reason or None, detail)
        tell_withdrawn(case, office, party)
        return case


def _check(withdrawal: Withdrawal) -> None:
    errors: dict[str, list[str]] = {}
    if withdrawal.position not in (0, 1):
        errors["position"] = [texts.WHO_MISSING]
    if not withdrawal.card_seen:
        errors["card_seen"] = [texts.CARD_NOT_SEEN]
    if not withdrawal.receipt_seen:
        errors["receipt_seen"] = [texts.RECEIPT_NOT_SEEN]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)


def _needs_reason() -> AppError:
    return AppError("invalid", texts.CLOSED_ALREADY, 422, errors={"came_in_time": [texts.CLOSED_ALREADY]})
