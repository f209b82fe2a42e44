"""Use case `issue_certificate` (M4): both are there, within the window, at the office that received the application."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from backend.calendar import legal_calendar
from backend.kernel.actors import Actor
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import today
from backend.kernel.errors import AppError
from backend.marriage.divorce import texts
from backend.marriage.divorce.history import clean_reason, locked_case, move, require
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.divorce.rules import CaseState, may_issue
from backend.storage import atomic


@dataclass(frozen=True)
class Issuing:
    """What the registrar has made sure of (民法典 1077, 1078).

    `came_in_time`: why it counts although the office has closed on the last day, for two who were there before.
    """

    both_present: bool
    both_willing: bool
    came_in_time: str = ""


def issue_certificate(case_id: uuid.UUID, issuing: Issuing, account_id: uuid.UUID) -> DivorceCase:
    """Record that the certificate was issued: on a legal workday of the window, both present.

    The office is the case's own: callers find cases only among the offices of the person at the desk. Raises
    `AppError`: not_found, invalid (not both there, not both willing), too_early, state_conflict.
    """
    _check(issuing)
    with atomic():
        case, reason = locked_case(case_id), clean_reason(issuing.came_in_time)
        if case.state in (CaseState.ACCEPTED, CaseState.COOLING):
            raise _too_early(case)
        if case.state is CaseState.LAPSED and today() == case.win_last:
            # It lapsed at the close of this very day: whoever was there before it still is in time.
            if not reason:
                raise AppError("invalid", texts.CLOSED_ALREADY, 422, errors={"came_in_time": [texts.CLOSED_ALREADY]})
        else:
            require(case, (CaseState.WINDOW,))
        if not may_issue(case.clock, today(), legal_calendar()):
            raise AppError("state_conflict", texts.NOT_A_WORKDAY, 409, extra={"state": case.state.value})
        move(case, "issued", CaseState.ISSUED, Actor("staff", account_id), reason or None)
        return case


def _too_early(case: DivorceCase) -> AppError:
    if case.cool_provisional:
        return AppError("too_early", texts.DAYS_NOT_CERTAIN, 409)
    return AppError("too_early", texts.ISSUE_EARLY.format(day=spoken_day(case.win_first)), 409)


def _check(issuing: Issuing) -> None:
    errors: dict[str, list[str]] = {}
    if not issuing.both_present:
        errors["both_present"] = [texts.NOT_BOTH_PRESENT]
    if not issuing.both_willing:
        errors["both_willing"] = [texts.NOT_BOTH_WILLING]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)
