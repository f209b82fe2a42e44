"""停办改期: the registry has taken a time away and kept another; agree, choose freely, or give it up."""

from __future__ import annotations

from backend.kernel.chinese_dates import spoken_day, spoken_moment
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.own import CHANGE_STEPS
from workflows.chat.moves_port import MovedAppointment
from workflows.chat.understanding import normalise, pick, read_yes_no, says

NONE = "现在没有要您答复的改期。回“我的预约”看看预约的时间。"
GONE = "这个预约有变动，回“我的预约”看看现在的情况。"
UNCHANGED = "好，先不改。要换时间，随时回“停办改期”。"
_CHOICES = ["就这个时间", "换别的时间", "不办了"]
_HINT = "同意回1，换时间回2，不办了回3。"
_HINT_NONE = "自己挑时间回1，不办了回2，等我们找就不必回复。"


def matches(text: str) -> int:
    """Whether a text answers such a notice; it says more than that a time is to be changed."""
    return 3 if says(normalise(text), "停办改期", "停办改约", "停办") else 0


def awaited(turn: Turn) -> bool:
    """Whether somebody was told of a new time and has not answered: then a bare number is an answer to that."""
    return bool(turn.ports.moves.own())


def _moved(turn: Turn) -> MovedAppointment | None:
    chosen = turn.answers.get("move")
    return next((one for one in turn.ports.moves.own() if one.id == chosen), None)


def _ask_told(turn: Turn) -> Asked:
    waiting = turn.ports.moves.own()
    if not waiting:
        return Done(NONE)
    one = waiting[0]  # the oldest first; the next one follows when it is asked for again
    turn.answers.update(move=one.id, appointment=one.appointment_id, office=one.office.id)
    sorry = f"{one.office.name}{spoken_moment(one.old_starts_at)}不能办理（{one.reason}），很抱歉。"
    if one.new_starts_at is None:
        return Question(f"{sorry}\n新时间还在找，找到马上告诉您。\n1 自己挑时间\n2 不办了\n等我们找就不必回复。")
    until = one.answer_until
    by = f"{spoken_day(until.date())}{until:%H:%M}前" if until else ""
    lines = [f"{number} {label}" for number, label in enumerate(_CHOICES, start=1)]
    kept = f"已为您留好：{spoken_moment(one.new_starts_at)}，预约号 {one.number}。"
    return Question("\n".join([sorry, kept, *lines, f"{by}可以改，不计次数；不回就按新时间。"]))


def _answer_told(turn: Turn, text: str) -> Answered:
    one = _moved(turn)
    if one is None:
        return Done(GONE)
    if one.new_starts_at is None:
        choice = pick(text, ["自己挑时间", "不办了"], [["挑", "换"], ["取消", "不去了"]])
        if choice is None:
            return NotUnderstood(_HINT_NONE)
        return _choose(turn) if choice == 0 else GoTo("sure")
    choice = pick(text, _CHOICES, [["同意", "就这个"], ["换", "换时间", "别的"], ["取消", "不去了"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice == 0:
        refused = turn.ports.moves.accept(one.id)
        return Done(
            refused.sentence if refused else f"好 ✔ {spoken_moment(one.new_starts_at)}见，预约号 {one.number}。"
        )
    if choice == 1:
        return _choose(turn)
    return GoTo("sure") if choice == 2 else NotUnderstood(_HINT)


def _choose(turn: Turn) -> Answered:
    own = next((own for own in turn.ports.marriage.own() if own.id == turn.answers["appointment"]), None)
    if own is None:
        return Done(GONE)
    turn.answers["kind"] = own.kind
    return GoTo("day")


MOVED = Flow(
    name="marriage.moved",
    title="停办改期",
    call_words="停办改期",
    version=1,
    steps=(Step("told", _ask_told, _answer_told, ("day", "sure"), may_rest=True), *CHANGE_STEPS),
    matches=matches,
    farewell=UNCHANGED,
    awaits=awaited,
)
