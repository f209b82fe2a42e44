"""Choosing a day and a time: the two steps that booking and moving share.

Both read and write `answers`: `office` (id), `wanted` (a day or range read from a sentence), `days` and `times` (what
was listed, so that a number means what the person saw), `day`, `part`, `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from backend.kernel.chinese_dates import spoken_day, spoken_moment, weekday_name
from workflows.chat.engine import Again, Answered, Asked, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.ports import DayChoice, Refused, TimeChoice
from workflows.chat.understanding import Part, pick, read_time, read_when

Chosen = Callable[[Turn, TimeChoice], GoTo]

LISTED_DAYS = 5
LISTED_TIMES = 7
NOON = time(12, 30)

_DAY_HINT = "请回复上面的数字，或直接说日期，如“下周三上午”“12月8号”。"
_TIME_HINT = "请回复上面的数字，或直接说几点，如“上午10点”。想换一天请说日期。"


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


def choosing_steps(chosen: Chosen, leads_to: Sequence[str]) -> tuple[Step, Step]:
    """The steps `day` and `time`; `chosen` is called with the slot and says where to go, one of `leads_to`."""

    def ask_time(turn: Turn) -> Asked:
        return _ask_time(turn, chosen)

    def answer_time(turn: Turn, text: str) -> Answered:
        return _answer_time(turn, text, chosen)

    return (
        Step("day", _ask_day, _answer_day, ("time",)),
        Step("time", ask_time, answer_time, ("day", *leads_to)),
    )


def refusal_text(refused: Refused) -> str:
    """A refusal with the nearest free times, never only a no."""
    if not refused.alternatives:
        return refused.sentence
    near = "、".join(spoken_moment(choice.starts_at) for choice in refused.alternatives)
    return f"{refused.sentence}\n离得最近的空位：{near}。"


# --- the day ---


def _ask_day(turn: Turn) -> Asked:
    wanted = turn.answers.pop("wanted", None)
    if wanted is None:
        return _list_days(turn, "请选日期：", _tomorrow(turn))
    first, last = (date.fromisoformat(day) for day in wanted)
    found = _free_days(turn, first, last)
    if not found:
        return _list_days(turn, _why_none(turn, first, last), max(_tomorrow(turn), first - timedelta(days=3)))
    if len(found) == 1:
        turn.answers["day"] = found[0].day.isoformat()
        return GoTo("time")
    return _show_days(turn, "这些天有空位：", found[:LISTED_DAYS])


def _answer_day(turn: Turn, text: str) -> Answered:
    # A spoken day first: “下周三上午” also contains the label of a listed Wednesday, but says more.
    if note_wanted(turn, text):
        asked = _ask_day(turn)
        return asked if isinstance(asked, GoTo) else Again(asked.text if isinstance(asked, Question) else asked.saying)
    listed = [date.fromisoformat(day) for day in turn.answers.get("days", [])]
    index = pick(text, [f"{spoken_day(day)} {weekday_name(day)}" for day in listed])
    if index is None:
        return NotUnderstood(_DAY_HINT)
    turn.answers["day"] = listed[index].isoformat()
    return GoTo("time")


def _list_days(turn: Turn, opening: str, first: date) -> Asked:
    found = _free_days(turn, first, _last_day(turn))[:LISTED_DAYS]
    if not found:
        found = _free_days(turn, _tomorrow(turn), _last_day(turn))[:LISTED_DAYS]
    if not found:
        return Question("最近30天都约满了。每天08:30会放出新的一天，请早上再来看看，或回复“人工”。")
    return _show_days(turn, opening, found)


def _show_days(turn: Turn, opening: str, found: Sequence[DayChoice]) -> Question:
    turn.answers["days"] = [choice.day.isoformat() for choice in found]
    lines = [f"{number} {_day_line(choice)}" for number, choice in enumerate(found, start=1)]
    note = ["＊2027年放假安排还没公布，以登记处通知为准。"] if any(choice.provisional for choice in found) else []
    return Question("\n".join([opening, *lines, *note, "回复数字，或直接说日期，如“下周三上午”。"]))


def _day_line(choice: DayChoice) -> str:
    morning = sum(slot.free for slot in choice.times if slot.starts_at.time() < NOON)
    afternoon = sum(slot.free for slot in choice.times) - morning
    parts = [f"上午{morning}个" if morning else "", f"下午{afternoon}个" if afternoon else ""]
    star = "＊" if choice.provisional else ""
    return f"{spoken_day(choice.day)} {weekday_name(choice.day)}{star} {' '.join(part for part in parts if part)}"


def _why_none(turn: Turn, first: date, last: date) -> str:
    named = spoken_day(first) if first == last else f"{spoken_day(first)}到{spoken_day(last)}"
    last_day = _last_day(turn)
    if first > last_day:
        released = first - (last_day - turn.now.date())
        return f"{named}的号还没放出，大约{spoken_day(released)}08:30放号。现在最远能约到{spoken_day(last_day)}："
    if last <= turn.now.date():
        return f"{named}不能在网上约了（当天请直接到窗口取号）。最近有空位的是："
    return (
        f"{named}没有空位（休息日不办公）。离得最近的是："
        if _all_rest(first, last)
        else f"{named}没有空位了。离得最近的是："
    )


def _all_rest(first: date, last: date) -> bool:
    return all((first + timedelta(days=step)).weekday() >= 5 for step in range((last - first).days + 1))


def _free_days(turn: Turn, first: date, last: date) -> Sequence[DayChoice]:
    return turn.ports.marriage.free_days(turn.answers["office"], first, last)


def _last_day(turn: Turn) -> date:
    return turn.ports.marriage.last_day(turn.answers["office"])


def _tomorrow(turn: Turn) -> date:
    return turn.now.date() + timedelta(days=1)


# --- the time ---


def _times(turn: Turn) -> list[TimeChoice]:
    day = date.fromisoformat(turn.answers["day"])
    return [slot for choice in _free_days(turn, day, day) for slot in choice.times if slot.free]


def _ask_time(turn: Turn, chosen: Chosen) -> Asked:
    times = _times(turn)
    day = date.fromisoformat(turn.answers["day"])
    if not times:
        turn.answers["wanted"] = None
        return GoTo("day", f"{spoken_day(day)}刚刚约满了。")
    at = turn.answers.pop("at", None)
    if at is not None:
        wanted = datetime.combine(day, time.fromisoformat(at), turn.now.tzinfo)
        nearest = min(times, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))
        if nearest.starts_at <= wanted < nearest.ends_at:
            return chosen(turn, nearest)
    part = turn.answers.pop("part", None)
    offered = _in_part(times, Part[part]) if part else times
    opening = f"{spoken_day(day)}（{weekday_name(day)}）还有这些时间："
    if part and not offered:
        offered, opening = times, f"{spoken_day(day)}这个时候约满了，当天还有："
    if len(offered) > LISTED_TIMES:
        return _ask_part(turn, day, offered)
    return _show_times(turn, opening, offered)


def _ask_part(turn: Turn, day: date, times: Sequence[TimeChoice]) -> Question:
    turn.answers["times"] = []
    morning = sum(slot.free for slot in _in_part(times, Part.MORNING))
    afternoon = sum(slot.free for slot in _in_part(times, Part.AFTERNOON))
    return Question(
        f"{spoken_day(day)}（{weekday_name(day)}）想上午还是下午？\n"
        f"1 上午（{morning}个）\n2 下午（{afternoon}个）\n也可以直接说几点，如“10点”。"
    )


def _show_times(turn: Turn, opening: str, times: Sequence[TimeChoice]) -> Question:
    turn.answers["times"] = [slot.slot_id for slot in times]
    lines = [
        f"{number} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}（{slot.free}个）"
        for number, slot in enumerate(times, start=1)
    ]
    return Question("\n".join([opening, *lines, "回复数字，或直接说几点。"]))


def _answer_time(turn: Turn, text: str, chosen: Chosen) -> Answered:
    times = {slot.slot_id: slot for slot in _times(turn)}
    listed = turn.answers.get("times", [])
    if listed:
        index = pick(text, [_time_label(times.get(slot_id)) for slot_id in listed])
        if index is not None:
            slot = times.get(listed[index])
            return chosen(turn, slot) if slot else _again(turn, chosen, "这个时间刚刚约满了。")
    else:
        index = pick(text, ["上午", "下午"])
        if index is not None:
            turn.answers["part"] = (Part.MORNING, Part.AFTERNOON)[index].name
            return _again(turn, chosen, "")
    if not note_wanted(turn, text):
        return NotUnderstood(_TIME_HINT)
    if "wanted" in turn.answers:
        return GoTo("day")
    asks_for = turn.answers.get("at")
    return _again(turn, chosen, f"没有正好{asks_for}的空位。" if asks_for else "")


def _again(turn: Turn, chosen: Chosen, saying: str) -> Answered:
    asked = _ask_time(turn, chosen)
    if isinstance(asked, GoTo):
        return asked
    text = asked.text if isinstance(asked, Question) else asked.saying
    return Again(f"{saying}\n{text}" if saying else text)


def _time_label(slot: TimeChoice | None) -> str:
    return f"{slot.starts_at:%H:%M}" if slot else ""


def _in_part(times: Sequence[TimeChoice], part: Part) -> list[TimeChoice]:
    morning = part is Part.MORNING
    return [slot for slot in times if (slot.starts_at.time() < NOON) is morning]
