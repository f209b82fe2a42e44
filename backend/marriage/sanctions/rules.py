"""When online booking is paused for a person, pure (domain-rules §2.5 `noshow.limit/window/block`, §2.5-1).

A pause only limits online booking: nobody is refused at the window, and M3 and M4 are never touched. It is counted, not
stored: an absence that is taken back has never been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class PauseRules:
    """So many absences, or so many cancellations, within so many days pause booking for `block_days`; 0 is never."""

    absences: int
    cancellations: int
    window_days: int
    block_days: int


@dataclass(frozen=True)
class Missed:
    """The days on which a person was absent, and on which they cancelled."""

    absences: Sequence[date] = ()
    cancellations: Sequence[date] = ()


def paused_until(missed: Missed, rules: PauseRules, today: date) -> date | None:
    """The last day on which a person cannot book online; None when they can."""
    reached = [
        *_reached(missed.absences, rules.absences, rules.window_days),
        *_reached(missed.cancellations, rules.cancellations, rules.window_days),
    ]
    until = max((day + timedelta(days=rules.block_days) for day in reached), default=None)
    return until if until is not None and until >= today else None


def _reached(days: Sequence[date], limit: int, window_days: int) -> list[date]:
    """The days that made a limit full: the limit-th within the window that ends with them."""
    if limit == 0:
        return []
    window = timedelta(days=window_days)
    return [day for day in days if sum(day - window < other <= day for other in days) >= limit]
