"""Words of the console's pages of rushes and of its files."""

from __future__ import annotations

from backend.marriage.rush.rules import Phase, RequestState, RushMode

DESK_NAME = "高峰日放号"
PHASE_NAMES = {
    Phase.AHEAD: "还没开始",
    Phase.OPEN: "正在登记",
    Phase.DRAWING: "正在给位置",
    Phase.SETTLED: "已结束",
    Phase.CALLED_OFF: "已取消",
}
PHASE_MARKS = {
    Phase.AHEAD: ("booked", "clock"),
    Phase.OPEN: ("checked_in", "people"),
    Phase.DRAWING: ("confirmed", "hourglass"),
    Phase.SETTLED: ("served", "seal"),
    Phase.CALLED_OFF: ("cancelled", "undo"),
}
MODE_NAMES = {RushMode.QUEUE: "按号码先后", RushMode.DRAW: "登记后摇号"}
PART_NAMES = {"any": "都行", "morning": "上午", "afternoon": "下午"}
STATE_NAMES = {
    RequestState.ASKED: "等结果",
    RequestState.PLACED: "约上了",
    RequestState.UNPLACED: "没有排上",
    RequestState.WITHDRAWN: "已退出",
}

PUT_OFF = "推迟了，关注的居民马上会收到通知。"
CALLED_OFF = "放号取消了，当天改为直接预约。关注的居民马上会收到通知。"
TIME_FORM = "请填开始时间，如 2026-05-13 10:00。"
WAITING = "高峰日放号"
WAITING_TITLE = "{day}的号{moment}开始登记，{office}"

EXPORT_TITLE = "高峰日放号凭据"
EXPORT_OF = "{day} {office}，{mode}"
EXPORT_COLUMNS = {
    "number": "号码",
    "asked_at": "登记时间",
    "part": "想要",
    "turn": "摇到第几位",
    "state": "结果",
    "starts_at": "给的时间",
}
NO_RUSH = "没有这个放号，请从页面上重新点。"
