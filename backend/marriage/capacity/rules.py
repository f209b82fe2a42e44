"""Bulk moves, pure: where a couple's line stands, what came of a call, how far a move has come (§2.5-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LineState(StrEnum):
    """Where the move of one appointment stands."""

    WAITING = "waiting"  # no new time yet
    OFFERED = "offered"  # the new time is theirs; until the deadline they may choose another
    ACCEPTED = "accepted"
    CHOSEN = "chosen"  # another time, by themselves
    GIVEN_UP = "given_up"
    KEPT = "kept"  # they did not answer, so the new time stays
    ENDED = "ended"  # the appointment ended otherwise, or its old time is open again


OPEN_STATES = (LineState.WAITING, LineState.OFFERED)
ANSWERED_STATES = (LineState.ACCEPTED, LineState.CHOSEN, LineState.GIVEN_UP)
MOVED_STATES = (LineState.OFFERED, LineState.ACCEPTED, LineState.CHOSEN, LineState.KEPT)

MOVES: Mapping[LineState, frozenset[LineState]] = {
    LineState.WAITING: frozenset({LineState.OFFERED, LineState.CHOSEN, LineState.GIVEN_UP, LineState.ENDED}),
    LineState.OFFERED: frozenset(
        {LineState.ACCEPTED, LineState.CHOSEN, LineState.GIVEN_UP, LineState.KEPT, LineState.ENDED}
    ),
    **{state: frozenset() for state in LineState if state not in OPEN_STATES},
}


class CallResult(StrEnum):
    """What came of a telephone call about a move."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class Figures:
    """How far a move has come, in appointments; `to_call` are those somebody still has to telephone."""

    total: int = 0
    told: int = 0
    answered: int = 0
    moved: int = 0
    kept: int = 0
    given_up: int = 0
    waiting: int = 0
    to_call: int = 0
    settled: int = 0

    @property
    def percent(self) -> int:
        """The share of lines in which nothing is open any more."""
        return self.settled * 100 // self.total if self.total else 0
