"""Until when a couple may choose another time than the one it was given (domain-rules §2.5-4). Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from backend.marriage.opening import BookingRules, at, change_closes_at

# People answer after work.
_EVENING = time(20, 0)
# Whatever the days are set to: nobody is asked and refused at the same moment.
_LEAST = timedelta(hours=2)


def answer_until(moment: datetime, days: int, new_start: datetime, rules: BookingRules) -> datetime:
    """Until when a couple may choose another time than `new_start`, offered at `moment`: eight in the evening, `days`
    days later, but not after changes to the new day close for everybody (§2.5 `cancel_cutoff`).
    """
    evening = at(moment.date() + timedelta(days=days), _EVENING)
    return max(min(evening, change_closes_at(new_start.date(), rules)), moment + _LEAST)
