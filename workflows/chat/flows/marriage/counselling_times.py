"""Choosing a time to talk: the steps that booking and moving share.

`answers["times"]` is what was listed, so that a number means what the person saw; a day or a half of it that was spoken
of stands in the answers until the list it belongs to is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from backend.kernel.chinese_dates import spoken_day, spoken_moment
from workflows.chat.engine import Again, Answered, Done, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.counselling_words import FULL
from workflows.chat.flows.marriage.wishes import note_wanted
from workflows.chat.understanding import Part, pick

_LISTED, _LOOKED_AT = 6, 120
_NOON = time(12, 30)
_HINT = "请回复时间前面的数字，或直接说日期，如“下周三下午”。"


def list_times(turn: Turn, opening: str) -> Question | Done:
    """A list of free times: of the day or half of a day that was wished for, else spread over the days ahead."""
    answers, port = turn.answers, turn.ports.counselling
    today, last = turn.now.date(), port.last_day(turn.answers["office"])
    wanted, part, at = answers.pop("wanted", None), answers.pop("part", None), answers.pop("at", None)

    def between(first: date, until: date) -> Sequence[datetime]:
        return port.times(answers["matter"], answers["office"], answers["way"], first, until, _LOOKED_AT)

    found: Sequence[datetime] = []
    if wanted or part or at:
        first, until = (date.fromisoformat(day) for day in wanted) if wanted else (today, last)
        found = [one for one in between(max(first, today), until) if _fits(one, part, at)] if until >= today else []
        named = f"{spoken_day(first)}" if wanted and first == until else "那个时候"
        opening = opening if found else f"{named}没有空，最近的是："
        found = found[:_LISTED]
    if not found:
        found = _spread(between(today, last))
    if not found:
        return Done(FULL)
    answers["times"] = [one.isoformat() for one in found]
    return Question("\n".join([opening, *(f"{n} {spoken_moment(one)}" for n, one in enumerate(found, 1))]))


def _fits(moment: datetime, part: str | None, at: str | None) -> bool:
    if at is not None:
        return moment.time() == time.fromisoformat(at)
    return part is None or (part == Part.MORNING.name) == (moment.time() < _NOON)


def _spread(times: Sequence[datetime]) -> Sequence[datetime]:
    """The first of each half of each day, so that a list of six tells more than one morning."""
    firsts: dict[tuple[date, bool], datetime] = {}
    for one in times:
        firsts.setdefault((one.date(), one.time() < _NOON), one)
    rest = (one for one in times if one not in firsts.values())
    return sorted([*firsts.values(), *rest][:_LISTED])


def chosen_time(turn: Turn, text: str, opening: str) -> datetime | Answered:
    """The listed time that was chosen; else what is said instead, with another list for a day that was spoken of."""
    times = [datetime.fromisoformat(one) for one in turn.answers["times"]]
    index = pick(text, [spoken_moment(one) for one in times])
    if index is not None:
        return times[index]
    if note_wanted(turn, text):
        return again(turn, "", opening)
    return NotUnderstood(_HINT)


def again(turn: Turn, saying: str, opening: str = "请选时间：") -> Answered:
    """Another list, after a word on why."""
    asked = list_times(turn, opening)
    if isinstance(asked, Done):
        return asked
    return Again("\n".join(part for part in (saying, asked.text) if part))
