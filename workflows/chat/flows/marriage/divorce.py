"""我的离婚申请: where one's own application stands and what comes next, to the person alone; care offered once."""

from __future__ import annotations

import re

from backend.kernel.chinese_dates import spoken_day
from workflows.chat.engine import Answered, Asked, Done, Flow, NotUnderstood, Question, Step, Turn
from workflows.chat.ports import OwnApplication, Refused
from workflows.chat.understanding import normalise, pick, read_yes_no, says

NONE_YET = "没有查到您名下在办的申请。申请要双方一起到登记处办理；办过的请带回执单到窗口核对，或回“人工”。"
BY_RECEIPT = "以回执单及登记处告知为准。"
NOTHING_CHANGED = "好，没有变动。您说的只有您自己能看到。"
CARED = "好，社工会按约定给您打电话，聊的内容不会告诉另一方。不想要了，随时回“关爱电话”。"
NOT_CARED = "好，不打电话。办事不受影响，需要时再说“关爱电话”就行；想约人当面聊，回“婚姻辅导”。"

_VIOLENCE = ("家暴", "打我", "威胁我", "掐我", "不敢回家", "拿刀", "人身安全")


def matches_application(text: str) -> int:
    """Whether a text asks about one's own application; booking a time for it is another matter."""
    said = normalise(text)
    if re.search(r"预约|约个|约号|怎么(?:办|申请)|要带", said):
        return 0
    asks = says(said, "我申请的业务", "我的离婚", "冷静期", "离婚进度", "离婚申请", "离婚办到哪") or "关爱电话" in said
    return 2 if asks else 0


def _ask_shown(turn: Turn) -> Asked:
    found = turn.ports.divorce.applications()
    if isinstance(found, Refused):
        return Done(found.sentence)
    if not found:
        return Done(NONE_YET)
    own = found[0]
    lines = [turn.ports.divorce.safety()] if own.at_risk and own.open else []
    lines.append(_told(own))
    if not own.open:
        return Done("\n".join(lines))
    wants = turn.ports.divorce.wants_care()
    if wants is not None:
        care = "社工会按约定给您打电话；不想要了，回“不要”。" if wants else "想要社工给您打电话聊聊，回“要”。"
        return Question("\n".join([*lines, care]))
    offer = f"需要的话，社工可以给您打电话聊聊，您说的不会告诉另一方（{turn.ports.divorce.rules_url()}）："
    return Question("\n".join([*lines, offer, "1 愿意  2 不用"]))


def _told(own: OwnApplication) -> str:
    head = f"您的申请（回执 {own.receipt}）：{own.state_name}。"
    if own.state in ("accepted", "cooling"):
        days = (
            f"撤回可以在{spoken_day(own.withdraw_until)}下班前办理，任何一方到窗口即可。\n"
            f"{spoken_day(own.first)}至{spoken_day(own.last)}之间，双方一起到{own.office_name}办理；逾期视为撤回。"
        )
    elif own.state == "window":
        booked = "您二位已经约好了时间。" if own.booked else "工作日办理，可以先预约。"
        days = f"{spoken_day(own.last)}下班前，双方一起到{own.office_name}领证；逾期视为撤回。{booked}"
    else:
        days = f"有不明白的，打{own.office_name} {own.office_phone}。"
    moving = "下一年的放假安排还没公布，日期可能调整。" if own.provisional and own.open else ""
    return f"{head}\n{days}\n{moving}{BY_RECEIPT if own.open else ''}".strip()


def _answer_shown(turn: Turn, text: str) -> Answered:
    said = normalise(text)
    if says(said, *_VIOLENCE):
        return Done(turn.ports.divorce.safety())
    choice = pick(text, ["愿意", "不用"], [["要", "想要", "可以"], ["不要", "不愿意", "不想", "算了"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("愿意回1，不用回2；不回也没关系。")
    turn.ports.divorce.choose_care(choice == 0)
    return Done(CARED if choice == 0 else NOT_CARED)


APPLICATION = Flow(
    name="marriage.divorce",
    title="我申请的业务",  # these words are said back to people, on whatever screen
    call_words="我申请的业务",
    version=1,
    steps=(Step("shown", _ask_shown, _answer_shown, may_rest=True),),
    matches=matches_application,
    farewell=NOTHING_CHANGED,
)
