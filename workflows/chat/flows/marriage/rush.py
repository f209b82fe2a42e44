"""抢约、我的摇号: peak days that are asked for, how one's own request stands, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta

from backend.kernel.chinese_dates import spoken_day, weekday_name
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.peak import named_day, note_part, peak_steps, standing
from workflows.chat.flows.marriage.wishes import free_days
from workflows.chat.rush_port import PeakDay
from workflows.chat.understanding import normalise, pick, says

MOST_LISTED = 3
_NEAR = timedelta(days=7)
_RESULTS = ("placed", "unplaced")

NONE = "现在没有要登记的高峰日。平常的日子直接约就行，回“结婚登记”。排候补的，回“候补”看进展。"


def matches(text: str) -> int:
    """Whether a text asks for a peak day's places, or how one's request stands."""
    said = normalise(text)
    asks = says(said, "抢约", "抢号", "摇号", "摇到", "我的排队", "排到第几", "排到几号", "排号结果", "高峰日", "放号")
    return 3 if asks and not says(said, "叫号", "取号", "现场") else 0


def _begin(turn: Turn) -> Asked:
    own = turn.ports.rush.own()
    if any(one.state == "asked" for one in own):
        return GoTo("standing")
    result = next((standing(one) for one in own if one.state in _RESULTS), "")
    if not _left(turn):
        return Done(result or NONE)
    return GoTo("which", result)


def _left(turn: Turn) -> list[PeakDay]:
    """Peak days of which the couple has no result yet, those under way alone where there are some."""
    known = {(one.office.id, one.day) for one in turn.ports.rush.own() if one.state in _RESULTS}
    coming = [one for one in turn.ports.rush.coming() if (one.office.id, one.day) not in known]
    return [one for one in coming if one.opens_at <= turn.now] or coming


def _never_waits(_turn: Turn, _text: str) -> Answered:
    return GoTo("which")


# --- how it stands ---


def _ask_standing(turn: Turn) -> Asked:
    own = [one for one in turn.ports.rush.own() if one.state == "asked"][:MOST_LISTED]
    if not own:
        return GoTo("which")
    turn.answers["listed"] = [one.id for one in own]
    if len(own) == 1:
        return Question(f"{standing(own[0])}\n1 退出登记\n2 看别的高峰日\n继续等就不必回复。")
    lines = [f"{number} 退出：{standing(one)}" for number, one in enumerate(own, start=1)]
    return Question("\n".join([*lines, f"{len(own) + 1} 看别的高峰日", "继续等就不必回复。"]))


def _answer_standing(turn: Turn, text: str) -> Answered:
    listed = turn.answers["listed"]
    index = pick(text, [*("退出登记" for _ in listed), "看别的高峰日"], [*(["退出"] for _ in listed), ["别的"]])
    if index is None:
        return NotUnderstood("退出请回前面的数字，继续等就不必回复。")
    if index == len(listed):
        return GoTo("which")
    refused = turn.ports.rush.withdraw(listed[index])
    return Done(refused.sentence if refused else "好，退出了，号码不再用。结束前想再登记，回“抢约”，从后面排。")


# --- which day ---


def _ask_which(turn: Turn) -> Asked:
    coming = _left(turn)[:MOST_LISTED]
    if not coming:
        return Done(NONE)
    if len(coming) == 1:
        return _go(turn, coming[0].office.id, coming[0].day)
    turn.answers["peaks"] = [[one.office.id, one.day.isoformat()] for one in coming]
    lines = [
        f"{number} {named_day(one.day)}，{one.office.name}，{spoken_day(one.opens_at.date())}{one.opens_at:%H:%M}放号"
        for number, one in enumerate(coming, start=1)
    ]
    return Question("\n".join(["想约哪一天？", *lines]))


def _answer_which(turn: Turn, text: str) -> Answered:
    listed = turn.answers["peaks"]
    index = pick(text, [named_day(date.fromisoformat(day)) for _, day in listed])
    if index is None:
        return NotUnderstood("请回复日子前面的数字。")
    office_id, day = listed[index]
    return _go(turn, office_id, date.fromisoformat(day))


def _go(turn: Turn, office_id: str, day: date) -> GoTo:
    turn.answers["office"], turn.answers["peak"] = office_id, day.isoformat()
    return GoTo("peak")


def _around(turn: Turn, day: date) -> Answered:
    first = max(day - _NEAR, turn.now.date() + timedelta(days=1))
    found = free_days(turn, first, day + _NEAR)[:MOST_LISTED]
    if not found:
        return Done(f"{spoken_day(day)}前后几天现在没有能约的号。回“结婚登记”看所有能约的日子。")
    days = "、".join(f"{spoken_day(one.day)}{weekday_name(one.day)}" for one in found)
    return Done(f"离{spoken_day(day)}最近的空位：{days}。要约哪天，直接说“{spoken_day(found[0].day)}领证”。")


RUSH = Flow(
    name="marriage.rush",
    title="高峰日抢约",
    call_words="抢约",
    version=1,
    steps=(
        Step("begin", _begin, _never_waits, ("standing", "which")),
        Step("standing", _ask_standing, _answer_standing, ("which",), may_rest=True),
        Step("which", _ask_which, _answer_which, ("peak",), may_rest=True),
        *peak_steps(_around, ()),
    ),
    matches=matches,
    open=note_part,
    farewell="好，没有变动。高峰日的事，随时回“抢约”。",
)
