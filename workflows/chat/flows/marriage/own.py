"""我的预约: see it, move it, give it up. Each can also be asked for by its own words, at any time."""

from __future__ import annotations

from backend.kernel.chinese_dates import spoken_moment
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.choosing import choosing_steps, note_wanted, refusal_text
from workflows.chat.ports import OwnAppointment, Refused, TimeChoice
from workflows.chat.understanding import normalise, pick, read_yes_no, says

UNCHANGED = "好，预约没有变动。要取消预约，请回“不去了”。"
NONE_YET = "您现在没有预约。要约结婚登记，回“结婚登记”就行。"


def matches_own(text: str) -> int:
    """Whether a text asks for one's appointments."""
    asks = says(normalise(text), "我的预约", "查预约", "预约号", "约的几点", "约的什么时候", "我约了吗", "查询预约")
    return 2 if asks else 0


def matches_reschedule(text: str) -> int:
    """Whether a text asks to move an appointment."""
    said = normalise(text)
    return (
        2 if says(said, "改到", "改约", "改时间", "换个时间", "换时间", "改期", "改天", "换到", "推迟", "提前到") else 0
    )


def matches_cancel(text: str) -> int:
    """Whether a text asks to give an appointment up."""
    said = normalise(text)
    asks = says(said, "不去了", "取消预约", "取消我的预约", "退号", "不结了", "不领了", "去不了", "不想去了", "来不了")
    return 2 if asks else 0


def _when_and_where(own: OwnAppointment) -> str:
    return f"{spoken_moment(own.time.starts_at)} {own.time.office.name}"


def _describe(own: OwnAppointment) -> str:
    return f"{_when_and_where(own)}\n预约号 {own.number}，{own.state_name}"


def _current(turn: Turn) -> OwnAppointment | None:
    chosen = turn.answers.get("appointment")
    return next((own for own in turn.ports.marriage.own() if own.id == chosen), None)


# --- which one: nearly always there is just one ---


def _choose_step(target: str) -> Step:
    def ask(turn: Turn) -> Asked:
        found = turn.ports.marriage.own()
        if not found:
            return Done(NONE_YET)
        turn.answers["listed"] = [own.id for own in found]
        if len(found) == 1:
            turn.answers["appointment"] = found[0].id
            return GoTo(target)
        lines = [
            f"{number} {spoken_moment(own.time.starts_at)} {own.time.office.name}"
            for number, own in enumerate(found, 1)
        ]
        return Question("\n".join(["您有这些预约，要看哪一个？", *lines]))

    def answer(turn: Turn, text: str) -> Answered:
        found = {own.id: own for own in turn.ports.marriage.own()}
        listed = [found[own_id] for own_id in turn.answers["listed"] if own_id in found]
        index = pick(text, [own.number for own in listed])
        if index is None:
            return NotUnderstood("请回复预约前面的数字。")
        turn.answers["appointment"] = listed[index].id
        return GoTo(target)

    return Step("choose", ask, answer, (target,))


# --- see it and act ---


def _ask_act(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None:
        return Done(NONE_YET)
    if not own.changeable:
        return Done(f"{_describe(own)}\n现在不能在网上改了，有事请打 {own.time.office.phone}。")
    return Question(f"{_describe(own)}\n1 改时间\n2 取消预约\n3 要带什么\n不用改就不必回复。")


def _answer_act(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["改时间", "取消预约", "要带什么"], [["改约", "换时间"], ["不去了", "取消"], ["材料"]])
    if choice is None and note_wanted(turn, text):
        choice = 0
    if choice == 0:
        return GoTo("day") if _prepare(turn) else Done(NONE_YET)
    if choice == 1:
        return GoTo("sure")
    if choice == 2:
        return Done("请带：" + "；".join(turn.ports.marriage.papers()) + "。不用户口簿，不收费。")
    return NotUnderstood("改时间回1，取消回2，要带什么回3。")


# --- move it ---


def _prepare(turn: Turn) -> OwnAppointment | None:
    own = _current(turn)
    if own is not None:
        turn.answers["office"] = own.time.office.id
    return own


def _ask_move(turn: Turn) -> Asked:
    own = _prepare(turn)
    if own is None:
        return Done(NONE_YET)
    if not own.changeable:
        return Done(f"{_describe(own)}\n现在不能在网上改了，有事请打 {own.time.office.phone}。")
    return GoTo("day", f"现在约的是{spoken_moment(own.time.starts_at)}。")


def _answer_move(_turn: Turn, _text: str) -> Answered:
    return GoTo("day")


def _remember(turn: Turn, choice: TimeChoice) -> GoTo:
    turn.answers["slot"] = choice.slot_id
    turn.answers["slot_text"] = f"{spoken_moment(choice.starts_at)}，{choice.office.name}"
    return GoTo("agree")


def _ask_agree(turn: Turn) -> Asked:
    return Question(f"改到{turn.answers['slot_text']}，对吗？\n1 对，改过去\n2 再看看别的时间\n3 不改了")


def _answer_agree(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["对，改过去", "再看看别的时间", "不改了"], [["改"], ["别的", "换"], ["算了"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice == 0:
        return _move(turn)
    if choice == 1:
        return GoTo("day")
    if choice == 2:
        return Done("好，没有改，还是原来的时间。")
    return NotUnderstood("改过去请回1，看别的时间回2，不改了回3。")


def _move(turn: Turn) -> Answered:
    own = _current(turn)
    if own is None:
        return Done(NONE_YET)
    moved = turn.ports.marriage.reschedule(own.id, turn.answers["slot"])
    if isinstance(moved, Refused):
        if moved.code == "slot_full":
            return GoTo("day", refusal_text(moved))
        return Done(moved.sentence)
    return Done(
        f"改好了 ✔ {spoken_moment(moved.starts_at)}，{moved.office.name}，预约号还是 {own.number}。提醒也跟着改了。"
    )


# --- give it up ---


def _ask_sure(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None:
        return Done(NONE_YET)
    if not own.changeable:
        return Done(f"{_describe(own)}\n现在不能在网上取消了，请打 {own.time.office.phone} 告诉登记处。")
    return Question(f"{_describe(own)}\n确定取消吗？取消后这个号会让给别人。\n1 取消预约\n2 不取消")


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
        return Done(NONE_YET)
    refused = turn.ports.marriage.cancel(own.id)
    if refused is not None:
        return Done(refused.sentence)
    return Done("已经取消了，提醒也不会再发。以后要办，再说“结婚登记”就行。")


_DAY, _TIME = choosing_steps(_remember, ("agree",))
_AGREE = Step("agree", _ask_agree, _answer_agree, ("day",))
_SURE = Step("sure", _ask_sure, _answer_sure)


def _open(turn: Turn, text: str) -> None:
    note_wanted(turn, text)


OWN = Flow(
    name="marriage.own",
    title="我的预约",
    call_words="我的预约",
    version=1,
    steps=(_choose_step("act"), Step("act", _ask_act, _answer_act, ("day", "sure")), _DAY, _TIME, _AGREE, _SURE),
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
