"""我的数据: what is held and why, what is optional, correcting, a copy, closing the account (PIPL 44-50)."""

from __future__ import annotations

import re

from backend.kernel.chinese_dates import spoken_date
from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.ports import AskedRequest, OptionalUse, Refused
from workflows.chat.understanding import clean, normalise, pick, read_yes_no, says

MOST_NAMED = 3
MOST_LISTED = 5
FEWEST_CHARACTERS, MOST_CHARACTERS = 6, 500

UNCHANGED = "好，没有变动。"
ANSWERED_BY = "最晚{due}答复您。"


def matches_own_data(text: str) -> int:
    """Whether a text asks about privacy or one's own data."""
    said = normalise(text)
    asks = says(said, "隐私", "我的数据", "个人信息", "我的信息", "我的资料", "我的档案")
    return 2 if asks else 0


def matches_wishes(text: str) -> int:
    """Whether a text asks to change a consent."""
    said = normalise(text)
    asks = says(said, "撤回同意", "取消同意", "撤回授权", "取消授权", "关闭提醒", "打开提醒", "恢复提醒")
    return 2 if asks or re.search(r"(?:不要|别|不用|停止)(?:再|给我|发)*(?:微信)?提醒", said) else 0


def matches_close(text: str) -> int:
    """Whether a text asks to close the account or delete one's data; a household register is another matter."""
    said = normalise(text)
    if says(said, "户口", "户籍"):
        return 0
    asks = says(said, "注销", "销户", "删除账号", "删掉账号")
    return 2 if asks or re.search(r"(?:删除?|删掉|清除|清空).{0,3}我.{0,3}(?:数据|信息|资料)", said) else 0


# --- what there is ---


def _ask_choose(turn: Turn) -> Asked:
    held = turn.ports.rights.held()
    named = "、".join(f"{room.title}{room.records}条" for room in held[:MOST_NAMED])
    rest = f"等{len(held)}类" if len(held) > MOST_NAMED else ""
    return Question(
        f"信息怎么用，看这里：{turn.ports.rights.rules_url()}\n"
        f"现在保存着您的：{named or '没有'}{rest}。\n"
        "1 哪里不对，要改\n2 要一份全部内容\n3 提醒要不要\n4 注销账号、删除信息\n5 申请办到哪了\n不用办就不必回复。"
    )


_OPTIONS = ["哪里不对，要改", "要一份全部内容", "提醒要不要", "注销账号、删除信息", "申请办到哪了"]
_SYNONYMS = [
    ["改", "更正", "改错"],
    ["要一份", "导出", "下载", "复制"],
    ["提醒", "同意", "撤回同意"],
    ["注销", "删除"],
    ["进度", "办到哪"],
]


def _answer_choose(turn: Turn, text: str) -> Answered:
    choice = pick(text, _OPTIONS, _SYNONYMS)
    if choice == 0:
        return GoTo("words")
    if choice == 1:
        return Done(_copy(turn))
    if choice == 2:
        return GoTo("wishes")
    if choice == 3:
        return GoTo("sure")
    if choice == 4:
        return Done(_progress(turn))
    if read_yes_no(text) is not None:
        return Done(UNCHANGED)
    return NotUnderstood("要改回1，要一份回2，提醒回3，注销回4，看进度回5。")


def _copy(turn: Turn) -> str:
    made = turn.ports.rights.make_copy()
    if isinstance(made, Refused):
        return made.sentence
    return f"做好了 ✔ 编号 {made.number}。\n请打开小程序，在“我的”里取，7天内有效。没有小程序的，带身份证到窗口取。"


def _progress(turn: Turn) -> str:
    found = turn.ports.rights.requests()
    if not found:
        return "您没有提过申请。"
    return "\n".join(["您最近的申请：", *(_line(request) for request in found), "详细答复在小程序“我的”里看。"])


def _line(request: AskedRequest) -> str:
    due = f"，{ANSWERED_BY.format(due=spoken_date(request.due))}" if request.open else "。"
    return f"{request.number} {request.title}：{request.state_name}{due}"


# --- correct ---


def _ask_words(_turn: Turn) -> Asked:
    return Question(
        "请写下哪里不对、应该是什么，一句话就行，如：手机号换了，新号以窗口登记的为准。\n请不要在这里发证件号。"
    )


def _answer_words(turn: Turn, text: str) -> Answered:
    words = clean(text)
    if not FEWEST_CHARACTERS <= len(words) <= MOST_CHARACTERS or not re.search(r"[一-鿿]{2}", words):
        return NotUnderstood("请用一句话写下哪里不对、应该是什么；不改了回“取消”。")
    if re.search(r"\d{15}", words):
        return Again("为了您的安全，请不要在这里发证件号，写明改哪一项就行，我们会请您核对。")
    asked = turn.ports.rights.ask_correction(words)
    if isinstance(asked, Refused):
        return Done(asked.sentence)
    answered = ANSWERED_BY.format(due=spoken_date(asked.due))
    return Done(f"收到了 ✔ 编号 {asked.number}，{answered}想看进度，回“我的数据”。")


# --- consent ---


def _uses(turn: Turn) -> list[OptionalUse]:
    return list(turn.ports.rights.uses())[:MOST_LISTED]


def _ask_wishes(turn: Turn) -> Asked:
    lines = [f"{number} {use.title}：现在{'要' if use.given else '不要'}" for number, use in enumerate(_uses(turn), 1)]
    return Question(
        "\n".join(
            ["这些由您定，不要也照样办事：", *lines, "回数字就改过来；不改回“不变”。", turn.ports.rights.rules_url()]
        )
    )


def _answer_wishes(turn: Turn, text: str) -> Answered:
    uses = _uses(turn)
    if normalise(text) in ("不变", "不改", "不改了", "不用改"):
        return Done(UNCHANGED)
    index = pick(text, [use.title for use in uses])
    if index is None:
        return NotUnderstood("要改哪一样，请回前面的数字；不改回“不变”。")
    use = uses[index]
    turn.ports.rights.choose(use.key, not use.given)
    if use.given:
        return Done(f"好，{use.title}不再发了，办事不受影响。以后要，再回“撤回同意”改回来。")
    return Done(f"好，{use.title}打开了。不想要了，回“撤回同意”。")


# --- close ---


def _ask_sure(turn: Turn) -> Asked:
    under_way = turn.ports.rights.under_way()
    note = (
        f"您还有没办完的：{'、'.join(under_way[:MOST_NAMED])}。注销后到时凭身份证照样能办，但收不到提醒。\n"
        if under_way
        else ""
    )
    return Question(
        f"注销后微信马上断开，能删的都删掉，不能恢复。法律要求保存的只存不用，到期清除。\n{note}1 确定注销\n2 不注销"
    )


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["确定注销", "不注销"], [["注销", "确定"], ["不要", "留着"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("要注销请回1，不注销回2。")
    if choice == 1:
        return Done("好，账号还在，什么都没有变。")
    closed = turn.ports.rights.close_account()
    if isinstance(closed, Refused):
        return Done(closed.sentence)
    kept = [f"还要保存的：{'；'.join(closed.kept[:MOST_NAMED])}。"] if closed.kept else []
    more = ["其余的也只存不用，到期清除。"] if len(closed.kept) > MOST_NAMED else []
    return Done("\n".join([f"已经注销了，编号 {closed.number}。", *kept, *more, "以后再来，随时发消息就行。"]))


_CHOOSE = Step("choose", _ask_choose, _answer_choose, ("words", "wishes", "sure"), may_rest=True)
_WORDS = Step("words", _ask_words, _answer_words)
_WISHES = Step("wishes", _ask_wishes, _answer_wishes, may_rest=True)
_SURE = Step("sure", _ask_sure, _answer_sure)

OWN_DATA = Flow(
    name="privacy.own_data",
    title="我的数据",
    call_words="我的数据",
    version=1,
    steps=(_CHOOSE, _WORDS, _WISHES, _SURE),
    matches=matches_own_data,
    farewell=UNCHANGED,
)

WISHES = Flow(
    name="privacy.wishes",
    title="撤回同意",
    call_words="撤回同意",
    version=1,
    steps=(_WISHES,),
    matches=matches_wishes,
    farewell=UNCHANGED,
)

CLOSE = Flow(
    name="privacy.close",
    title="注销账号",
    call_words="注销",
    version=1,
    steps=(_SURE,),
    matches=matches_close,
    farewell="好，账号还在，什么都没有变。",
)
