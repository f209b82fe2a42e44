"""Sentences about cover pictures."""

from __future__ import annotations

from backend.marriage.covers.rules import MOST_BYTES, CoverState

TITLE = "封面"
STATE_NAMES = {
    CoverState.CHECKING: "正在检查",
    CoverState.REVIEW: "等人看一眼",
    CoverState.SHOWN: "已显示",
    CoverState.HIDDEN: "不显示",
}
SAID = {
    CoverState.CHECKING: "照片收到了，看过以后就会出现在亲友的页面上。",
    CoverState.REVIEW: "照片收到了，工作人员看过以后就会出现在亲友的页面上。",
    CoverState.SHOWN: "照片已经在亲友的页面上了，想换可以再发一张。",
    CoverState.HIDDEN: "这张照片没有显示，请换一张。",
}

# --- refusals ---

NOT_AGREED = "要双方都同意云颁证以后，才能放封面。"
COVER_UNKNOWN = "没有找到这张照片，可能已经换了，请刷新页面再看。"
NO_PICTURE = "请选一张照片再发。"
TOO_LARGE = f"照片超过了{MOST_BYTES >> 20}MB，请选“压缩”后再发，或者换一张。"
NOT_CHECKED = "这张照片微信还在检查，半小时内会有结果。"
NEVER = "微信认为这张照片不宜显示，不能放上去。"

# --- desk ---

SHOWN_NOW = "照片已显示在云颁证页面上。"
HIDDEN_NOW = "照片已不再显示。"
WAITING = "看封面"
WAITING_TITLE = "{number} 有封面照片等您看一眼"

# --- held about a person ---

HELD = "您放的云颁证封面"
KEPT = "随云颁证页面，仪式后30天删除"
L_STATE, L_WHEN = "情况", "时间"
RULE = "云颁证页面上的封面照片"
SINCE = "页面到期，或新人撤回"
BASIS = "页面没有了，照片也不再需要"
