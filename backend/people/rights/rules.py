"""Requests about one's own data, pure: kinds, states and their moves, clocks, reasons to refuse (PIPL 44-50)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from backend.kernel.legal_calendar import ONE_DAY, CountedDay, LegalCalendar

# domain-rules §6.1: fifteen workdays, a local rule; the law says "in good time" (PIPL 50).
ANSWER_WORKDAYS = 15


class RequestKind(StrEnum):
    """What may be asked for. To look at one's data needs no request: it is shown at once."""

    EXPORT = "export"  # a copy, PIPL 45
    CORRECT = "correct"  # 46
    DELETE = "delete"  # 47
    CLOSE_ACCOUNT = "close_account"  # 47; 网络数据安全管理条例 23
    TAKE_DOWN = "take_down"  # by a close relative of somebody who died, 49


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IN_WORK = "in_work"
    DONE = "done"
    REFUSED = "refused"


OPEN_STATES = (RequestState.RECEIVED, RequestState.IN_WORK)

# Every move a request may make; what is done or refused stays so, and is asked for anew.
MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.RECEIVED: frozenset({RequestState.IN_WORK, RequestState.DONE, RequestState.REFUSED}),
    RequestState.IN_WORK: frozenset({RequestState.DONE, RequestState.REFUSED}),
    RequestState.DONE: frozenset(),
    RequestState.REFUSED: frozenset(),
}

# Carried out at once for whoever is signed in: nothing has to be judged.
AT_ONCE = frozenset({RequestKind.EXPORT, RequestKind.CLOSE_ACCOUNT})
# What the request must say in words.
WITH_WORDS = frozenset({RequestKind.CORRECT})


class Via(StrEnum):
    """Where somebody gave a consent or made a request."""

    CHAT = "chat"
    API = "api"
    DESK = "desk"


class Relation(StrEnum):
    """Close relatives of somebody who died (民法典 1045), who may act under PIPL 49."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"


class RefusalReason(StrEnum):
    """Why a request cannot be met; each has its sentence and its remedy in `texts`."""

    KEPT_BY_LAW = "kept_by_law"  # PIPL 47 last paragraph
    STILL_UNDER_WAY = "still_under_way"
    LEGAL_HOLD = "legal_hold"
    NOT_PROVEN = "not_proven"  # who asks, or the relation
    NOTHING_HELD = "nothing_held"
    ALREADY_RIGHT = "already_right"
    FIXED_ONCE_BOOKED = "fixed_once_booked"  # domain-rules §2.5-2
    CONCERNS_OTHERS = "concerns_others"


class Warmth(StrEnum):
    """How pressing an open request is; shown in words, never by colour alone."""

    CALM = "calm"
    SOON = "soon"  # 70 % of the time is used
    URGENT = "urgent"  # 90 %
    OVERDUE = "overdue"


_SOON, _URGENT = 70, 90


def due_day(received: date, calendar: LegalCalendar) -> CountedDay:
    """The last day for an answer: the fifteenth legal workday after the day of receipt (domain-rules §1.1-7)."""
    return calendar.add_workdays(received, ANSWER_WORKDAYS)


def workdays_used(received: date, today: date, calendar: LegalCalendar) -> int:
    """How many legal workdays have begun since the day of receipt, that day not counted (民法典 201)."""
    return sum(calendar.is_workday(day) for day in calendar.span(received + ONE_DAY, today))


def workdays_left(due: date, today: date, calendar: LegalCalendar) -> int:
    """Legal workdays still to come, the due day counted; 0 on it and after it."""
    return sum(calendar.is_workday(day) for day in calendar.span(today + ONE_DAY, due))


def warmth(received: date, due: date, today: date, calendar: LegalCalendar) -> Warmth:
    """How pressing a request is on a day."""
    if today > due:
        return Warmth.OVERDUE
    share = workdays_used(received, today, calendar) * 100
    if share >= _URGENT * ANSWER_WORKDAYS:
        return Warmth.URGENT
    return Warmth.SOON if share >= _SOON * ANSWER_WORKDAYS else Warmth.CALM


_MODULUS = 10**6
_MULTIPLIER = 736_879  # coprime to the modulus, so that the number tells nothing of how many there are


def request_number(serial: int) -> str:
    """The number people quote: `GX` and six digits."""
    return f"GX{serial * _MULTIPLIER % _MODULUS:06d}"


def answered_in_time(closed_at: datetime, due: date) -> bool:
    """Whether an answer came by the end of the due day; `closed_at` in 北京时间."""
    return closed_at.date() <= due
