"""Waiting lists, pure: the states of an entry, and until when an offer holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.opening import at

# When people may be told something (domain-rules §7); as the messages room has it.
DAY_BEGINS, DAY_ENDS = time(8), time(21)


class WaitingState(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # a place is kept for them
    BOOKED = "booked"
    LEFT = "left"
    ENDED = "ended"  # the days are over, offers were left unanswered too often, or they have a place


OPEN_STATES = (WaitingState.WAITING, WaitingState.OFFERED)

MOVES: Mapping[WaitingState, frozenset[WaitingState]] = {
    WaitingState.WAITING: frozenset({WaitingState.OFFERED, WaitingState.LEFT, WaitingState.ENDED}),
    WaitingState.OFFERED: frozenset({WaitingState.BOOKED, WaitingState.WAITING, WaitingState.LEFT, WaitingState.ENDED}),
    WaitingState.BOOKED: frozenset(),
    WaitingState.LEFT: frozenset(),
    WaitingState.ENDED: frozenset(),
}


def offer_until(moment: datetime, minutes: int) -> datetime:
    """Until when an offer made at `moment` holds: so many minutes, of which those of the quiet hours do not count.

    A place that comes free at ten in the evening is kept at once, told at eight in the morning and kept half an hour
    from then: people are left in peace at night (domain-rules §7), and nobody loses a place in their sleep.
    """
    left = timedelta(minutes=minutes)
    while True:
        begins, ends = at(moment.date(), DAY_BEGINS), at(moment.date(), DAY_ENDS)
        moment = max(moment, begins)
        if moment < ends:
            if moment + left <= ends:
                return moment + left
            left -= ends - moment
        moment = at(moment.date() + ONE_DAY, DAY_BEGINS)
