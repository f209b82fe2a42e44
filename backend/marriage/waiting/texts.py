"""Sentences of the waiting list: what residents read when something cannot be done, and what bureaus may set."""

from __future__ import annotations

from backend.marriage.waiting.rules import WaitingState
from backend.parameters import Words

ENTRY_UNKNOWN = "没有找到这个候补，请回“候补”看看现在的情况。"
DAYS_ORDER = "结束日期不能早于开始日期。"
DAYS_OR_SLOT = "请选一个时段，或写明开始和结束日期，两样选一样。"
RANGE_TOO_LONG = "候补最多选一个月以内的日期。"
NOT_OPEN = "这些日子不办这件事，或网上预约已经截止，请换日期，或打电话 {phone} 问一问。"
NOT_RELEASED = "{day}的号还没放出，{moment}放号，那时直接预约就行。"
STILL_FREE = "这些日子还有空位，不用排队，直接约就行。"
ALREADY_WAITING = "两位当中有人已经在排这件事的候补了。要换日子，请先退出原来的候补。"
ALREADY_WAITING_ONE = "这位已经在排这件事的候补了。要换日子，请先退出原来的候补。"
HAVE_PLACE = "两位当中有人已经有同样的预约了。要换时间请改约，不用候补。"
OFFER_GONE = "这个位置留的时间已过，已经让给下一位了。"
NO_OFFER = "现在没有留给您的位置，轮到您时会马上告诉您。"

STATE_NAMES = {
    WaitingState.WAITING: "候补中",
    WaitingState.OFFERED: "有位置，等您答复",
    WaitingState.BOOKED: "已约上",
    WaitingState.LEFT: "已退出",
    WaitingState.ENDED: "已结束",
}

REASON_MISSING = "请写明原因，80字以内，候补的人会读到。"
ENDED_BY_STAFF_HINT = "{reason}。有疑问请打{phone}"

# --- at the desk ---

DESK_NAME = "候补名单"
EVENT_NAMES = {
    "joined": "排上候补",
    "offered": "轮到，留位",
    "accepted": "接受，约上了",
    "passed": "让给下一位",
    "offer_expired": "没有答复，让给下一位",
    "left": "自己退出",
    "settled": "已有预约，自动结束",
    "days_over": "日子过了，自动结束",
    "stopped": "停止",
    "ended_by_staff": "登记处结束",
}
ADDED = "排上了，前面还有{ahead}位。轮到时工作台会提醒打电话。"
ENDED = "候补结束了，留的位置让给下一位。"
ACCEPTED = "约好了，预约号 {number}。"
PASSED = "让给下一位了。"
WAITING = "候补有位置"
WAITING_TITLE = "{moment} 的位置留到{until}，请打电话问要不要"
FALSE_CHOICE = "请从列表里选一项。"
DAY_FORM = "请填日期。"

OFFER_HINT = "回1接受，回2让给下一位"
OFFER_HINT_CERTAIN = "没看到数字提示时，先回“候补”"
STILL_IN_LINE_HINT = "您还在候补，有位置再告诉您"
LINE_OVER_HINT = "候补已结束，还要约的话可以重新排"
DAYS_OVER_HINT = "这次没有等到空位，可以看看别的日子，当天也可以到窗口取号"
HAS_PLACE_HINT = "您已经约好了，这个候补自动结束，不用再管"

# --- what a registry may set ---

PARAMETERS_TITLE = "候补"
PARAMETERS = {
    "marriage.waiting_hold_minutes": Words(
        "空位为候补的人留多久", "轮到的人在这段时间里答复，晚上9点到早上8点不算在内。", "分钟"
    ),
    "marriage.waiting_offers": Words("最多轮到几次", "轮到这么多次都没接受，候补就结束，请重新排。", "次"),
}

# --- what is held about a person ---

HELD_WAITING = "婚姻登记候补"
HELD_KEPT = "结束后保存180天"
L_MATTER = "事项"
L_OFFICE = "登记处"
L_DAYS = "日子"
L_STATE = "进展"
L_SINCE = "排队时间"
L_NAME = "姓名"
L_ID_NUMBER = "证件号码"
L_PHONE = "手机"
RULE_WAITING = "结束的婚姻登记候补"
SINCE_ENDED = "候补结束"
BASIS_WAITING = "便于答复候补的疑问，过后不再需要"

LIFE_EFFECTS = {"waiting_ended": "结束候补", "waiting_restored": "恢复候补"}
LIFE_LEFT = {"marriage_waiting": "候补（日子已过，或另有新的候补或预约）"}
