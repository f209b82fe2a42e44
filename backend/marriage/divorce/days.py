"""Days of applications that change: the day table was loaded anew, or a registrar puts them right (§2.6, §8-3)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.divorce import texts
from backend.marriage.divorce.history import bring_up, clean_reason, locked_case, move, office_of, record, require
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.divorce.notices import plan_reminders, tell_dates
from backend.marriage.divorce.parameters import lapses_at
from backend.marriage.divorce.parties import parties_of
from backend.marriage.divorce.rules import OPEN_STATES, CaseState, DivorceClock, divorce_clock, state_at
from backend.storage import atomic, session

_DAYS = ("d0", "cool_nominal", "cool_last", "win_first", "win_last")
_FLAGS = ("cool_provisional", "provisional")
# What people were told and act on; a day that only became certain is not worth a message.
_TOLD = ("cool_last", "win_first", "win_last")


@dataclass(frozen=True)
class Correction:
    """What the registrar's record says. Without the two ends they are counted from `d0` by the day table."""

    d0: date
    cool_last: date | None
    win_last: date | None
    reason: str


def recount(case: DivorceCase) -> bool:
    """Count a locked open application's days anew; whether something moved. What a registrar has set stays."""
    if case.fixed or case.state not in OPEN_STATES:
        return False
    return _take(case, divorce_clock(case.d0, legal_calendar()), "recounted", SYSTEM, None)


def correct_days(case_id: uuid.UUID, correction: Correction, account_id: uuid.UUID) -> DivorceCase:
    """Put the days of an application as the registrar's record has them: it wins over our clock (§2.6).

    An application that lapsed by a wrong day is open again when the right one says so. Both are told if a day of
    theirs moved. Raises `AppError`: not_found, invalid (days, no reason), state_conflict (withdrawn, issued, ended).
    """
    clock, reason = _corrected(correction), clean_reason(correction.reason)
    if not reason:
        raise AppError("invalid", texts.REASON_MISSING, 422, errors={"reason": [texts.REASON_MISSING]})
    with atomic():
        case = locked_case(case_id)
        require(case, (*OPEN_STATES, CaseState.LAPSED))
        case.fixed = True
        if not _take(case, clock, "corrected", Actor("staff", account_id), reason):
            record(case, "corrected", Actor("staff", account_id), case.state, reason)
        return case


def _corrected(correction: Correction) -> DivorceClock:
    counted = divorce_clock(correction.d0, legal_calendar())
    cool_last = correction.cool_last or counted.cool_last
    win_last = correction.win_last or (counted if cool_last == counted.cool_last else _from(cool_last)).win_last
    errors: dict[str, list[str]] = {}
    if correction.d0 > today():
        errors["d0"] = [texts.D0_AHEAD]
    if cool_last < counted.cool_nominal:
        errors["cool_last"] = [texts.COOLING_SHORT]
    if win_last <= cool_last:
        errors["win_last"] = [texts.WINDOW_EMPTY]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)
    days = {"cool_last": cool_last, "win_first": cool_last + ONE_DAY, "win_last": win_last}
    return replace(counted, **days, cool_provisional=False, provisional=False)


def _from(cool_last: date) -> DivorceClock:
    """The clock whose cooling days end on a given day; only the end of its window is of use."""
    last = legal_calendar().roll(cool_last + (divorce_clock(cool_last, legal_calendar()).cool_nominal - cool_last))
    return DivorceClock(cool_last, cool_last, cool_last, cool_last + ONE_DAY, last.day, False, last.provisional)


def _take(case: DivorceCase, clock: DivorceClock, event: str, actor: Actor, reason: str | None) -> bool:
    """Keep other days, with what follows from them: the event, the state, the reminders, the word to each person."""
    before = case.clock
    changed = {name for name in (*_DAYS, *_FLAGS) if getattr(before, name) != getattr(clock, name)}
    if not changed:
        return False
    case.take_clock(clock)
    case.changed_at = now()
    detail = {name: [_json(getattr(before, name)), _json(getattr(clock, name))] for name in sorted(changed)}
    office = office_of(case)
    stands = state_at(clock, now(), lapses_at(office.code, clock))
    if stands is not case.state and not (case.state is CaseState.LAPSED and stands is CaseState.ACCEPTED):
        move(case, event, stands, actor, reason, detail)
    else:
        session().flush()
        record(case, event, actor, case.state, reason, detail)
    parties = list(parties_of(case.id))
    plan_reminders(case, office, parties)
    if changed & set(_TOLD) and case.state in OPEN_STATES:
        for party in parties:
            tell_dates("marriage.case_dates_moved", case, office, party)
    return True


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


__all__ = ["Correction", "bring_up", "correct_days", "recount"]
