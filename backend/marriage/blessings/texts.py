"""Sentences about guests' blessings."""

from __future__ import annotations

from backend.marriage.blessings.rules import MOST_NAME, MOST_ON_A_PAGE, MOST_TEXT, BlessingState, Finding, is_closed

TITLE = "祝福"
STATE_NAMES = {
    BlessingState.CHECKING: "正在检查",
    BlessingState.REVIEW: "等人看一眼",
    BlessingState.SHOWN: "已显示",
    BlessingState.HIDDEN: "不显示",
}
FINDINGS = {
    Finding.PASS: "微信检查：没有问题",
    Finding.REVIEW: "微信检查：拿不准",
    Finding.RISKY: "微信检查：不宜显示",
    Finding.UNASKED: "微信没法检查",
}
SAID = {
    BlessingState.CHECKING: "收到了，看过以后就会出现在这里。",
    BlessingState.REVIEW: "收到了，工作人员看过以后就会出现在这里。",
    BlessingState.SHOWN: "您的祝福已经在页面上了，想改可以重写。",
    BlessingState.HIDDEN: "这几句话没有显示，换个说法再写一次吧。",
}
HIDDEN_BY_SOMEBODY = "这条祝福没有显示在页面上，不能再写了。"

# --- refusals ---

PAGE_UNKNOWN = "这个链接已经到期或不对，请向新人要新的。"
BLESSING_UNKNOWN = "没有找到这条祝福，请刷新页面再看。"
NAME_FORM = f"请写您的称呼，最多{MOST_NAME}个字。"
WORDS_FORM = f"请写几句祝福，最多{MOST_TEXT}个字。"
NUMBERS = "祝福里不要写电话和证件号码。"
FULL = f"这一页已经有{MOST_ON_A_PAGE}条祝福，写不下了。心意新人会知道的。"
NOT_CHECKED = "这条祝福微信还在检查，过几分钟再看。"

# --- desk ---

SHOWN_NOW = "已显示在云颁证页面上。"
HIDDEN_NOW = "已不再显示。"
WAITING = "看祝福"
WAITING_TITLE = "{number} 有祝福等您看一眼"

# --- held about a person ---

HELD = "您写的祝福"
KEPT = "随云颁证页面，仪式后30天删除"
L_NAME, L_WORDS, L_STATE, L_WHEN = "称呼", "祝福", "情况", "时间"
RULE = "云颁证页面上的祝福"
SINCE = "页面到期，或新人撤回"
BASIS = "页面没有了，祝福也不再需要"


def told(state: BlessingState, finding: Finding | None) -> str:
    """How a guest's words stand, said to the guest."""
    return HIDDEN_BY_SOMEBODY if is_closed(state, finding) else SAID[state]
