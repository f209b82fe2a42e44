"""The clock of something that waits: on time, soon due, overdue; told by a word and an icon, never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.console import texts

# Soon: within the last quarter of its time, and at least within the last quarter of an hour.
_SOON_SHARE = 4
_SOON_AT_LEAST = timedelta(minutes=15)


class ClockState(StrEnum):
    """OPEN: nothing says by when."""

    NORMAL = "normal"
    SOON = "soon"
    OVERDUE = "overdue"
    OPEN = "open"


@dataclass(frozen=True)
class Clock:
    """How something stands in time: `word` names the state, `told` how much time is left, over, or has passed."""

    state: ClockState
    word: str
    told: str


def clock_of(since: datetime, due: datetime | None, moment: datetime) -> Clock:
    """The clock of what has waited since `since` and is due at `due`; moments are aware."""
    if due is None:
        return _clock(ClockState.OPEN, texts.WAITED.format(span=span(moment - since)) if moment > since else "")
    if due < moment:
        return _clock(ClockState.OVERDUE, texts.TIME_OVER.format(span=span(moment - due)))
    left = due - moment
    soon = left <= max((due - since) / _SOON_SHARE, _SOON_AT_LEAST)
    told = texts.TIME_LEFT.format(span=span(left)) if left >= timedelta(minutes=1) else texts.TIME_NOW
    return _clock(ClockState.SOON if soon else ClockState.NORMAL, told)


def span(length: timedelta) -> str:
    """A length of time, as exact as it matters: days, from three hours whole hours, from one hour with minutes."""
    minutes = max(1, int(length / timedelta(minutes=1)))
    if length >= timedelta(days=2):
        return texts.SPAN_DAYS.format(days=length.days)
    if minutes >= 180 or (minutes >= 60 and minutes % 60 == 0):
        return texts.SPAN_HOURS.format(hours=minutes // 60)
    if minutes >= 60:
        return texts.SPAN_HOURS_MINUTES.format(hours=minutes // 60, minutes=minutes % 60)
    return texts.SPAN_MINUTES.format(minutes=minutes)


def _clock(state: ClockState, told: str) -> Clock:
    return Clock(state, texts.CLOCKS[state.value], told)
