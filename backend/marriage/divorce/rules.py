"""The clock of a divorce application and the moves it may make, pure (domain-rules §2.6; 民法典 1076-1078, 201-203).

Day 1 is the day after the receipt. Thirty days to think, moved past rest days; then thirty days, counted from the
moved end and moved again, in which both ask for the certificate together. A day that rests on a year whose notice is
missing is provisional: shown as such, counted anew when the notice comes, and nothing ends on it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.kernel.legal_calendar import ONE_DAY, LegalCalendar

# 民法典 1077, both paragraphs; no bureau may change them.
COOLING_DAYS = 30
WINDOW_DAYS = 30


@dataclass(frozen=True)
class DivorceClock:
    """The days of one application. `cool_provisional`: the end of the cooling days may still move; `provisional`:
    some day may.
    """

    d0: date
    cool_nominal: date
    cool_last: date
    win_first: date
    win_last: date
    cool_provisional: bool
    provisional: bool


def divorce_clock(d0: date, calendar: LegalCalendar) -> DivorceClock:
    """The days that follow from the date on the receipt (民法典 1077, 201, 203)."""
    nominal = d0 + timedelta(days=COOLING_DAYS)
    cool = calendar.roll(nominal)
    last = calendar.roll(cool.day + timedelta(days=WINDOW_DAYS))
    return DivorceClock(
        d0=d0,
        cool_nominal=nominal,
        cool_last=cool.day,
        win_first=cool.day + ONE_DAY,
        win_last=last.day,
        cool_provisional=cool.provisional,
        provisional=cool.provisional or last.provisional,
    )


class CaseState(StrEnum):
    """Where an application stands."""

    ACCEPTED = "accepted"  # the day of the receipt itself
    COOLING = "cooling"
    WINDOW = "window"
    WITHDRAWN = "withdrawn"
    ISSUED = "issued"
    LAPSED = "lapsed"  # 视为撤回
    ENDED = "ended"  # one of the two has died, and the marriage with them


OPEN_STATES = (CaseState.ACCEPTED, CaseState.COOLING, CaseState.WINDOW)

_OVER = frozenset({CaseState.WITHDRAWN, CaseState.ENDED})
# Every move an application may make. Back to an earlier open state: its days moved. Out of LAPSED and ENDED: the
# registrar's record wins, and a death can be recorded by mistake.
MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.ACCEPTED: _OVER | {CaseState.COOLING, CaseState.WINDOW, CaseState.LAPSED},
    CaseState.COOLING: _OVER | {CaseState.ACCEPTED, CaseState.WINDOW, CaseState.LAPSED},
    CaseState.WINDOW: frozenset(
        {CaseState.ACCEPTED, CaseState.COOLING, CaseState.ISSUED, CaseState.LAPSED, CaseState.ENDED}
    ),
    CaseState.LAPSED: frozenset({CaseState.ISSUED, CaseState.WINDOW, CaseState.COOLING}),
    CaseState.ENDED: frozenset({CaseState.ACCEPTED, CaseState.COOLING, CaseState.WINDOW, CaseState.LAPSED}),
    CaseState.WITHDRAWN: frozenset(),
    CaseState.ISSUED: frozenset(),
}


def state_at(clock: DivorceClock, moment: datetime, closes_at: datetime) -> CaseState:
    """Where an application whose end nobody recorded stands at `moment` (aware, 北京时间).

    `closes_at` is the close of business of `win_last`: before it nothing lapses, and on a provisional day neither.
    """
    today = moment.date()
    if moment >= closes_at and not clock.provisional:
        return CaseState.LAPSED
    if today >= clock.win_first and not clock.cool_provisional:
        return CaseState.WINDOW
    return CaseState.COOLING if today > clock.d0 else CaseState.ACCEPTED


def may_withdraw(clock: DivorceClock, day: date) -> bool:
    """Whether either of the two may withdraw on a day: from the receipt to the last cooling day, that day included."""
    return clock.d0 <= day and (day <= clock.cool_last or clock.cool_provisional)


def may_issue(clock: DivorceClock, day: date, calendar: LegalCalendar) -> bool:
    """Whether the certificate may be issued on a day: a legal workday within the window (never on `cool_last`)."""
    return in_window(clock, day) and calendar.is_workday(day)


def in_window(clock: DivorceClock, day: date) -> bool:
    """Whether a day lies in the window, rest days among them; never while the beginning is provisional."""
    return clock.win_first <= day <= clock.win_last and not clock.cool_provisional


def days_left(clock: DivorceClock, today: date, calendar: LegalCalendar) -> int:
    """Legal workdays of the window that are still to come, today among them."""
    first = max(today, clock.win_first)
    return sum(calendar.is_workday(day) for day in calendar.span(first, clock.win_last))


def is_closing(clock: DivorceClock, today: date, rescue_days: int, calendar: LegalCalendar) -> bool:
    """Whether the window is open and closes within `rescue_days` (§2.5-3).

    Counted in legal workdays, so that a long holiday does not eat up the days in which a couple could be helped.
    """
    return in_window(clock, today) and days_left(clock, today, calendar) <= rescue_days


_MODULUS = 10**8
_MULTIPLIER = 73_687_879  # coprime to the modulus, so that a number tells nothing of how many there are


def case_number(serial: int) -> str:
    """The number of an application within this system: `SL` and eight digits."""
    return f"SL{serial * _MULTIPLIER % _MODULUS:08d}"


# --- care (§2.6: opt-in for each person) ---


class ContactState(StrEnum):
    """Where one contact of a social worker stands."""

    DUE = "due"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    DROPPED = "dropped"  # the application is over, or the person does not want it any more


class CareEnd(StrEnum):
    """Why care stopped."""

    OPTED_OUT = "opted_out"
    CASE_OVER = "case_over"


def contact_days(d0: date, days: tuple[int, ...], clock: DivorceClock, calendar: LegalCalendar) -> dict[int, date]:
    """When each contact is due: so many days after the receipt, on a workday, while the application can be open."""
    due = {day: calendar.roll(d0 + timedelta(days=day)).day for day in sorted(set(days))}
    return {day: when for day, when in due.items() if when <= clock.win_last}
