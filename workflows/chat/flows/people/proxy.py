"""代办: answer who wants to act for oneself; see, end and confirm ties; ask for one (`asking`)."""

from __future__ import annotations

import re

from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.people.asking import ASKING_STEPS
from workflows.chat.flows.people.words import helped_relation, matches, names_marriage
from workflows.chat.ports import Refused, TieSummary
from workflows.chat.understanding import fold, pick, read_yes_no

LISTED_TIES = 6

IN_PERSON = "办结婚登记这些事，要双方本人到场，不能代办。\n要约时间，回“结婚登记”；替家人办别的事，回“代办”。"
GONE = "这个代办有变动，回“代办”看看现在的情况。"
_DECIDE_HINT = "同意请回1，不同意回2。"


def _tie(turn: Turn) -> TieSummary | None:
    chosen = turn.answers.get("tie")
    return next((tie for tie in turn.ports.people.ties() if tie.id == chosen), None)


# --- where to begin ---


def _begin(turn: Turn) -> Asked:
    if turn.answers.get("in_person"):
        return Done(IN_PERSON)
    ties = turn.ports.people.ties()
    for tie in ties:
        if tie.waiting and not tie.helping:  # an answer that somebody waits for comes first
            turn.answers["tie"] = tie.id
            return GoTo("decide")
    return GoTo("ties" if ties and "helped" not in turn.answers else "relation")


def _never_waits(_turn: Turn, _text: str) -> Answered:
    return GoTo("relation")


# --- the principal decides ---


def _ask_decide(turn: Turn) -> Asked:
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    return Question(f"{tie.who}想替您办：{tie.matters}。\n1 同意\n2 不同意\n不认识，或没说过这事，请回2。")


def _answer_decide(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["同意", "不同意"], [["愿意"], ["不愿意", "不认识", "没说过"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    tie = _tie(turn)
    if choice is None:
        return NotUnderstood(_DECIDE_HINT)
    if tie is None:
        return Done(GONE)
    people = turn.ports.people
    refused = people.confirm(tie.id) if choice == 0 else people.decline(tie.id)
    if refused is not None:
        return Again(f"{refused.sentence}\n{_DECIDE_HINT}")
    if choice == 0:
        return Done(f"好，{tie.who}可以替您办{tie.matters}了。\n办过什么、想取消，随时回“代办”。")
    return Done("好，没有同意，对方办不了您的事。")


# --- what there is ---


def _ask_ties(turn: Turn) -> Asked:
    ties = turn.ports.people.ties()[:LISTED_TIES]
    if not ties:
        return GoTo("relation")
    turn.answers["listed"] = [tie.id for tie in ties]
    lines = [f"{number} {_line(tie)}" for number, tie in enumerate(ties, 1)]
    return Question("\n".join(["您的代办，要看哪一个？", *lines, f"{len(ties) + 1} 再替一位家人申请"]))


def _line(tie: TieSummary) -> str:
    return f"{'替' if tie.helping else ''}{tie.who}{'办' if tie.helping else '替您办'}（{tie.state_name}）"


def _answer_ties(turn: Turn, text: str) -> Answered:
    listed = turn.answers["listed"]
    ties = {tie.id: tie for tie in turn.ports.people.ties()}
    labels = [_line(ties[tie_id]) if tie_id in ties else tie_id for tie_id in listed]
    index = pick(text, [*labels, "再替一位家人申请"], [*([] for _ in labels), ["申请", "再申请"]])
    if index is None:
        return NotUnderstood("请回复前面的数字。")
    if index == len(listed):
        return GoTo("relation")
    turn.answers["tie"] = listed[index]
    return GoTo("act")


# --- one of them ---


def _ask_act(turn: Turn) -> Asked:
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    if tie.waiting and not tie.helping:
        return GoTo("decide")
    first, second = _choices(tie)
    return Question(f"{_line(tie)}\n{tie.matters}\n1 {first}\n2 {second}\n不用改就不必回复。")


def _choices(tie: TieSummary) -> tuple[str, str]:
    if tie.helping and tie.waiting:
        return "输入窗口给的六位数字", "撤回申请"
    return "看办过什么", "不再替他办" if tie.helping else "不让他办了"


def _answer_act(turn: Turn, text: str) -> Answered:
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    choice = pick(text, _choices(tie), [["数字", "看看", "记录"], ["撤回", "取消", "停"]])
    if choice == 1:
        return GoTo("sure")
    if choice == 0:
        return GoTo("code") if tie.waiting else Done(_acts(turn, tie))
    return NotUnderstood("请回复1或2。")


def _acts(turn: Turn, tie: TieSummary) -> str:
    lines = list(turn.ports.people.acts(tie.id))
    return "\n".join(["最近办过：", *lines]) if lines else "还没有办过什么。"


# --- the counter's digits ---


def _ask_code(_turn: Turn) -> Asked:
    return Question("请输入窗口给的六位数字。")


def _answer_code(turn: Turn, text: str) -> Answered:
    digits = re.sub(r"[\s-]", "", fold(text))
    if not re.fullmatch(r"\d{6}", digits, re.ASCII):
        return NotUnderstood("请输入窗口给的六位数字，如：012345。")
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    refused = turn.ports.people.enter_code(tie.id, digits)
    if isinstance(refused, Refused):
        return Again(refused.sentence)
    return Done(f"好了 ✔ 现在可以替{tie.who}办：{tie.matters}。")


# --- ending one ---


def _ask_sure(turn: Turn) -> Asked:
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    asked = "确定撤回吗？" if tie.waiting else "确定吗？取消以后，要办得重新申请。"
    return Question(f"{_line(tie)}\n{asked}\n1 确定\n2 先留着")


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["确定", "先留着"], [["取消它", "撤回"], ["留着", "不取消"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("确定请回1，先留着回2。")
    tie = _tie(turn)
    if tie is None:
        return Done(GONE)
    if choice == 1:
        return Done("好，没有变动。")
    refused = turn.ports.people.cut(tie.id)
    if refused is not None:
        return Done(refused.sentence)
    return Done("已经撤回了。" if tie.waiting else "已经取消了，从现在起不能再代办。")


def _open(turn: Turn, text: str) -> None:
    if names_marriage(text):
        turn.answers["in_person"] = True
    helped = helped_relation(text)
    if helped is not None:
        turn.answers["helped"] = helped


PROXY = Flow(
    name="people.proxy",
    title="代办",
    call_words="代办",
    version=1,
    steps=(
        Step("begin", _begin, _never_waits, ("decide", "ties", "relation")),
        Step("decide", _ask_decide, _answer_decide),
        Step("ties", _ask_ties, _answer_ties, ("act", "relation"), may_rest=True),
        Step("act", _ask_act, _answer_act, ("decide", "code", "sure"), may_rest=True),
        Step("code", _ask_code, _answer_code),
        Step("sure", _ask_sure, _answer_sure),
        *ASKING_STEPS,
    ),
    matches=matches,
    open=_open,
)
