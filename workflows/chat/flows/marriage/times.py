"""Choosing a time on the chosen day: the second of the two steps that booking and moving share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from backend.kernel.chinese_dates import spoken_day, weekday_name
from workflows.chat.engine import Again, Answered, Asked, GoTo, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.wishes import Chosen, free_times, note_wanted, provisional_note, wishes_other_day
from workflows.chat.ports import TimeChoice
from workflows.chat.understanding import Part, pick

LISTED_TIMES = 7
NOON = time(12, 30)

_HALVES = (("上午", Part.MORNING), ("下午", Part.AFTERNOON))
_HINT = "请回复上面的数字，或直接说几点，如“上午10点”。想换一天请说日期。"


def ask_time(turn: Turn, chosen: Chosen) -> Asked:
    """List the day's times, or the half of the day to begin with; a time that was said and is free is taken at once."""
    day = date.fromisoformat(turn.answers["day"])
    times = free_times(turn, day)
    if not times:
        return GoTo("day", f"{spoken_day(day)}刚刚约满了。")
    at = turn.answers.pop("at", None)
    if at is not None:
        wanted = datetime.combine(day, time.fromisoformat(at), turn.now.tzinfo)
        covering = next((slot for slot in times if slot.starts_at <= wanted < slot.ends_at), None)
        if covering is not None:
            turn.answers.pop("part", None)
            return chosen(turn, covering)
    return _ask_among(turn, day, times)


def _ask_among(turn: Turn, day: date, times: Sequence[TimeChoice]) -> Question:
    part = turn.answers.pop("part", None)
    note = f"（{provisional_note(day)}）" if turn.answers["provisional"] else ""
    named = f"{spoken_day(day)}（{weekday_name(day)}）"
    offered = _in_part(times, Part[part]) if part else times
    if not offered:
        return _show_times(turn, f"{named}这个时候约满了，当天还有这些{note}，回数字或直接说几点：", times)
    counts = [sum(slot.free for slot in _in_part(times, half)) for _, half in _HALVES]
    if part is None and len(times) > LISTED_TIMES and all(counts):
        turn.answers["times"] = []
        lines = [f"{number} {name}（{counts[number - 1]}个）" for number, (name, _) in enumerate(_HALVES, start=1)]
        return Question("\n".join([f"{named}想上午还是下午？{note}", *lines, "也可以直接说几点，如“10点”。"]))
    return _show_times(turn, f"{named}还有这些时间{note}，回数字或直接说几点：", offered)


def _show_times(turn: Turn, opening: str, times: Sequence[TimeChoice]) -> Question:
    shown = times[:LISTED_TIMES]
    turn.answers["times"] = [slot.slot_id for slot in shown]
    lines = [
        f"{number} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}（{slot.free}个）"
        for number, slot in enumerate(shown, start=1)
    ]
    if len(times) > len(shown):
        lines[-1] += f" 后面到{times[-1].starts_at:%H:%M}也有"
    return Question("\n".join([opening, *lines]))


def answer_time(turn: Turn, text: str, chosen: Chosen) -> Answered:
    """Take another day, a time of the clock, a half of the day, or a listed number."""
    # A spoken day first: “26号下午” also says which half of the day was listed, but says more.
    if note_wanted(turn, text):
        at = turn.answers.get("at")
        return GoTo("day") if "wanted" in turn.answers else _again(turn, chosen, f"没有正好{at}的空位。" if at else "")
    times = {slot.slot_id: slot for slot in free_times(turn, date.fromisoformat(turn.answers["day"]))}
    listed = turn.answers["times"]
    labels = [f"{times[slot_id].starts_at:%H:%M}" if slot_id in times else "" for slot_id in listed]
    index = pick(text, labels or [name for name, _ in _HALVES])
    if index is None:
        return GoTo("day") if wishes_other_day(text) else NotUnderstood(_HINT)
    if not listed:
        turn.answers["part"] = _HALVES[index][1].name
        return _again(turn, chosen, "")
    slot = times.get(listed[index])
    return chosen(turn, slot) if slot else _again(turn, chosen, "这个时间刚刚约满了。")


def _again(turn: Turn, chosen: Chosen, saying: str) -> Answered:
    asked = ask_time(turn, chosen)
    if isinstance(asked, GoTo):
        return asked
    return Again(saying + (asked.text if isinstance(asked, Question) else asked.saying))


def _in_part(times: Sequence[TimeChoice], part: Part) -> list[TimeChoice]:
    morning = part is Part.MORNING
    return [slot for slot in times if (slot.starts_at.time() < NOON) is morning]
