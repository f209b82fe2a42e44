"""What a sentence wishes of day and time, kept in the answers until the step it belongs to takes it.

`answers`: `office` (id), `wanted` (first and last day), `part` (of the day), `at` (time of the clock),
`wish` (the days last asked for, where all their places are taken).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from workflows.chat.engine import GoTo, Turn
from workflows.chat.ports import MARRIAGE, DayChoice, TimeChoice
from workflows.chat.understanding import normalise, read_time, read_when, says

Chosen = Callable[[Turn, TimeChoice], GoTo]


def note_wanted(turn: Turn, text: str) -> bool:
    """Keep the day, part of day or time a sentence speaks of; False when it speaks of none."""
    when = read_when(text, turn.now.date())
    part, clock_time = (when.part, when.time) if when else read_time(text)
    if when is not None:
        turn.answers["wanted"] = [when.first.isoformat(), when.last.isoformat()]
    if part is not None:
        turn.answers["part"] = part.name
    if clock_time is not None:
        turn.answers["at"] = clock_time.isoformat(timespec="minutes")
    return when is not None or part is not None or clock_time is not None


def wishes_other_day(text: str) -> bool:
    """Whether somebody who is choosing wants to choose again, without saying what."""
    return says(normalise(text), "换个时间", "换时间", "换个日子", "换一天", "换天", "改时间", "重新选", "别的时间")


def elsewhere(turn: Turn, text: str) -> GoTo | None:
    """Back to choosing, for a sentence that speaks of another day or time after one was chosen."""
    if note_wanted(turn, text):
        return GoTo("day" if "wanted" in turn.answers else "time")
    return GoTo("day") if wishes_other_day(text) else None


def free_days(turn: Turn, first: date, last: date) -> Sequence[DayChoice]:
    """Days of the chosen registry with something free."""
    return turn.ports.marriage.free_days(turn.answers["office"], first, last, kind_of(turn))


def kind_of(turn: Turn) -> str:
    """The kind of business the conversation is about."""
    kind: str = turn.answers.get("kind", MARRIAGE)
    return kind


def free_times(turn: Turn, day: date) -> list[TimeChoice]:
    """The free times of one day; `answers["provisional"]` then tells whether the day's year is without a notice."""
    found = free_days(turn, day, day)
    turn.answers["provisional"] = any(choice.provisional for choice in found)
    return [slot for choice in found for slot in choice.times if slot.free]


def provisional_note(day: date) -> str:
    """What stands beside a day of a year whose holidays are not published (domain-rules §1.1-6)."""
    return f"{day.year}年放假安排还没公布，以登记处通知为准"
