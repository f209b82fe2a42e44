"""绑定: digits of one's mini-program, or of a counter, make two WeChats one person; 核验码: digits for a counter."""

from __future__ import annotations

import re

from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.ports import CodeMeaning, Refused
from workflows.chat.understanding import normalise, pick, read_yes_no, says

WHERE = "请发8位绑定码：小程序“我的”里点“绑定服务号”就能看到；窗口给过纸条的，发纸条上的也行。"
SAME = "这里和那边已经是同一个人了，不用再绑定。"
ELSEWHERE = "没到窗口也能实名：小程序“我的—实名核验”里填姓名和证件号码。"
LINKED = "绑定好了 ✔ 以后在这里和小程序里，都能看到您的预约和通知。"
NOT_LINKED = "好，没有绑定。别人发来的码，请不要理会。"
_SURE_HINT = "是您的请回1，不是请回2。"
_EIGHT = re.compile(r"(?<!\d)\d{4}[\s-]?\d{4}(?!\d)")
_A_DAY = re.compile(r"20\d{6}")
_WHOLE = re.compile(r"绑定(?:码|小程序|服务号|微信|账号)?")


def _code_in(text: str) -> str | None:
    found = _EIGHT.search(normalise(text))
    return re.sub(r"\D", "", found[0]) if found else None


def matches_link(text: str) -> int:
    """Whether a text is about a bind code. Eight digits alone may be one, unless they look like a day."""
    said, code = normalise(text), _code_in(text)
    if _WHOLE.fullmatch(said) or says(said, "绑定码", "绑定小程序", "绑定服务号"):
        return 2
    if code is None:
        return 0
    if says(said, "绑定"):
        return 2
    return 1 if said.isdigit() and not _A_DAY.fullmatch(code) else 0


def _open(turn: Turn, text: str) -> None:
    code = _code_in(text)
    if code is not None:
        turn.answers["code"] = code


def _ask_code(turn: Turn) -> Asked:
    code = turn.answers.pop("code", None)
    if code is None:
        return Question(WHERE)
    read = _read(turn, code)
    return Question(read.sentence) if isinstance(read, Refused) else read


def _answer_code(turn: Turn, text: str) -> Answered:
    code = _code_in(text)
    if code is None:
        return NotUnderstood("绑定码是8位数字，请照着发过来；不绑定回“取消”。")
    read = _read(turn, code)
    return Again(read.sentence) if isinstance(read, Refused) else read


def _read(turn: Turn, code: str) -> Refused | Done | GoTo:
    """Over at once where nothing is left to do; else what the next question needs is kept."""
    meaning: CodeMeaning | Refused = turn.ports.people.typed_code(code)
    if isinstance(meaning, Refused):
        return meaning
    if meaning.same:
        return Done(SAME)
    turn.answers.update(code=code, who=meaning.who, of_miniprogram=meaning.of_miniprogram)
    return GoTo("sure")


def _ask_sure(turn: Turn) -> Asked:
    who = turn.answers["who"]
    whose = f"{who}的小程序" if who else "一个还没实名的小程序"
    shown = f"这个码是{whose}给的。" if turn.answers["of_miniprogram"] else f"这个码是窗口给{who}的。"
    return Question(
        f"{shown}绑定后，两边看到的是同一个人的预约和通知。\n"
        "只绑您自己的：码应当是您在自己手机或窗口纸条上看到的，别人发来的请回2。\n"
        "1 是我的，绑定\n2 不是"
    )


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["是我的，绑定", "不是"], [["是我的", "绑定"], ["不是我的", "不绑定"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood(_SURE_HINT)
    if choice == 1:
        return Done(NOT_LINKED)
    refused = turn.ports.people.use_code(turn.answers["code"])
    return Done(LINKED if refused is None else refused.sentence)


def _forget_code(turn: Turn) -> None:
    turn.answers.pop("code", None)


def matches_counter_code(text: str) -> int:
    """Whether a text asks for the digits to be read aloud at a counter, or how to prove who one is."""
    said = normalise(text)
    if says(said, "核验码", "柜台码", "窗口码", "窗口核验"):
        return 2
    return 1 if says(said, "实名", "核验身份", "身份核验", "实名认证") else 0


def _ask_counter_code(turn: Turn) -> Asked:
    digits = turn.ports.people.counter_code()
    if isinstance(digits, Refused):
        return Done(digits.sentence)
    return Done(f"窗口核验码：{digits}\n10分钟内有效。请当面念给窗口工作人员听；不在窗口，谁要都别给。\n{ELSEWHERE}")


def _never_waits(_turn: Turn, _text: str) -> Answered:
    return NotUnderstood("回“核验码”就能再取一个。")


LINK = Flow(
    name="people.link",
    title="绑定小程序或窗口的码",
    call_words="绑定",
    version=1,
    steps=(
        Step("code", _ask_code, _answer_code, ("sure",), undo=_forget_code),
        Step("sure", _ask_sure, _answer_sure),
    ),
    matches=matches_link,
    open=_open,
    farewell=NOT_LINKED,
)

COUNTER_CODE = Flow(
    name="people.counter_code",
    title="窗口核验码",
    call_words="核验码",
    version=1,
    steps=(Step("code", _ask_counter_code, _never_waits),),
    matches=matches_counter_code,
)
