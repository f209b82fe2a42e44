"""Sentences and names of the waiting hall."""

from __future__ import annotations

from backend.marriage.kinds import Area, Kind
from backend.marriage.tickets.rules import Lane, TicketState

AREA_NAMES = {Area.MARRIAGE_HALL: "结婚登记", Area.DIVORCE_ROOM: "离婚登记", Area.SERVICE_WINDOW: "补领和档案"}
# In the hall nobody reads aloud what others came for.
PUBLIC_AREA_NAMES = {Area.MARRIAGE_HALL: "A 区", Area.DIVORCE_ROOM: "B 区", Area.SERVICE_WINDOW: "C 区"}

DOOR_CODE_LABEL = "签到码，微信扫一扫"

KIND_NAMES = {
    Kind.MARRIAGE_REGISTRATION: "结婚登记",
    Kind.FOREIGN_RELATED: "涉外、涉港澳台登记",
    Kind.DIVORCE_APPLICATION: "离婚登记申请",
    Kind.DIVORCE_WITHDRAWAL: "撤回离婚登记申请",
    Kind.DIVORCE_CERTIFICATE: "领取离婚证",
    Kind.MARRIAGE_CERTIFICATE_REISSUE: "补领结婚证",
    Kind.DIVORCE_CERTIFICATE_REISSUE: "补领离婚证",
    Kind.ARCHIVE_QUERY: "档案查询",
    Kind.REGISTRATION_REVOCATION: "撤销婚姻登记",
}

TICKET_STATE_NAMES = {
    TicketState.WAITING: "等候",
    TicketState.CALLED: "已叫号",
    TicketState.SERVING: "办理中",
    TicketState.DONE: "办完",
    TicketState.LEFT: "过号",
}
LANE_NAMES = {Lane.ORDINARY: "", Lane.PRIORITY: "优先"}

NO_TICKET = "没有这个号，可能是别的登记处的。"
NOT_FROM_HERE = "{label} 现在是“{state}”，同事可能已经办了。页面已更新。"
NOBODY_WAITS = "{area}现在没有人等候。"
NO_WINDOW = "请先选您坐的窗口，再叫号。"
AT_WINDOW_STILL = "{label} 还在您的窗口，请先办完或记过号，再叫下一位。"
WINDOW_TAKEN = "{window} 号窗口已经有同事在用，请选别的窗口。"
WINDOW_OUT = "{window} 号窗口停到 {until}，这之前不叫号。修好了请点“恢复叫号”。"
WINDOW_UNKNOWN = "窗口号请填 1 到 99。"
CHOICE_UNKNOWN = "请从列表里选。"
KIND_NOT_AT_WINDOWS = "这项业务不在窗口叫号。"
NUMBERS_USED_UP = "这个区今天的号已经取到 999 号，请手工排队。"
ISSUED = "{label} 取好了，前面 {ahead} 位{wait}。"
WAIT = "，约等 {minutes} 分钟"
NO_WAIT = "，可以马上办"
CALLED = "请 {label} 到 {window} 号窗口。"
CHECKED_IN = "{number} 签到好了，取号 {label}，前面 {ahead} 位{wait}。"
CHECKED_IN_LATE = "{number} 签到好了，已过约的时间，按现场顺序取号 {label}，前面 {ahead} 位{wait}。"
WINDOW_OPENED = "您在 {window} 号窗口，办{area}。"
WINDOW_CLOSED = "您的窗口已经停止叫号。"
TICKET_STEPS_DONE = {
    TicketState.CALLED: "再叫一遍：请 {label} 到 {window} 号窗口。",
    TicketState.SERVING: "{label} 开始办理。",
    TicketState.DONE: "{label} 办完。",
    TicketState.LEFT: "{label} 记为过号，回来时按“重新排队”。",
    TicketState.WAITING: "{label} 重新排队。",
}

NOT_FOUND_TODAY = "今天在这里没有找到这个预约。请核对后四位或预约号；没有预约的可以现场取号。"
FOUND_OTHER_DAY = "{number} 约的是{moment}，不是今天。可以现场取号，或请当事人改约。"
ALREADY_ARRIVED = "{number} 已经签到，取的是 {label}。"
ALREADY_ENDED = "{number} 现在是“{state}”。要办请现场取号。"

ABSENT_BY_ITSELF = "约的时间已过，没有签到"
NOT_ABSENT = "只有记为未到的预约可以撤销未到。"
ANNULLED_ALREADY = "这次未到已经撤销过了。"

RULE_TICKETS = "叫号记录（不含姓名）"
SINCE_TICKET = "取号当天"
BASIS_TICKETS = "统计等候时间和窗口负荷"
HELD_TICKET = "{label}，{at}"
L_TICKET = "现场取号"
L_PAPERS = "窗口核对的材料"
L_ANNULLED = "未到已撤销，原因"
PAPERS_LOOKED_AT = "齐 {in_order} 项，不齐 {missing} 项"
