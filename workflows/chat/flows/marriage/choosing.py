"""Choosing a day and a time: the two steps that booking and moving share. This file: the day.

Both read and write `answers`: the wishes (see `wishes`), `days`, `near` and `times` (what was listed, so that a number
means what the person saw), `day`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from backend.kernel.chinese_dates import spoken_date, spoken_day, spoken_moment, weekday_name
from workflows.chat.engine import Again, Answered, Asked, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.times import NOON, answer_time, ask_time
from workflows.chat.flows.marriage.wishes import (
    Chosen,
    free_days,
    free_times,
    kind_of,
    note_wanted,
    provisional_note,
    wishes_other_day,
)
from workflows.chat.ports import DayChoice, Refused
from workflows.chat.understanding import pick

Aside = Callable[[Turn, date], GoTo | None]

LISTED_DAYS = 5
_FORTNIGHT = timedelta(days=14)
_AROUND = timedelta(days=10)

_HINT = "请回复上面的数字，或直接说日期，如“下周三上午”“12月8号”。"


def choosing_steps(
    chosen: Chosen,
    leads_to: Sequence[str],
    undo: Callable[[Turn], None] = lambda _turn: None,
    aside: Aside = lambda _turn, _day: None,
    aside_to: Sequence[str] = (),
    *,
    waits: bool = False,
) -> tuple[Step, Step]:
    """The steps `day` and `time`; `chosen` is called with the slot and says where to go: `day` or one of `leads_to`.

    `undo` takes back what `chosen` did, for whoever goes back to choosing. `aside` says where to go for a day that is
    not chosen like others: to one of `aside_to`. `waits`: who finds a day full may wait for it (候补).
    """

    def ask_day(turn: Turn) -> Asked:
        return _ask_day(turn, aside, waits=waits)

    def answer_day(turn: Turn, text: str) -> Answered:
        # A spoken day first: “下周三上午” also contains the label of a listed Wednesday, but says more.
        if note_wanted(turn, text) or wishes_other_day(text):
            asked = ask_day(turn)
            if isinstance(asked, GoTo):
                return asked
            return Again(asked.text if isinstance(asked, Question) else asked.saying)
        return _answer_day(turn, text, chosen)

    def ask_times(turn: Turn) -> Asked:
        return ask_time(turn, chosen)

    def answer_times(turn: Turn, text: str) -> Answered:
        return answer_time(turn, text, chosen)

    return (
        Step("day", ask_day, answer_day, ("day", "time", *leads_to, *aside_to), undo),
        Step("time", ask_times, answer_times, ("day", *leads_to), undo),
    )


def choose_again(turn: Turn, refused: Refused) -> GoTo:
    """Back to choosing after a refusal: with the nearest free times where it names some, else with the free days."""
    turn.answers["near"] = [[choice.slot_id, choice.starts_at.isoformat()] for choice in refused.alternatives]
    return GoTo("day", refused.sentence)


def _ask_day(turn: Turn, aside: Aside, *, waits: bool) -> Asked:
    turn.answers.pop("wish", None)
    around = turn.answers.pop("around", None)
    if around is not None:
        return _show_around(turn, date.fromisoformat(around))
    wanted = turn.answers.pop("wanted", None)
    near = turn.answers.pop("near", [])
    if wanted is None:
        return _show_near(turn, near) if near else _list_days(turn, "请选日期：", _tomorrow(turn))
    first, last = (date.fromisoformat(day) for day in wanted)
    elsewhere = aside(turn, first) if first == last else None
    if elsewhere is not None:
        return elsewhere
    found = free_days(turn, first, last)
    if not found:
        # Three days earlier, so that what lies around the wish is seen; a wish for long ago begins with tomorrow.
        around = first - timedelta(days=3) if first > _tomorrow(turn) else first
        full = waits and bool(turn.ports.marriage.full_days(turn.answers["office"], first, last, kind_of(turn)))
        if full:
            turn.answers["wish"] = wanted
        return _list_days(turn, _why_none(turn, first, last, full=full), max(_tomorrow(turn), around))
    if len(found) == 1:
        turn.answers["day"] = found[0].day.isoformat()
        return GoTo("time")
    return _show_days(turn, "这些天有空位：", found[:LISTED_DAYS])


def _show_around(turn: Turn, day: date) -> Asked:
    """The free days nearest to one that cannot be booked, in order."""
    found = [one for one in free_days(turn, _tomorrow(turn), _last_day(turn)) if abs(one.day - day) <= _AROUND]
    if not found:
        return _list_days(turn, f"{spoken_day(day)}前后几天现在没有能约的号。能约的有：", _tomorrow(turn))
    nearest = sorted(sorted(found, key=lambda one: abs(one.day - day))[:LISTED_DAYS], key=lambda one: one.day)
    return _show_days(turn, f"离{spoken_day(day)}最近的空位：", nearest)


def _answer_day(turn: Turn, text: str, chosen: Chosen) -> Answered:
    near = turn.answers.get("listed_near", [])
    listed = [date.fromisoformat(day) for day in turn.answers.get("days", [])]
    labels = [spoken_moment(datetime.fromisoformat(starts_at)) for _, starts_at in near]
    index = pick(text, labels or [f"{spoken_day(day)} {weekday_name(day)}" for day in listed])
    if index is None:
        return NotUnderstood(_HINT)
    if near:
        return _take_near(turn, near[index], chosen)
    turn.answers["day"] = listed[index].isoformat()
    return GoTo("time")


def _take_near(turn: Turn, listed: list[str], chosen: Chosen) -> GoTo:
    slot_id, starts_at = listed
    day = datetime.fromisoformat(starts_at).date()
    turn.answers["day"] = day.isoformat()
    slot = next((slot for slot in free_times(turn, day) if slot.slot_id == slot_id), None)
    return chosen(turn, slot) if slot else GoTo("time", "这个时间也刚刚约满了。")


def _list_days(turn: Turn, opening: str, first: date) -> Asked:
    found = _first_free(turn, first) or _first_free(turn, _tomorrow(turn))
    if not found:
        _remember(turn)
        return Question("现在能约的日子都约满了。每天早上会放出新的一天；也可以回“候补”排队，有空位马上告诉您。")
    return _show_days(turn, opening, found)


def _first_free(turn: Turn, first: date) -> Sequence[DayChoice]:
    """As many free days as are listed, from a day on. Asked for by the fortnight: mostly the first has enough."""
    found: list[DayChoice] = []
    last = _last_day(turn)
    while first <= last and len(found) < LISTED_DAYS:
        found += free_days(turn, first, min(first + _FORTNIGHT - timedelta(days=1), last))
        first += _FORTNIGHT
    return found[:LISTED_DAYS]


def _show_days(turn: Turn, opening: str, found: Sequence[DayChoice]) -> Question:
    _remember(turn, days=[choice.day.isoformat() for choice in found])
    lines = [f"{number} {_day_line(choice)}" for number, choice in enumerate(found, start=1)]
    note = [f"＊{provisional_note(choice.day)}。" for choice in found if choice.provisional][:1]
    return Question("\n".join([opening, *lines, *note, "回复数字，或直接说日期，如“下周三上午”。"]))


def _show_near(turn: Turn, near: list[list[str]]) -> Question:
    _remember(turn, near=near)
    lines = [
        f"{number} {spoken_moment(datetime.fromisoformat(starts_at))}"
        for number, (_, starts_at) in enumerate(near, start=1)
    ]
    return Question("\n".join(["离得最近的空位：", *lines, "回复数字，或直接说别的日期。"]))


def _remember(turn: Turn, *, days: list[str] | None = None, near: list[list[str]] | None = None) -> None:
    """What a number means from now on."""
    turn.answers["days"], turn.answers["listed_near"] = days or [], near or []


def _day_line(choice: DayChoice) -> str:
    morning = sum(slot.free for slot in choice.times if slot.starts_at.time() < NOON)
    afternoon = sum(slot.free for slot in choice.times) - morning
    parts = [f"上午{morning}个" if morning else "", f"下午{afternoon}个" if afternoon else ""]
    star = "＊" if choice.provisional else ""
    return f"{spoken_day(choice.day)} {weekday_name(choice.day)}{star} {' '.join(part for part in parts if part)}"


def _why_none(turn: Turn, first: date, last: date, *, full: bool) -> str:
    today, last_day = turn.now.date(), _last_day(turn)
    named = spoken_day(first) if first == last else f"{spoken_day(first)}到{spoken_day(last)}"
    if first > last_day:
        opens = turn.ports.marriage.released_at(turn.answers["office"], first)
        named, opening = (spoken_day(day) if day.year == today.year else spoken_date(day) for day in (first, opens))
        return f"{named}的号还没放出，{opening}{opens:%H:%M}放号。现在最远能约到{spoken_day(last_day)}："
    if last < today:
        return f"{named}已经过了。最近有空位的是："
    if last == today:
        return f"{named}不能在网上约了，当天请直接到窗口取号。最近有空位的是："
    if full:
        return f"{named}约满了。想等{'这天' if first == last else '这几天'}的空位，回“候补”。离得最近的是："
    rest = "（周末一般不办公）" if _all_weekend(first, last) else ""
    return f"{named}没有空位了{rest}。离得最近的是："


def _all_weekend(first: date, last: date) -> bool:
    return all((first + timedelta(days=step)).weekday() >= 5 for step in range((last - first).days + 1))


def _last_day(turn: Turn) -> date:
    return turn.ports.marriage.last_day(turn.answers["office"])


def _tomorrow(turn: Turn) -> date:
    return turn.now.date() + timedelta(days=1)
