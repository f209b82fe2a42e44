"""我的预约: see it, move it, give it up. Each can also be asked for by its own words, at any time."""

from __future__ import annotations

import re

from backend.kernel.chinese_dates import spoken_moment
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.choosing import choose_again, choosing_steps
from workflows.chat.flows.marriage.wishes import elsewhere, note_wanted, provisional_note
from workflows.chat.ports import OwnAppointment, Refused, TimeChoice
from workflows.chat.understanding import normalise, pick, read_yes_no, says

LISTED_APPOINTMENTS = 8

UNCHANGED = "好，预约没有变动。要取消预约，请回“不去了”。"
NONE_YET = "您现在没有预约。要约结婚登记，回“结婚登记”就行。"
NOT_MINE = "这是对方约的，改时间请对方用自己的微信来改；来不了，回“不去了”就行。"
GONE = "这个预约有变动，现在不能这样改了。回“我的预约”看看现在的情况。"


def matches_own(text: str) -> int:
    """Whether a text asks for one's appointments."""
    said = normalise(text)
    asks = says(said, "我的预约", "查预约", "预约号", "约的几点", "约的什么时候", "我约了吗", "查询预约")
    return 2 if asks or re.search(r"我的?(?:结婚|登记|领证){1,2}预约", said) else 0


def matches_reschedule(text: str) -> int:
    """Whether a text asks to move an appointment."""
    said = normalise(text)
    asks = says(said, "改到", "改约", "换到", "改期", "推迟", "提前到") or (
        says(said, "改天") and not says(said, "再说")
    )
    return 2 if asks or re.search(r"(?<![别不])[改换调].{0,10}(?:时间|日期|日子)", said) else 0


def matches_cancel(text: str) -> int:
    """Whether a text asks to give an appointment up."""
    said = normalise(text)
    asks = says(said, "不去了", "退号", "不结了", "不领了", "去不了", "不想去了", "来不了")
    return 2 if asks or (says(said, "取消") and says(said, "预约", "登记", "领证")) else 0


def _when_and_where(own: OwnAppointment) -> str:
    return f"{spoken_moment(own.time.starts_at)} {own.time.office.name}"


def _describe(own: OwnAppointment) -> str:
    return f"{_when_and_where(own)}\n预约号 {own.number}，{own.state_name}"


def _with_code(own: OwnAppointment) -> str:
    return f"{_describe(own)}\n到了出示签到码：{own.code_page}" if own.code_page and own.mine else _describe(own)


def _current(turn: Turn) -> OwnAppointment | None:
    chosen = turn.answers.get("appointment")
    return next((own for own in turn.ports.marriage.own() if own.id == chosen), None)


# --- which one: nearly always there is just one ---


def _choose_step(target: str) -> Step:
    def ask(turn: Turn) -> Asked:
        found = turn.ports.marriage.own()
        if not found:
            return Done(NONE_YET)
        if len(found) == 1:
            turn.answers["appointment"] = found[0].id
            return GoTo(target)
        listed = found[:LISTED_APPOINTMENTS]
        turn.answers["listed"] = [[own.id, _when_and_where(own), own.number] for own in listed]
        lines = [f"{number} {_when_and_where(own)}" for number, own in enumerate(listed, 1)]
        return Question("\n".join(["您有这些预约，要看哪一个？", *lines]))

    def answer(turn: Turn, text: str) -> Answered:
        listed = turn.answers["listed"]
        index = pick(text, [label for _, label, _ in listed], [[number] for _, _, number in listed])
        if index is None:
            return NotUnderstood("请回复预约前面的数字。")
        turn.answers["appointment"] = listed[index][0]
        return GoTo(target)

    return Step("choose", ask, answer, (target,))


def _fixed(own: OwnAppointment) -> Done:
    return Done(f"{_with_code(own)}\n现在不能在网上改或取消了，有事请打 {own.time.office.phone} 告诉登记处。")


# --- see it and act ---


def _ask_act(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None:
        return Done(GONE)
    if not own.changeable:
        return _fixed(own)
    warned = _line_of(turn.ports.marriage.if_absent(own.id))
    if not own.mine:
        coming = "（您已确认会去）" if own.confirmed else ""
        return Question(f"{_describe(own)}{coming}{warned}\n1 确认会去\n2 取消预约\n3 要带什么\n不回复也有效。")
    return Question(f"{_with_code(own)}{warned}\n1 改时间\n2 取消预约\n3 要带什么\n不用改就不必回复。")


def _line_of(sentence: str) -> str:
    return f"\n{sentence}" if sentence else ""


def _confirm(turn: Turn, own: OwnAppointment) -> Answered:
    refused = turn.ports.marriage.confirm_coming(own.id)
    return Done(refused.sentence if refused else "好，记下您会去，到时见。来不了随时回“不去了”。")


def _answer_act(turn: Turn, text: str) -> Answered:
    own = _current(turn)
    if own is not None and not own.mine and pick(text, ["确认会去"], [["确认", "会去", "去"]]) == 0:
        return _confirm(turn, own)
    choice = pick(text, ["改时间", "取消预约", "要带什么"], [["改约", "换时间"], ["不去了", "取消"], ["材料"]])
    if choice in (None, 0) and note_wanted(turn, text):
        choice = 0
    if choice == 0 and own is not None and not own.mine:
        return Done(NOT_MINE)
    if choice == 0:
        return GoTo("day") if _prepare(turn) else Done(GONE)
    if choice == 1:
        return GoTo("sure")
    if choice == 2:
        papers = turn.ports.marriage.papers(own.kind) if own else turn.ports.marriage.papers()
        return Done("请带：" + "；".join(papers) + "。不用户口簿，不收费。")
    if read_yes_no(text) is not None:  # “好的” and “不用了” alike answer the last line
        return Done("好，预约没有变动，到时见。")
    return NotUnderstood("改时间回1，取消预约回2，要带什么回3。")


# --- move it ---


def _prepare(turn: Turn) -> OwnAppointment | None:
    own = _current(turn)
    if own is not None:
        turn.answers["office"] = own.time.office.id
        turn.answers["kind"] = own.kind
    return own


def _ask_move(turn: Turn) -> Asked:
    own = _prepare(turn)
    if own is None:
        return Done(GONE)
    if not own.changeable:
        return _fixed(own)
    if not own.mine:
        return Done(NOT_MINE)
    return GoTo("day", f"现在约的是{spoken_moment(own.time.starts_at)}。")


def _answer_move(_turn: Turn, _text: str) -> Answered:
    return GoTo("day")


def _remember(turn: Turn, choice: TimeChoice) -> GoTo:
    own = _current(turn)
    if own is not None and own.time.slot_id == choice.slot_id:
        return GoTo("day", "您现在约的就是这个时间。")
    turn.answers["slot"] = choice.slot_id
    note = f"（{provisional_note(choice.starts_at.date())}）" if turn.answers["provisional"] else ""
    turn.answers["slot_text"] = f"{spoken_moment(choice.starts_at)}{note}，{choice.office.name}"
    return GoTo("agree")


def _ask_agree(turn: Turn) -> Asked:
    return Question(f"改到{turn.answers['slot_text']}，对吗？\n1 对，改过去\n2 再看看别的时间\n3 不改了")


def _answer_agree(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["对，改过去", "再看看别的时间", "不改了"], [["改"], ["别的", "换"], ["不改"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice == 0:
        return _move(turn)
    if choice == 1:
        return GoTo("day")
    if choice == 2:
        return Done("好，没有改，还是原来的时间。")
    return elsewhere(turn, text) or NotUnderstood("改过去请回1，看别的时间回2，不改了回3。")


def _move(turn: Turn) -> Answered:
    own = _current(turn)
    if own is None:
        return Done(GONE)
    moved = turn.ports.marriage.reschedule(own.id, turn.answers["slot"])
    if isinstance(moved, Refused):
        if moved.code == "slot_full":
            return choose_again(turn, moved)
        kept = "\n预约没有变，还是原来的时间。" if moved.code == "invalid" else ""  # under age on the new day
        return Done(f"{moved.sentence}{kept}")
    return Done(
        f"改好了 ✔ {spoken_moment(moved.starts_at)}，{moved.office.name}，预约号还是 {own.number}。提醒也跟着改了。"
    )


# --- give it up ---


def _ask_sure(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None:
        return Done(GONE)
    if not own.changeable:
        return _fixed(own)
    warned = _line_of(turn.ports.marriage.if_cancelled(own.id))
    return Question(f"{_describe(own)}{warned}\n确定取消吗？取消后这个号会让给别人。\n1 取消预约\n2 不取消")


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["取消预约", "不取消"], [["取消"], ["留着"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("要取消请回1，不取消回2。")
    if choice == 1:
        return Done("好，预约还在。")
    own = _current(turn)
    if own is None:
        return Done(GONE)
    refused = turn.ports.marriage.cancel(own.id)
    if refused is not None:
        return Done(refused.sentence)
    return Done("已经取消了，提醒也不会再发。以后要办，再说“结婚登记”就行。")


_DAY, _TIME = choosing_steps(_remember, ("agree",))
_AGREE = Step("agree", _ask_agree, _answer_agree, ("day", "time"))
_SURE = Step("sure", _ask_sure, _answer_sure)
# For whoever changes an appointment by another way in; they begin at `day` or `sure`, with `appointment` known.
CHANGE_STEPS = (_DAY, _TIME, _AGREE, _SURE)


def _open(turn: Turn, text: str) -> None:
    note_wanted(turn, text)


OWN = Flow(
    name="marriage.own",
    title="我的预约",
    call_words="我的预约",
    version=1,
    steps=(
        _choose_step("act"),
        Step("act", _ask_act, _answer_act, ("day", "sure"), may_rest=True),
        _DAY,
        _TIME,
        _AGREE,
        _SURE,
    ),
    matches=matches_own,
    farewell=UNCHANGED,
)

RESCHEDULE = Flow(
    name="marriage.reschedule",
    title="改预约时间",
    call_words="改时间",
    version=1,
    steps=(_choose_step("move"), Step("move", _ask_move, _answer_move, ("day",)), _DAY, _TIME, _AGREE),
    matches=matches_reschedule,
    open=_open,
    farewell=UNCHANGED,
)

CANCEL = Flow(
    name="marriage.cancel",
    title="取消预约",
    call_words="取消预约",
    version=1,
    steps=(_choose_step("sure"), _SURE),
    matches=matches_cancel,
    farewell=UNCHANGED,
)
