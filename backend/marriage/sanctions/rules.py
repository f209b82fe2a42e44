"""When online booking is paused for a person, pure (domain-rules §2.5 `noshow.limit/window/block`, §2.5-1).

A bureau has any number of rules at once; the longest pause that one of them gives holds. A pause only limits online
booking: nobody is refused at the window, and M3 and M4 are never touched. It is counted, not stored: an absence that
is taken back has never been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True)
class PauseRule:
    """So many absences and so many cancellations within `within_days` pause booking for `pause_days`.

    Both counts have to be reached; one of them may be 0, and then it does not matter.
    """

    absences: int
    cancellations: int
    within_days: int
    pause_days: int


@dataclass(frozen=True)
class Missed:
    """The days on which a person was absent, and on which they cancelled."""

    absences: Sequence[date] = ()
    cancellations: Sequence[date] = ()

    def with_absence(self, day: date) -> Missed:
        """As if they were absent once more."""
        return replace(self, absences=[*self.absences, day])

    def with_cancellation(self, day: date) -> Missed:
        """As if they cancelled once more."""
        return replace(self, cancellations=[*self.cancellations, day])


def paused_until(missed: Missed, rules: Sequence[PauseRule], today: date) -> date | None:
    """The last day on which a person cannot book online; None when they can."""
    ends = [day + timedelta(days=rule.pause_days) for rule in rules for day in _reached(missed, rule)]
    until = max(ends, default=None)
    return until if until is not None and until >= today else None


def longest_memory(rules: Sequence[PauseRule]) -> int:
    """How many days back anything can still matter; 0 without rules."""
    return max((rule.within_days + rule.pause_days for rule in rules), default=0)


def _reached(missed: Missed, rule: PauseRule) -> list[date]:
    """The days that made a rule full: on them, within the window that ends with them, both counts are reached."""
    counted = {
        *(missed.absences if rule.absences else ()),
        *(missed.cancellations if rule.cancellations else ()),
    }
    return [day for day in counted if _full(missed, rule, day)]


def _full(missed: Missed, rule: PauseRule, day: date) -> bool:
    first = day - timedelta(days=rule.within_days)
    absences = sum(first < other <= day for other in missed.absences)
    cancellations = sum(first < other <= day for other in missed.cancellations)
    return absences >= rule.absences and cancellations >= rule.cancellations
